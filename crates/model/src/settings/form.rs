//! The types of setting values and the texts that are taken for them.
//!
//! Booleans and numbers may be given as texts, and the empty text stands for
//! "not set" in every type, as in Guacamole. Nothing else is converted: a
//! number where a text belongs is an error, for `007` would lose its zeros.

use serde_json::Value;

use super::{certificate, ssh_key, vnc};
use crate::host::Host;

/// Longest value of one line, in bytes.
pub(super) const TEXT_BYTES_MAX: usize = 4096;
/// Longest value of several lines, in bytes.
pub(super) const LONG_TEXT_BYTES_MAX: usize = 32 * 1024;

/// The type of a setting's value.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole number in a range, both ends included.
    Integer {
        /// The least number.
        min: i64,
        /// The greatest number.
        max: i64,
    },
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// One line of text, at most 4096 bytes.
    Text,
    /// Lines of text, at most 32 KiB in all.
    LongText,
    /// A text of a certain form.
    Form(&'static Form),
}

/// A form that a text has to have.
#[derive(Debug)]
pub struct Form {
    /// What it is called in errors.
    pub expected: &'static str,
    /// Whether a text, never the empty one, has it.
    pub takes: fn(&str) -> bool,
}

impl Kind {
    /// What the type takes, for errors.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Boolean => "true or false".to_owned(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Choice(choices) => format!("one of {}", choices.join(", ")),
            Self::Text => format!("one line of text of at most {TEXT_BYTES_MAX} bytes"),
            Self::LongText => format!("a text of at most {LONG_TEXT_BYTES_MAX} bytes"),
            Self::Form(form) => form.expected.to_owned(),
        }
    }

    /// Whether a value as it is written is of the type.
    #[must_use]
    pub fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            // `null` removes a setting, whatever its type.
            (_, Value::Null) | (Self::Boolean, Value::Bool(_)) => true,
            (Self::Integer { .. } | Self::Choice(_), Value::Number(number)) => {
                self.takes_text(&number.to_string())
            }
            (_, Value::String(text)) => self.takes_text(text),
            _ => false,
        }
    }

    /// Whether a text is of the type.
    #[must_use]
    pub fn takes_text(&self, text: &str) -> bool {
        if text.is_empty() {
            return true;
        }
        match self {
            Self::Boolean => parse_boolean(text).is_some(),
            Self::Integer { min, max } => {
                parse_integer(text).is_some_and(|number| (*min..=*max).contains(&number))
            }
            Self::Choice(choices) => choices.contains(&text),
            Self::Text => text.len() <= TEXT_BYTES_MAX && is_text(text, false),
            Self::LongText => text.len() <= LONG_TEXT_BYTES_MAX && is_text(text, true),
            Self::Form(form) => text.len() <= LONG_TEXT_BYTES_MAX && (form.takes)(text),
        }
    }
}

/// Reads a boolean given as text: `true`, `yes`, `on` and their opposites.
pub(super) fn parse_boolean(text: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["true", "yes", "on"]) {
        return Some(true);
    }
    is(["false", "no", "off"]).then_some(false)
}

/// Reads a whole number given as text.
pub(super) fn parse_integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// What was written instead, for errors: the value when it may be seen and is
/// short, else its type.
pub(super) fn got(value: &Value, secret: bool) -> String {
    const SHOWN_CHARS_MAX: usize = 40;
    let kind = match value {
        Value::Null => return "null".to_owned(),
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number (write it in quotes)",
        Value::String(_) => "a text of another form",
        Value::Array(_) => return "a list".to_owned(),
        Value::Object(_) => return "a map".to_owned(),
    };
    let shown = value.to_string();
    if secret || shown.chars().count() > SHOWN_CHARS_MAX {
        return kind.to_owned();
    }
    match value {
        Value::Number(_) => format!("the number {shown}"),
        _ => shown,
    }
}

fn is_text(text: &str, lines: bool) -> bool {
    text.chars()
        .all(|c| !c.is_control() || (lines && matches!(c, '\n' | '\r' | '\t')))
}

/// One word of at most `max` bytes: letters, digits and the given marks.
fn is_word(text: &str, max: usize, marks: &str) -> bool {
    text.len() <= max
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || marks.contains(c))
}

/// A host without a port.
pub(super) static HOST_NAME: Form = Form {
    expected: "a host name or an address, without a port",
    takes: |text| text.parse::<Host>().is_ok_and(|host| host.port().is_none()),
};

/// Value of `TERM`.
pub(super) static TERMINAL_TYPE: Form = Form {
    expected: "the name of a terminal type, such as xterm-256color",
    takes: |text| is_word(text, 64, "-+._"),
};

/// Value of `LANG`.
pub(super) static LOCALE: Form = Form {
    expected: "a locale such as de_DE.UTF-8",
    takes: |text| is_word(text, 64, "-_.@"),
};

/// Value of `TZ`.
pub(super) static TIME_ZONE: Form = Form {
    expected: "a time zone such as Europe/Vienna",
    takes: |text| is_word(text, 64, "-+_/:"),
};

/// Name of a keyboard layout.
pub(super) static KEYBOARD_LAYOUT: Form = Form {
    expected: "a keyboard layout such as de-de-qwertz",
    takes: |text| super::rdp::KEYBOARD_LAYOUTS.contains(&text),
};

/// A font family, as it may stand in a style sheet: no quotes, no semicolons.
pub(super) static FONT_NAME: Form = Form {
    expected: "the name of a font: letters, digits, spaces, hyphens and commas",
    takes: |text| {
        text.len() <= 128
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | ','))
    },
};

/// Six bytes in hexadecimal.
pub(super) static MAC_ADDRESS: Form = Form {
    expected: "a hardware address such as 00:00:5e:00:53:01",
    takes: |text| {
        let parts: Vec<&str> = text.split([':', '-']).collect();
        parts.len() == 6
            && parts
                .iter()
                .all(|part| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    },
};

/// A private key.
pub(super) static PRIVATE_KEY: Form = Form {
    expected: "a private key in OpenSSH or PEM form, from its BEGIN line to its END line \
               (PuTTY's own form has to be exported to OpenSSH's)",
    takes: |text| ssh_key::normal_private_key(text).is_some(),
};

/// A public key or a certificate.
pub(super) static PUBLIC_KEY: Form = Form {
    expected: "one line with the algorithm and the certificate or key in base64",
    takes: |text| ssh_key::parse_public_key(text).is_some(),
};

/// Lines of known_hosts or fingerprints.
pub(super) static HOST_KEYS: Form = Form {
    expected: "lines of known_hosts (algorithm and key in base64) or SHA256:... fingerprints",
    takes: |text| ssh_key::parse_host_keys(text).is_some(),
};

/// Fingerprints of certificates.
pub(super) static CERTIFICATE_PINS: Form = Form {
    expected: "SHA-256 fingerprints in hexadecimal or as SHA256:..., separated by commas",
    takes: |text| certificate::parse_pins(text).is_some(),
};

/// Names of VNC's security types.
pub(super) static SECURITY_TYPES: Form = Form {
    expected: "names of VNC's security types such as `X509Plain,X509Vnc`",
    takes: vnc::are_security_types,
};

/// Colours of a terminal, in the form of Guacamole.
pub(super) static COLOR_SCHEME: Form = Form {
    expected: "black-white, gray-black, green-black, white-black, or pairs like \
               `foreground: rgb:00/00/ff; color9: rgb:80/00/80`",
    takes: |text| {
        matches!(
            text,
            "black-white" | "gray-black" | "green-black" | "white-black"
        ) || (text.len() <= 16 * 1024 && text.split(';').all(is_color_pair))
    },
};

fn is_color_pair(pair: &str) -> bool {
    if pair.trim().is_empty() {
        return true;
    }
    let Some((name, value)) = pair.split_once(':') else {
        return false;
    };
    let (name, value) = (name.trim(), value.trim());
    (matches!(name, "foreground" | "background") || is_palette_color(name)) && is_color(value)
}

/// `color0` to `color255`.
fn is_palette_color(text: &str) -> bool {
    text.strip_prefix("color")
        .is_some_and(|index| index.parse::<u8>().is_ok())
}

/// `rgb:RR/GG/BB` with one to four digits each, `#rrggbb`, or `colorN`.
fn is_color(text: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
    if let Some(parts) = text.strip_prefix("rgb:") {
        let parts: Vec<&str> = parts.split('/').collect();
        return parts.len() == 3
            && parts
                .iter()
                .all(|part| (1..=4).contains(&part.len()) && is_hex(part));
    }
    if let Some(digits) = text.strip_prefix('#') {
        return digits.len() == 6 && is_hex(digits);
    }
    is_palette_color(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: Kind, taken: &[Value], refused: &[Value]) {
        for value in taken {
            assert!(kind.takes(value), "{kind:?} should take {value}");
        }
        for value in refused {
            assert!(!kind.takes(value), "{kind:?} should refuse {value}");
        }
        assert!(kind.takes(&Value::Null) && kind.takes(&json!("")));
        assert!(!kind.takes(&json!([])) && !kind.takes(&json!({})));
    }

    #[test]
    fn booleans_and_numbers_are_understood_as_texts() {
        check(
            Kind::Boolean,
            &[
                json!(true),
                json!("false"),
                json!("True"),
                json!("yes"),
                json!("off"),
            ],
            &[json!(1), json!("1"), json!("maybe"), json!(" true")],
        );
        check(
            Kind::Integer { min: 1, max: 65535 },
            &[json!(22), json!("22"), json!(65535)],
            &[
                json!(0),
                json!("65536"),
                json!(1.5),
                json!("2 2"),
                json!(true),
                json!("big"),
            ],
        );
        check(
            Kind::Choice(&["8", "127"]),
            &[json!(8), json!("127")],
            &[json!(9), json!("del"), json!(true)],
        );
    }

    #[test]
    fn texts_are_texts() {
        check(
            Kind::Text,
            &[json!("a b"), json!("päss")],
            &[
                json!(7),
                json!(true),
                json!("a\nb"),
                json!("x".repeat(TEXT_BYTES_MAX + 1)),
            ],
        );
        check(Kind::LongText, &[json!("a\n\tb\r\n")], &[json!("a\u{0}b")]);
    }

    #[test]
    fn forms_are_checked() {
        check(
            Kind::Form(&HOST_NAME),
            &[json!("Web-01"), json!("2001:db8::1")],
            &[json!("h:22"), json!("a b")],
        );
        check(
            Kind::Form(&COLOR_SCHEME),
            &[
                json!("gray-black"),
                json!("foreground: rgb:00/00/ff;\n background: rgb:f/f0/fff;color9:color12;"),
                json!("background: #102030"),
            ],
            &[
                json!("pink"),
                json!("foreground: rgb:00/00"),
                json!("color256: rgb:0/0/0"),
                json!("cursor: #ffffff"),
                json!("background: url(x)"),
            ],
        );
        check(
            Kind::Form(&FONT_NAME),
            &[json!("Fira Code, monospace")],
            &[json!("x; color: red")],
        );
        check(
            Kind::Form(&MAC_ADDRESS),
            &[json!("00:00:5e:00:53:01")],
            &[json!("00:00:5e")],
        );
        check(
            Kind::Form(&LOCALE),
            &[json!("de_DE.UTF-8@euro")],
            &[json!("de DE")],
        );
        check(
            Kind::Form(&TIME_ZONE),
            &[json!("Etc/GMT+1")],
            &[json!("a b")],
        );
        check(
            Kind::Form(&TERMINAL_TYPE),
            &[json!("screen.xterm-256color")],
            &[json!("a;b")],
        );
    }

    #[test]
    fn errors_show_what_may_be_seen() {
        assert_eq!(got(&json!("big"), false), "\"big\"");
        assert_eq!(got(&json!(7), false), "the number 7");
        assert_eq!(got(&json!(7), true), "a number (write it in quotes)");
        assert_eq!(got(&json!("hunter2"), true), "a text of another form");
        assert_eq!(got(&json!({"a": 1}), false), "a map");
        assert_eq!(got(&json!("x".repeat(50)), false), "a text of another form");
    }
}
