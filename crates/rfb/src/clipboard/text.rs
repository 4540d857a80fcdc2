//! Text as clipboards here and there have it.

/// What stands for a character that Latin-1 does not have.
const UNKNOWN: u8 = b'?';

/// Latin-1 to text, with line ends as they are here.
pub(crate) fn from_latin1(bytes: &[u8]) -> String {
    let text: String = bytes.iter().copied().map(char::from).collect();
    unix_lines(text)
}

/// Text to Latin-1, as far as it goes.
pub(crate) fn to_latin1(text: &str) -> Vec<u8> {
    let lines = unix_lines(text.to_owned());
    lines
        .chars()
        .map(|character| u8::try_from(character).unwrap_or(UNKNOWN))
        .collect()
}

/// UTF-8 with DOS line ends and a zero at its end, to text.
pub(crate) fn from_dos(bytes: &[u8]) -> String {
    let bytes = bytes.strip_suffix(&[0]).unwrap_or(bytes);
    unix_lines(String::from_utf8_lossy(bytes).into_owned())
}

/// Text to UTF-8 with DOS line ends and a zero at its end.
pub(crate) fn to_dos(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + text.len() / 16 + 1);
    let mut before = 0;
    for byte in text.bytes() {
        if byte == b'\n' && before != b'\r' {
            bytes.push(b'\r');
        }
        bytes.push(byte);
        before = byte;
    }
    bytes.push(0);
    bytes
}

fn unix_lines(text: String) -> String {
    if text.contains('\r') {
        text.replace("\r\n", "\n")
    } else {
        text
    }
}
