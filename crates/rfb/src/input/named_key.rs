//! Keysyms of keys that are no characters, and of those whose place on the
//! keyboard matters (W3C "UI Events KeyboardEvent key Values").

/// The keysym of a named key, or of a key of the number pad.
pub(super) fn named_keysym(code: &str, key: &str) -> Option<u32> {
    if code.starts_with("Numpad")
        && let Some(keysym) = numpad(key)
    {
        return Some(keysym);
    }
    if let Some(keysym) = sided(code, key) {
        return Some(keysym);
    }
    if let Some(keysym) = function_key(key) {
        return Some(keysym);
    }
    NAMED
        .iter()
        .find(|(name, _)| *name == key)
        .map(|(_, keysym)| *keysym)
}

/// What a key of the number pad means.
fn numpad(key: &str) -> Option<u32> {
    Some(match key {
        "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" => {
            0xffb0 + u32::from(key.as_bytes()[0] - b'0')
        }
        "Enter" => 0xff8d,
        "Home" => 0xff95,
        "ArrowLeft" => 0xff96,
        "ArrowUp" => 0xff97,
        "ArrowRight" => 0xff98,
        "ArrowDown" => 0xff99,
        "PageUp" => 0xff9a,
        "PageDown" => 0xff9b,
        "End" => 0xff9c,
        "Clear" => 0xff9d,
        "Insert" => 0xff9e,
        "Delete" => 0xff9f,
        "=" => 0xffbd,
        "*" => 0xffaa,
        "+" => 0xffab,
        "," => 0xffac,
        "-" => 0xffad,
        "." => 0xffae,
        "/" => 0xffaf,
        _ => return None,
    })
}

/// Modifiers, of which there is one on either side.
fn sided(code: &str, key: &str) -> Option<u32> {
    let right = code.ends_with("Right");
    Some(match (key, right) {
        ("Shift", false) => 0xffe1,
        ("Shift", true) => 0xffe2,
        ("Control", false) => 0xffe3,
        ("Control", true) => 0xffe4,
        ("Alt", false) => 0xffe9,
        ("Alt", true) => 0xffea,
        // The key with a window or a command sign: what X11 calls Super.
        ("Meta" | "OS" | "Super", false) => 0xffeb,
        ("Meta" | "OS" | "Super", true) => 0xffec,
        ("Hyper", false) => 0xffed,
        ("Hyper", true) => 0xffee,
        _ => return None,
    })
}

/// F1 to F35.
fn function_key(key: &str) -> Option<u32> {
    let number: u32 = key.strip_prefix('F')?.parse().ok()?;
    (1..=35).contains(&number).then(|| 0xffbd + number)
}

const NAMED: [(&str, u32); 87] = [
    ("Backspace", 0xff08),
    ("Tab", 0xff09),
    ("Clear", 0xff0b),
    ("Enter", 0xff0d),
    ("Pause", 0xff13),
    ("ScrollLock", 0xff14),
    ("Escape", 0xff1b),
    ("Delete", 0xffff),
    ("Compose", 0xff20),
    ("CodeInput", 0xff37),
    ("SingleCandidate", 0xff3c),
    ("AllCandidates", 0xff3d),
    ("PreviousCandidate", 0xff3e),
    ("KanjiMode", 0xff21),
    ("NonConvert", 0xff22),
    ("Convert", 0xff23),
    ("Romaji", 0xff24),
    ("Hiragana", 0xff25),
    ("Katakana", 0xff26),
    ("HiraganaKatakana", 0xff27),
    ("Zenkaku", 0xff28),
    ("Hankaku", 0xff29),
    ("ZenkakuHankaku", 0xff2a),
    ("KanaMode", 0xff2d),
    ("Alphanumeric", 0xff30),
    ("HangulMode", 0xff31),
    ("HanjaMode", 0xff34),
    ("JunjaMode", 0xff38),
    ("Home", 0xff50),
    ("ArrowLeft", 0xff51),
    ("ArrowUp", 0xff52),
    ("ArrowRight", 0xff53),
    ("ArrowDown", 0xff54),
    ("PageUp", 0xff55),
    ("PageDown", 0xff56),
    ("End", 0xff57),
    ("Select", 0xff60),
    ("PrintScreen", 0xff61),
    ("Execute", 0xff62),
    ("Insert", 0xff63),
    ("Undo", 0xff65),
    ("Redo", 0xff66),
    ("Again", 0xff66),
    ("ContextMenu", 0xff67),
    ("Find", 0xff68),
    ("Cancel", 0xff69),
    ("Help", 0xff6a),
    ("ModeChange", 0xff7e),
    ("NumLock", 0xff7f),
    ("CapsLock", 0xffe5),
    ("AltGraph", 0xfe03),
    ("BrightnessUp", 0x1008_ff02),
    ("BrightnessDown", 0x1008_ff03),
    ("Standby", 0x1008_ff10),
    ("AudioVolumeDown", 0x1008_ff11),
    ("AudioVolumeMute", 0x1008_ff12),
    ("AudioVolumeUp", 0x1008_ff13),
    ("MediaPlayPause", 0x1008_ff14),
    ("MediaPlay", 0x1008_ff14),
    ("MediaStop", 0x1008_ff15),
    ("MediaTrackPrevious", 0x1008_ff16),
    ("MediaTrackNext", 0x1008_ff17),
    ("BrowserHome", 0x1008_ff18),
    ("LaunchMail", 0x1008_ff19),
    ("BrowserSearch", 0x1008_ff1b),
    ("MediaRecord", 0x1008_ff1c),
    ("LaunchApplication2", 0x1008_ff1d),
    ("LaunchCalculator", 0x1008_ff1d),
    ("BrowserBack", 0x1008_ff26),
    ("BrowserForward", 0x1008_ff27),
    ("BrowserStop", 0x1008_ff28),
    ("BrowserRefresh", 0x1008_ff29),
    ("PowerOff", 0x1008_ff2a),
    ("Power", 0x1008_ff2a),
    ("WakeUp", 0x1008_ff2b),
    ("Eject", 0x1008_ff2c),
    ("Sleep", 0x1008_ff2f),
    ("BrowserFavorites", 0x1008_ff30),
    ("MediaPause", 0x1008_ff31),
    ("LaunchMediaPlayer", 0x1008_ff32),
    ("LaunchApplication1", 0x1008_ff33),
    ("Close", 0x1008_ff56),
    ("Copy", 0x1008_ff57),
    ("Cut", 0x1008_ff58),
    ("New", 0x1008_ff68),
    ("Open", 0x1008_ff6b),
    ("Paste", 0x1008_ff6d),
];
