//! Codes of authenticator apps: TOTP (RFC 6238) with HMAC-SHA-1, six digits and
//! steps of 30 seconds, which is what every app understands.
//!
//! A code is good for its own step and one to either side (section 5.2). Each
//! step is good once: whoever keeps the seed also keeps the last step that was
//! used, and no step up to it is taken again.

use aws_lc_rs::{constant_time, hmac};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::text::base32;

/// Length of a seed in bytes (RFC 4226, section 4, R6).
pub const SEED_LENGTH: usize = 20;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// Length of a step in seconds.
pub const STEP_S: i64 = 30;
/// Steps to either side of the current one that are taken.
const STEPS_ASIDE: i64 = 1;

/// What app and server share.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(Zeroizing<[u8; SEED_LENGTH]>);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(..)")
    }
}

impl Seed {
    /// A seed of random bytes that the caller drew.
    #[must_use]
    pub fn new(random: [u8; SEED_LENGTH]) -> Self {
        Self(Zeroizing::new(random))
    }

    /// The bytes, to be kept sealed.
    #[must_use]
    pub fn expose(&self) -> &[u8; SEED_LENGTH] {
        &self.0
    }

    /// The text that a person types into an app.
    #[must_use]
    pub fn to_base32(&self) -> Zeroizing<String> {
        Zeroizing::new(base32(&*self.0))
    }

    /// The URL that a QR code holds (the key URI format of authenticator apps).
    #[must_use]
    pub fn url(&self, issuer: &str, account: &str) -> Zeroizing<String> {
        let (issuer, account) = (escape(issuer), escape(account));
        Zeroizing::new(format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&\
             digits={DIGITS}&period={STEP_S}",
            *self.to_base32()
        ))
    }

    /// The code of one step.
    #[must_use]
    pub fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &*self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        // Dynamic truncation (RFC 4226, section 5.3).
        let offset = usize::from(tag[tag.len() - 1] & 0xf);
        let bits = tag[offset..offset + 4]
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        format!("{:06}", (bits & 0x7fff_ffff) % 1_000_000)
    }

    /// The step whose code was typed at `now`, if it is later than the last
    /// one used. Spaces in the code do not count.
    #[must_use]
    pub fn check(&self, typed: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
        let typed: Vec<u8> = typed.bytes().filter(|byte| *byte != b' ').collect();
        let current = now.as_second().div_euclid(STEP_S);
        (current - STEPS_ASIDE..=current + STEPS_ASIDE)
            .filter(|step| last_used.is_none_or(|last| *step > last))
            // No early end: the time does not tell which step it was.
            .fold(None, |found, step| {
                let same = constant_time::verify_slices_are_equal(
                    self.code(step).as_bytes(),
                    typed.as_slice(),
                );
                if same.is_ok() { Some(step) } else { found }
            })
    }
}

/// Percent-encodes a part of an otpauth URL.
fn escape(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn seed() -> Seed {
        Seed::new(*b"12345678901234567890")
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, the last six of eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(seed().code(second / STEP_S), code, "{second}");
            let step = seed().check(code, at(second), None);
            assert_eq!(step, Some(second / STEP_S));
        }
    }

    #[test]
    fn a_code_is_good_one_step_to_either_side_and_once() {
        let (seed, now) = (seed(), at(1_800_000_000));
        let step = now.as_second() / STEP_S;
        for (aside, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let found = seed.check(&seed.code(step + aside), now, None);
            assert_eq!(found, good.then_some(step + aside), "{aside}");
        }
        let code = seed.code(step);
        assert_eq!(seed.check(&code, now, Some(step)), None);
        assert_eq!(seed.check(&code, now, Some(step - 1)), Some(step));
        assert_eq!(seed.check(&seed.code(step - 1), now, Some(step)), None);
    }

    #[test]
    fn anything_else_is_no_code() {
        let now = at(1_800_000_000);
        let code = seed().code(now.as_second() / STEP_S);
        let spaced = format!(" {} {} ", &code[..3], &code[3..]);
        assert!(seed().check(&spaced, now, None).is_some());
        for typed in ["", "0", &code[..5], &format!("{code}0"), "ümläüt", "-00001"] {
            assert_eq!(seed().check(typed, now, None), None, "{typed}");
        }
    }

    #[test]
    fn the_url_says_what_the_code_does() {
        let url = seed().url("Causeway", "ada lovelace@x");
        assert_eq!(
            *url,
            "otpauth://totp/Causeway:ada%20lovelace%40x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&\
             issuer=Causeway&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(format!("{:?}", seed()), "Seed(..)");
    }
}
