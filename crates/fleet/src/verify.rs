//! The functions' side of a signed request, in two steps: who says that they
//! sent it, then, with that member's key, whether they did.

use causeway_trust::request::{RequestSignature, RequestSignatureError, SignedParts};
use causeway_trust::{MemberId, VerifyingKey};
use jiff::Timestamp;

/// Why a request is not a member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyRequestError {
    /// It has no `authorization` header.
    #[error("the request is not signed")]
    Missing,
    /// It is signed, but not well.
    #[error(transparent)]
    Signature(#[from] RequestSignatureError),
}

impl VerifyRequestError {
    /// Stable code for the problem document; the status is 401.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::Signature(RequestSignatureError::Malformed) => "signature_malformed",
            Self::Signature(RequestSignatureError::Skewed) => "signature_skewed",
            Self::Signature(RequestSignatureError::BadSignature) => "signature_invalid",
        }
    }
}

/// Reads the `authorization` header. The member that it names is a claim, good
/// for nothing but to look up the key for [`verify_request`].
///
/// # Errors
/// [`VerifyRequestError::Missing`] or that it does not parse.
pub fn claimed_member(authorization: Option<&str>) -> Result<RequestSignature, VerifyRequestError> {
    let header = authorization.ok_or(VerifyRequestError::Missing)?;
    Ok(RequestSignature::parse(header)?)
}

/// Checks the claim with the member's key; what it returns is a fact.
///
/// # Errors
/// [`VerifyRequestError::Signature`].
pub fn verify_request(
    claimed: &RequestSignature,
    key: &VerifyingKey,
    parts: &SignedParts<'_>,
    now: Timestamp,
) -> Result<MemberId, VerifyRequestError> {
    Ok(claimed.verify(key, parts, now)?)
}
