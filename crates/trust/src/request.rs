//! Signed requests: how a member proves who it is to the control plane.
//!
//! Header `authorization: Causeway-Member member=<kind>:<id>,ts=<unix ms>,
//! sig=<base64url>`. The signature covers `causeway-request || 0x00 || METHOD ||
//! 0x00 || path || 0x00 || ts || 0x00 || lower-case hex of SHA-256(body)`.
//! A signature is good for [`SKEW_MAX`] around its time; within it a request
//! can be repeated, so what it does must be idempotent or guard itself.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::digest;
use jiff::{SignedDuration, Timestamp};

use crate::key::{SIGNATURE_LEN, SigningKey, VerifyingKey};
use crate::member::MemberId;
use crate::text;

/// How far a request's time may be from the reader's, either way.
pub const SKEW_MAX: Duration = Duration::from_secs(30);

/// Longest header value that is read, in bytes.
pub const HEADER_LEN_MAX: usize = 256;

const SCHEME: &str = "Causeway-Member ";
const PURPOSE: &str = "causeway-request";

/// Why a request is not a member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestSignatureError {
    /// The header is not of this scheme or does not parse.
    #[error("the authorization header is not a member's signature")]
    Malformed,
    /// Its time is more than [`SKEW_MAX`] from ours.
    #[error("the request's time is too far from ours")]
    Skewed,
    /// The signature is not the member's over this request.
    #[error("the request's signature is false")]
    BadSignature,
}

/// What of a request is signed.
#[derive(Debug, Clone, Copy)]
pub struct SignedParts<'a> {
    /// The method in upper case.
    pub method: &'a str,
    /// The path as sent, without query.
    pub path: &'a str,
    /// The body as sent.
    pub body: &'a [u8],
}

/// A member's signature over one request. Parsed from a header it is a claim:
/// [`RequestSignature::verify`] makes it a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestSignature {
    member: MemberId,
    timestamp_ms: i64,
    signature: [u8; SIGNATURE_LEN],
}

impl RequestSignature {
    /// Signs a request at `now`.
    #[must_use]
    pub fn sign(
        key: &SigningKey,
        member: MemberId,
        parts: &SignedParts<'_>,
        now: Timestamp,
    ) -> Self {
        let timestamp_ms = now.as_millisecond();
        let signature = key.sign(&signed_bytes(parts, timestamp_ms));
        Self {
            member,
            timestamp_ms,
            signature,
        }
    }

    /// Reads the value of an `authorization` header.
    ///
    /// # Errors
    /// [`RequestSignatureError::Malformed`].
    pub fn parse(header: &str) -> Result<Self, RequestSignatureError> {
        Self::read(header).ok_or(RequestSignatureError::Malformed)
    }

    fn read(header: &str) -> Option<Self> {
        if header.len() > HEADER_LEN_MAX {
            return None;
        }
        let mut fields = header.strip_prefix(SCHEME)?.split(',').map(str::trim);
        let member = fields.next()?.strip_prefix("member=")?.parse().ok()?;
        let timestamp_ms = fields.next()?.strip_prefix("ts=")?.parse().ok()?;
        let signature = text::decode_array(fields.next()?.strip_prefix("sig=")?)?;
        fields.next().is_none().then_some(Self {
            member,
            timestamp_ms,
            signature,
        })
    }

    /// Who claims to have signed; its key is what to verify with.
    #[must_use]
    pub const fn member(&self) -> MemberId {
        self.member
    }

    /// Checks the claim with the member's key and returns who it was.
    ///
    /// # Errors
    /// [`RequestSignatureError::Skewed`] or
    /// [`RequestSignatureError::BadSignature`].
    pub fn verify(
        &self,
        key: &VerifyingKey,
        parts: &SignedParts<'_>,
        now: Timestamp,
    ) -> Result<MemberId, RequestSignatureError> {
        let signed_at = Timestamp::from_millisecond(self.timestamp_ms)
            .map_err(|_| RequestSignatureError::Skewed)?;
        if now.duration_since(signed_at).abs() > SKEW_MAX_SIGNED {
            return Err(RequestSignatureError::Skewed);
        }
        if !key.verifies(&signed_bytes(parts, self.timestamp_ms), &self.signature) {
            return Err(RequestSignatureError::BadSignature);
        }
        Ok(self.member)
    }
}

const SKEW_MAX_SIGNED: SignedDuration = SignedDuration::from_secs(SKEW_MAX.as_secs().cast_signed());

/// The value of the `authorization` header.
impl fmt::Display for RequestSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{SCHEME}member={},ts={},sig={}",
            self.member,
            self.timestamp_ms,
            text::encode(&self.signature)
        )
    }
}

fn signed_bytes(parts: &SignedParts<'_>, timestamp_ms: i64) -> Vec<u8> {
    let body = hex::encode(digest::digest(&digest::SHA256, parts.body));
    [
        PURPOSE,
        parts.method,
        parts.path,
        &timestamp_ms.to_string(),
        &body,
    ]
    .join("\0")
    .into_bytes()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use causeway_model::id::NodeId;
    use uuid::Uuid;

    const PARTS: SignedParts<'static> = SignedParts {
        method: "POST",
        path: "/api/v1/fleet/claim",
        body: b"{}",
    };

    fn member() -> MemberId {
        NodeId::new(Uuid::from_u128(1)).into()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_000_000 + second).unwrap()
    }

    #[test]
    fn a_signed_request_verifies_after_its_trip_through_a_header() {
        let key = SigningKey::generate().unwrap();
        let header = RequestSignature::sign(&key, member(), &PARTS, at(0)).to_string();
        let signature = RequestSignature::parse(&header).unwrap();
        assert_eq!(signature.member(), member());
        for second in [-30, 0, 30] {
            assert_eq!(
                signature.verify(&key.verifying_key(), &PARTS, at(second)),
                Ok(member())
            );
        }
        for second in [-31, 31] {
            let late = signature.verify(&key.verifying_key(), &PARTS, at(second));
            assert_eq!(late, Err(RequestSignatureError::Skewed));
        }
    }

    #[test]
    fn every_signed_part_counts() {
        let key = SigningKey::generate().unwrap();
        let signature = RequestSignature::sign(&key, member(), &PARTS, at(0));
        let other = SigningKey::generate().unwrap().verifying_key();
        let changed = [
            (other, PARTS),
            (
                key.verifying_key(),
                SignedParts {
                    method: "PUT",
                    ..PARTS
                },
            ),
            (key.verifying_key(), SignedParts { path: "/", ..PARTS }),
            (
                key.verifying_key(),
                SignedParts {
                    body: b"[]",
                    ..PARTS
                },
            ),
        ];
        for (key, parts) in changed {
            let verdict = signature.verify(&key, &parts, at(0));
            assert_eq!(
                verdict,
                Err(RequestSignatureError::BadSignature),
                "{parts:?}"
            );
        }
    }

    #[test]
    fn anything_else_in_the_header_is_malformed() {
        let key = SigningKey::generate().unwrap();
        let good = RequestSignature::sign(&key, member(), &PARTS, at(0)).to_string();
        let long = format!("{good}{}", " ".repeat(HEADER_LEN_MAX));
        let more = format!("{good},x=1");
        let cut = &good[..good.len() - 1];
        for header in [
            "",
            "Bearer x",
            SCHEME,
            "Causeway-Member member=,ts=,sig=",
            &long,
            &more,
            cut,
        ] {
            let read = RequestSignature::parse(header);
            assert_eq!(read, Err(RequestSignatureError::Malformed), "{header:?}");
        }
    }

    #[test]
    fn a_time_beyond_the_calendar_is_skewed() {
        let key = SigningKey::generate().unwrap();
        let good = RequestSignature::sign(&key, member(), &PARTS, at(0));
        let signature = RequestSignature {
            timestamp_ms: i64::MAX,
            ..good
        };
        let verdict = signature.verify(&key.verifying_key(), &PARTS, at(0));
        assert_eq!(verdict, Err(RequestSignatureError::Skewed));
    }
}
