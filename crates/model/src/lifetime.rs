//! How long a connection may last, from launch to end, idle or not.
//!
//! Written as `8h`, `30m`, `1h30m`, in the form of authentik
//! (`hours=8;minutes=30`), or as `0` for no limit of its own: such a connection
//! still ends with its sign-in session.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize};

use crate::schema;

/// Longest limit that can be written, in seconds: 365 days.
pub const EXPIRY_S_MAX: u64 = 365 * DAY_S;

/// Longest text that is read, in bytes.
const TEXT_BYTES_MAX: usize = 64;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
const DAY_S: u64 = 24 * HOUR_S;
const WEEK_S: u64 = 7 * DAY_S;

/// The limit of a connection's life; the default is 8 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "String")]
pub struct ConnectionExpiry {
    /// 0 for no limit.
    seconds: u64,
}

/// Why a text is no connection expiry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseExpiryError {
    /// Not one of the forms.
    #[error(
        "{0:?} is no duration: expected a form like 8h, 30m, 1h30m or hours=8, or 0 for no limit"
    )]
    Form(String),
    /// A number without a unit.
    #[error("{0} has no unit: write {0}s, {0}m, {0}h or {0}d, or 0 for no limit")]
    UnitMissing(u64),
    /// A unit that is not known.
    #[error(
        "{0:?} is no unit: expected d, h, m, s, or days, hours, minutes, seconds with an equals sign"
    )]
    Unit(String),
    /// More than [`EXPIRY_S_MAX`].
    #[error("a connection lasts at most 365d: write 0 for no limit")]
    TooLong,
}

impl ConnectionExpiry {
    /// No limit of its own.
    pub const NONE: Self = Self { seconds: 0 };

    /// A limit of so many seconds, 0 for none.
    ///
    /// # Errors
    /// [`ParseExpiryError::TooLong`] above [`EXPIRY_S_MAX`].
    pub const fn from_seconds(seconds: u64) -> Result<Self, ParseExpiryError> {
        if seconds > EXPIRY_S_MAX {
            return Err(ParseExpiryError::TooLong);
        }
        Ok(Self { seconds })
    }

    /// The limit; `None` for no limit of its own.
    #[must_use]
    pub const fn limit(self) -> Option<Duration> {
        match self.seconds {
            0 => None,
            seconds => Some(Duration::from_secs(seconds)),
        }
    }

    /// When a connection launched at `start` has to end; `None` for no limit
    /// of its own.
    #[must_use]
    pub fn ends_at(self, start: Timestamp) -> Option<Timestamp> {
        let limit = SignedDuration::try_from(self.limit()?).ok()?;
        Some(start.checked_add(limit).unwrap_or(Timestamp::MAX))
    }
}

impl Default for ConnectionExpiry {
    fn default() -> Self {
        Self {
            seconds: 8 * HOUR_S,
        }
    }
}

impl std::str::FromStr for ConnectionExpiry {
    type Err = ParseExpiryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() || text.len() > TEXT_BYTES_MAX {
            let shown = text.chars().take(TEXT_BYTES_MAX).collect();
            return Err(ParseExpiryError::Form(shown));
        }
        let seconds = if text.contains('=') {
            assigned_seconds(text)
        } else {
            compact_seconds(text)
        }?;
        Self::from_seconds(seconds)
    }
}

/// Reads `hours=8;minutes=30`, the form of authentik.
fn assigned_seconds(text: &str) -> Result<u64, ParseExpiryError> {
    let form = || ParseExpiryError::Form(text.to_owned());
    let mut total = 0;
    for part in text.split(';').filter(|part| !part.trim().is_empty()) {
        let (unit, count) = part.split_once('=').ok_or_else(form)?;
        let unit_s = match unit.trim() {
            "weeks" => WEEK_S,
            "days" => DAY_S,
            "hours" => HOUR_S,
            "minutes" => MINUTE_S,
            "seconds" => 1,
            other => return Err(ParseExpiryError::Unit(other.to_owned())),
        };
        let count = parse_count(count.trim()).ok_or_else(form)?;
        total = add(total, count, unit_s)?;
    }
    Ok(total)
}

/// Reads `1h30m`, and `0` without a unit.
fn compact_seconds(text: &str) -> Result<u64, ParseExpiryError> {
    let form = || ParseExpiryError::Form(text.to_owned());
    let mut total = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (count, tail) = rest.split_at(digits);
        let count = parse_count(count).ok_or_else(form)?;
        let letters = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(letters);
        let unit_s = match unit {
            "w" => WEEK_S,
            "d" => DAY_S,
            "h" => HOUR_S,
            "m" | "min" => MINUTE_S,
            "s" => 1,
            "" if text == "0" => 0,
            "" if digits == text.len() => return Err(ParseExpiryError::UnitMissing(count)),
            "" => return Err(form()),
            other => return Err(ParseExpiryError::Unit(other.to_owned())),
        };
        total = add(total, count, unit_s)?;
        rest = tail.trim_start();
    }
    Ok(total)
}

fn parse_count(digits: &str) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn add(total: u64, count: u64, unit_s: u64) -> Result<u64, ParseExpiryError> {
    count
        .checked_mul(unit_s)
        .and_then(|seconds| total.checked_add(seconds))
        .ok_or(ParseExpiryError::TooLong)
}

/// The canonical form: `1d12h`, `8h`, `1m30s`, `0`.
impl std::fmt::Display for ConnectionExpiry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.seconds == 0 {
            return f.write_str("0");
        }
        let mut rest = self.seconds;
        for (unit, unit_s) in [("d", DAY_S), ("h", HOUR_S), ("m", MINUTE_S), ("s", 1)] {
            if rest >= unit_s {
                write!(f, "{}{unit}", rest / unit_s)?;
            }
            rest %= unit_s;
        }
        Ok(())
    }
}

impl From<ConnectionExpiry> for String {
    fn from(expiry: ConnectionExpiry) -> Self {
        expiry.to_string()
    }
}

/// A string, or the bare number 0: in YAML `connection_expiry: 0` is a number.
impl<'de> Deserialize<'de> for ConnectionExpiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected a duration like 8h, 30m or hours=8, or 0 for no limit"
        )]
        enum Written {
            Number(u64),
            Text(String),
        }
        match Written::deserialize(deserializer)? {
            Written::Number(number) => number.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
        .map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for ConnectionExpiry {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        schema::text(
            "How long a connection may last, idle or not: `8h`, `1h30m`, `hours=8;minutes=30`; \
             `0` for no limit of its own.",
            "8h",
        )
        .into()
    }
}

impl utoipa::ToSchema for ConnectionExpiry {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Result<&str, ParseExpiryError>) {
        let read = text.parse::<ConnectionExpiry>();
        let canonical = read.map(|expiry| expiry.to_string());
        assert_eq!(canonical, expected.map(str::to_owned), "{text:?}");
    }

    #[test]
    fn short_forms_are_read() {
        check("8h", Ok("8h"));
        check("30m", Ok("30m"));
        check("90s", Ok("1m30s"));
        check("1d", Ok("1d"));
        check("36h", Ok("1d12h"));
        check("1h30m", Ok("1h30m"));
        check(" 1h 30m ", Ok("1h30m"));
        check("2w", Ok("14d"));
        check("365d", Ok("365d"));
    }

    #[test]
    fn the_form_of_authentik_is_read() {
        check("hours=8", Ok("8h"));
        check("hours=8;minutes=30", Ok("8h30m"));
        check("days=1; seconds=5;", Ok("1d5s"));
        check("weeks=1", Ok("7d"));
    }

    #[test]
    fn zero_is_no_limit() {
        for text in ["0", "0s", "0h", "hours=0"] {
            check(text, Ok("0"));
            assert_eq!(text.parse::<ConnectionExpiry>().unwrap().limit(), None);
        }
    }

    #[test]
    fn other_texts_are_refused_with_the_forms_that_are_taken() {
        let form = |text: &str| Err(ParseExpiryError::Form(text.to_owned()));
        let unit = |text: &str| Err(ParseExpiryError::Unit(text.to_owned()));
        check("", form(""));
        check("h", form("h"));
        check("-1h", form("-1h"));
        check("1.5h", form("1.5h"));
        check("1h30", form("1h30"));
        check("8 h", form("8 h"));
        check("hours=x", form("hours=x"));
        check("hours=1.5", form("hours=1.5"));
        check("hours=8;30", form("hours=8;30"));
        check("28800", Err(ParseExpiryError::UnitMissing(28800)));
        check("8x", unit("x"));
        check("fortnights=1", unit("fortnights"));
        check("366d", Err(ParseExpiryError::TooLong));
        check("99999999999999999999h", Err(ParseExpiryError::TooLong));
        check(&"1".repeat(100), form(&"1".repeat(TEXT_BYTES_MAX)));
    }

    #[test]
    fn documents_hold_text_or_a_bare_zero() {
        let read = |json: &str| serde_json::from_str::<ConnectionExpiry>(json);
        assert_eq!(read(r#""hours=8""#).unwrap(), ConnectionExpiry::default());
        assert_eq!(read("0").unwrap(), ConnectionExpiry::NONE);
        assert!(read("28800").unwrap_err().to_string().contains("28800s"));
        assert!(read("true").unwrap_err().to_string().contains("8h"));
        assert_eq!(
            serde_json::to_string(&ConnectionExpiry::default()).unwrap(),
            r#""8h""#
        );
    }

    #[test]
    fn the_end_is_counted_from_the_start() {
        let start = Timestamp::UNIX_EPOCH;
        let expiry: ConnectionExpiry = "90s".parse().unwrap();
        assert_eq!(expiry.ends_at(start).map(Timestamp::as_second), Some(90));
        assert_eq!(expiry.ends_at(Timestamp::MAX), Some(Timestamp::MAX));
        assert_eq!(ConnectionExpiry::NONE.ends_at(start), None);
    }

    proptest! {
        #[test]
        fn the_canonical_form_reads_back(seconds in 0..=EXPIRY_S_MAX) {
            let expiry = ConnectionExpiry::from_seconds(seconds).unwrap();
            prop_assert_eq!(expiry.to_string().parse(), Ok(expiry));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = text.parse::<ConnectionExpiry>();
        }
    }
}
