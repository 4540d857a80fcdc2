//! What keys give under the layouts of Windows. Dead keys give nothing: what
//! they make together with the next key comes as text. A layout without a
//! table here is typed by position alone.

/// What stands where a key gives nothing.
pub(super) const NONE: char = '␣';

/// One layout: a character a key, in the order of [`KEYS`].
#[derive(Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) base: &'static str,
    pub(super) shift: &'static str,
    /// Pairs: what a key gives alone, and what it gives with AltGr.
    pub(super) alt_graph: &'static str,
}

/// The keys that give characters, row by row.
pub(super) const KEYS: [&str; 48] = [
    "Backquote",
    "Digit1",
    "Digit2",
    "Digit3",
    "Digit4",
    "Digit5",
    "Digit6",
    "Digit7",
    "Digit8",
    "Digit9",
    "Digit0",
    "Minus",
    "Equal",
    "KeyQ",
    "KeyW",
    "KeyE",
    "KeyR",
    "KeyT",
    "KeyY",
    "KeyU",
    "KeyI",
    "KeyO",
    "KeyP",
    "BracketLeft",
    "BracketRight",
    "KeyA",
    "KeyS",
    "KeyD",
    "KeyF",
    "KeyG",
    "KeyH",
    "KeyJ",
    "KeyK",
    "KeyL",
    "Semicolon",
    "Quote",
    "Backslash",
    "IntlBackslash",
    "KeyZ",
    "KeyX",
    "KeyC",
    "KeyV",
    "KeyB",
    "KeyN",
    "KeyM",
    "Comma",
    "Period",
    "Slash",
];

/// Windows' number of a layout; American English for a name that is none.
pub(super) fn id(name: &str) -> u32 {
    match name {
        "cs-cz-qwertz" => 0x0405,
        "da-dk-qwerty" => 0x0406,
        "de-ch-qwertz" => 0x0807,
        "de-de-qwertz" => 0x0407,
        "en-gb-qwerty" => 0x0809,
        "es-es-qwerty" => 0x040a,
        "es-latam-qwerty" => 0x080a,
        "fr-be-azerty" => 0x080c,
        "fr-ca-qwerty" => 0x0c0c,
        "fr-ch-qwertz" => 0x100c,
        "fr-fr-azerty" => 0x040c,
        "hu-hu-qwertz" => 0x040e,
        "it-it-qwerty" => 0x0410,
        "ja-jp-qwerty" => 0x0411,
        "no-no-qwerty" => 0x0414,
        "pl-pl-qwerty" => 0x0415,
        "pt-br-qwerty" => 0x0416,
        "pt-pt-qwerty" => 0x0816,
        "ro-ro-qwerty" => 0x0418,
        "sv-se-qwerty" => 0x041d,
        "tr-tr-qwerty" => 0x041f,
        _ => 0x0409,
    }
}

#[rustfmt::skip]
pub(super) static TABLES: &[Table] = &[
    Table {
        name: "en-us-qwerty",
        base:  "`1234567890-=qwertyuiop[]asdfghjkl;'\\\\zxcvbnm,./",
        shift: "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"||ZXCVBNM<>?",
        alt_graph: "",
    },
    Table {
        name: "pl-pl-qwerty",
        base:  "`1234567890-=qwertyuiop[]asdfghjkl;'\\\\zxcvbnm,./",
        shift: "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"||ZXCVBNM<>?",
        alt_graph: "aącćeęlłnńoósśxźzż",
    },
    Table {
        name: "en-gb-qwerty",
        base:  "`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
        shift: "¬!\"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?",
        alt_graph: "`¦4€",
    },
    Table {
        name: "de-de-qwertz",
        base:  "␣1234567890ß␣qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
        shift: "°!\"§$%&/()=?␣QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
        alt_graph: "2²3³7{8[9]0}ß\\q@e€+~<|mµ",
    },
    Table {
        name: "de-ch-qwertz",
        base:  "§1234567890'␣qwertzuiopü␣asdfghjklöä$<yxcvbnm,.-",
        shift: "°+\"*ç%&/()=?␣QWERTZUIOPè!ASDFGHJKLéà£>YXCVBNM;:_",
        alt_graph: "1¦2@3#7|8¢<\\e€ü[ä{$}",
    },
    Table {
        name: "fr-ch-qwertz",
        base:  "§1234567890'␣qwertzuiopè␣asdfghjkléà$<yxcvbnm,.-",
        shift: "°+\"*ç%&/()=?␣QWERTZUIOPü!ASDFGHJKLöä£>YXCVBNM;:_",
        alt_graph: "1¦2@3#7|8¢<\\e€è[à{$}",
    },
    Table {
        name: "fr-fr-azerty",
        base:  "²&é\"'(-è_çà)=azertyuiop␣$qsdfghjklmù*<wxcvbn,;:!",
        shift: "␣1234567890°+AZERTYUIOP␣£QSDFGHJKLM%µ>WXCVBN?./§",
        alt_graph: "\"#'{([-|_\\ç^à@)]=}e€$¤",
    },
    Table {
        name: "fr-be-azerty",
        base:  "²&é\"'(§è!çà)-azertyuiop␣$qsdfghjklmùµ<wxcvbn,;:=",
        shift: "³1234567890°_AZERTYUIOP␣*QSDFGHJKLM%£>WXCVBN?./+",
        alt_graph: "&|é@\"#ç{à}e€$]<\\",
    },
    Table {
        name: "it-it-qwerty",
        base:  "\\1234567890'ìqwertyuiopè+asdfghjklòàù<zxcvbnm,.-",
        shift: "|!\"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°§>ZXCVBNM;:_",
        alt_graph: "è[+]ò@à#e€",
    },
    Table {
        name: "es-es-qwerty",
        base:  "º1234567890'¡qwertyuiop␣+asdfghjklñ␣ç<zxcvbnm,.-",
        shift: "ª!\"·$%&/()=?¿QWERTYUIOP␣*ASDFGHJKLÑ␣Ç>ZXCVBNM;:_",
        alt_graph: "º\\1|2@3#6¬e€+]ç}",
    },
    Table {
        name: "es-latam-qwerty",
        base:  "|1234567890'¿qwertyuiop␣+asdfghjklñ{}<zxcvbnm,.-",
        shift: "°!\"#$%&/()=?¡QWERTYUIOP␣*ASDFGHJKLÑ[]>ZXCVBNM;:_",
        alt_graph: "|¬q@'\\",
    },
    Table {
        name: "pt-pt-qwerty",
        base:  "\\1234567890'«qwertyuiop+␣asdfghjklçº␣<zxcvbnm,.-",
        shift: "|!\"#$%&/()=?»QWERTYUIOP*␣ASDFGHJKLÇª␣>ZXCVBNM;:_",
        alt_graph: "2@3£4§7{8[9]0}e€",
    },
    Table {
        name: "pt-br-qwerty",
        base:  "'1234567890-=qwertyuiop␣[asdfghjklç␣]\\zxcvbnm,.;",
        shift: "\"!@#$%␣&*()_+QWERTYUIOP␣{ASDFGHJKLÇ␣}|ZXCVBNM<>:",
        alt_graph: "1¹2²3³4£5¢6¬",
    },
    Table {
        name: "sv-se-qwerty",
        base:  "§1234567890+␣qwertyuiopå␣asdfghjklöä'<zxcvbnm,.-",
        shift: "½!\"#¤%&/()=?␣QWERTYUIOPÅ␣ASDFGHJKLÖÄ*>ZXCVBNM;:_",
        alt_graph: "2@3£4$7{8[9]0}+\\e€<|mµ",
    },
    Table {
        name: "da-dk-qwerty",
        base:  "½1234567890+␣qwertyuiopå␣asdfghjklæø'<zxcvbnm,.-",
        shift: "§!\"#¤%&/()=?␣QWERTYUIOPÅ␣ASDFGHJKLÆØ*>ZXCVBNM;:_",
        alt_graph: "2@3£4$7{8[9]0}<\\e€mµ",
    },
    Table {
        name: "no-no-qwerty",
        base:  "|1234567890+\\qwertyuiopå␣asdfghjkløæ'<zxcvbnm,.-",
        shift: "§!\"#¤%&/()=?␣QWERTYUIOPÅ␣ASDFGHJKLØÆ*>ZXCVBNM;:_",
        alt_graph: "2@3£4$7{8[9]0}e€mµ",
    },
];
