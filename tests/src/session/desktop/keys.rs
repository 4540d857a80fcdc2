//! Which key of a keyboard with the layout of the United States types a
//! character.

/// A key as browsers name it, and whether Shift is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stroke {
    /// `KeyboardEvent.code`.
    pub code: &'static str,
    /// Whether Shift is held.
    pub shift: bool,
}

/// The key that types a character; `None` when no key does.
#[must_use]
pub fn stroke(character: char) -> Option<Stroke> {
    let plain = |code| Some(Stroke { code, shift: false });
    let shifted = |code| Some(Stroke { code, shift: true });
    if let Some(at) = LETTERS.find(character.to_ascii_lowercase()) {
        let shift = character.is_ascii_uppercase();
        return Some(Stroke {
            code: LETTER_CODES[at],
            shift,
        });
    }
    if let Some(at) = DIGITS.find(character) {
        return plain(DIGIT_CODES[at]);
    }
    if let Some(at) = OVER_DIGITS.find(character) {
        return shifted(DIGIT_CODES[at]);
    }
    if let Some(at) = SIGNS.find(character) {
        return plain(SIGN_CODES[at]);
    }
    if let Some(at) = OVER_SIGNS.find(character) {
        return shifted(SIGN_CODES[at]);
    }
    match character {
        ' ' => plain("Space"),
        '\r' | '\n' => plain("Enter"),
        '\t' => plain("Tab"),
        _ => None,
    }
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
#[rustfmt::skip]
const LETTER_CODES: [&str; 26] = [
    "KeyA", "KeyB", "KeyC", "KeyD", "KeyE", "KeyF", "KeyG", "KeyH", "KeyI", "KeyJ", "KeyK", "KeyL", "KeyM",
    "KeyN", "KeyO", "KeyP", "KeyQ", "KeyR", "KeyS", "KeyT", "KeyU", "KeyV", "KeyW", "KeyX", "KeyY", "KeyZ",
];
const DIGITS: &str = "1234567890";
const OVER_DIGITS: &str = "!@#$%^&*()";
#[rustfmt::skip]
const DIGIT_CODES: [&str; 10] = [
    "Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9", "Digit0",
];
const SIGNS: &str = r"-=[]\;',./`";
const OVER_SIGNS: &str = r#"_+{}|:"<>?~"#;
#[rustfmt::skip]
const SIGN_CODES: [&str; 11] = [
    "Minus", "Equal", "BracketLeft", "BracketRight", "Backslash", "Semicolon", "Quote", "Comma", "Period",
    "Slash", "Backquote",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_printable_ascii_character_has_a_key() {
        for character in ' '..='~' {
            assert!(stroke(character).is_some(), "{character:?}");
        }
        assert_eq!(stroke('ä'), None);
        assert_eq!(
            stroke('Q'),
            Some(Stroke {
                code: "KeyQ",
                shift: true
            })
        );
        assert_eq!(
            stroke('~'),
            Some(Stroke {
                code: "Backquote",
                shift: true
            })
        );
    }
}
