//! Texts with which a server explains itself: hostile until they are cleaned.

/// Longest text that is kept, in characters.
const CHARS_MAX: usize = 300;
/// How much of a text is read, in bytes; servers may announce 4 GiB.
pub(super) const BYTES_MAX: usize = 2048;

/// What is fit to show of a server's text: one line without control
/// characters. UTF-8, or else the Latin-1 of old servers.
pub(super) fn clean(text: &[u8]) -> String {
    let text = match std::str::from_utf8(text) {
        Ok(text) => text.to_owned(),
        Err(_) => text.iter().copied().map(char::from).collect(),
    };
    let spaced = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let line: String = spaced.take(CHARS_MAX).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a server says that it takes no more attempts for a while. There is
/// a code for it that few servers use.
pub(super) fn is_too_many(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    ["too many", "too often", "blacklist", "temporarily blocked"]
        .iter()
        .any(|words| reason.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_short_line() {
        assert_eq!(clean(b"\x1b[31mno\r\n way\x00"), "[31mno way");
        assert_eq!(clean("schl\u{fc}ssel".as_bytes()), "schl\u{fc}ssel");
        assert_eq!(clean(b"schl\xfcssel"), "schl\u{fc}ssel");
        assert_eq!(clean(&[b'x'; 5000]).len(), CHARS_MAX);
    }

    #[test]
    fn too_many_attempts_are_known_by_their_words() {
        assert!(is_too_many("Too many security failures"));
        assert!(!is_too_many("Authentication failure"));
    }
}
