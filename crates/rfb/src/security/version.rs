//! Protocol versions (RFC 6143 section 7.1.1).

use super::error::SecurityError;

/// Length of the version message, in bytes.
pub(super) const MESSAGE_BYTES: usize = 12;

/// The version that is spoken: the highest of ours that the server knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 3.3: the server decides on the security type.
    V33,
    /// 3.7: the client chooses; a failure comes without a reason.
    V37,
    /// 3.8.
    V38,
}

impl Version {
    /// Reads the server's message.
    ///
    /// Servers announce more than was ever published: 3.4, 3.6, 3.14 and 3.16
    /// (UltraVNC), 3.5 (never released), 3.889 (Apple), 4.x and 5.0 (RealVNC,
    /// Intel AMT). What is below 3.7 is 3.3, what is above 3.8 knows 3.8.
    ///
    /// # Errors
    /// When it is no version message, or of a version before 3.3.
    pub fn read(message: &[u8; MESSAGE_BYTES]) -> Result<Self, SecurityError> {
        let (major, minor) = numbers(message).ok_or_else(|| not_rfb(message))?;
        match (major, minor) {
            (0..=2, _) | (3, 0..=2) => Err(not_rfb(message)),
            (3, 3..=6) => Ok(Self::V33),
            (3, 7) => Ok(Self::V37),
            _ => Ok(Self::V38),
        }
    }

    /// The message that answers with this version.
    #[must_use]
    pub const fn message(self) -> &'static [u8; MESSAGE_BYTES] {
        match self {
            Self::V33 => b"RFB 003.003\n",
            Self::V37 => b"RFB 003.007\n",
            Self::V38 => b"RFB 003.008\n",
        }
    }
}

fn numbers(message: &[u8; MESSAGE_BYTES]) -> Option<(u16, u16)> {
    let text = message.strip_prefix(b"RFB ")?.strip_suffix(b"\n")?;
    let (major, minor) = std::str::from_utf8(text).ok()?.split_once('.')?;
    let number = |text: &str| {
        let is_number = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().ok()).flatten()
    };
    Some((number(major)?, number(minor)?))
}

fn not_rfb(message: &[u8]) -> SecurityError {
    SecurityError::NotRfb {
        greeting: super::reason::clean(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_announcement_has_a_version() {
        fn check(announced: &[u8; 12], expected: Option<Version>) {
            let read = Version::read(announced).ok();
            assert_eq!(read, expected, "{}", announced.escape_ascii());
        }
        check(b"RFB 003.003\n", Some(Version::V33));
        check(b"RFB 003.005\n", Some(Version::V33));
        check(b"RFB 003.006\n", Some(Version::V33));
        check(b"RFB 003.007\n", Some(Version::V37));
        check(b"RFB 003.008\n", Some(Version::V38));
        check(b"RFB 003.016\n", Some(Version::V38));
        check(b"RFB 003.889\n", Some(Version::V38));
        check(b"RFB 004.001\n", Some(Version::V38));
        check(b"RFB 005.000\n", Some(Version::V38));
        check(b"RFB 000.000\n", None);
        check(b"RFB 003.002\n", None);
        check(b"RFB 003.+08\n", None);
        check(b"RFB 003.0x8\n", None);
        check(b"SSH-2.0-Open", None);
        check(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", None);
    }
}
