//! ID tokens (OpenID Connect Core 1.0, section 3.1.3.7).

use aws_lc_rs::{constant_time, digest};
use serde_json::{Map, Value};

use super::claims::{ClaimError, Expected, check_common, name, seconds};
use crate::jose::Verified;
use crate::text::base64url;

/// Who signed in, as the provider says.
#[derive(Debug, Clone, PartialEq)]
pub struct IdToken {
    /// The provider's own name of the person; never used for another.
    pub subject: String,
    /// The provider's own name of the sign-in, for back-channel logout.
    pub session: Option<String>,
    /// Everything that the token says.
    pub claims: Map<String, Value>,
}

/// Checks what a verified ID token says. The access token that came with it
/// must be its own, where it says so.
///
/// # Errors
/// [`ClaimError`].
pub fn check_id_token(
    token: Verified,
    expected: &Expected<'_>,
    nonce: &str,
    access_token: Option<&str>,
) -> Result<IdToken, ClaimError> {
    let claims = token.claims;
    check_common(&claims, expected)?;
    seconds(&claims, "exp").ok_or(ClaimError::Missing("exp"))?;
    // A logout token must not pass for an ID token (Back-Channel Logout 1.0,
    // section 2.4).
    if claims.contains_key("events") {
        return Err(ClaimError::Kind);
    }
    let theirs = claims
        .get("nonce")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if constant_time::verify_slices_are_equal(theirs.as_bytes(), nonce.as_bytes()).is_err() {
        return Err(ClaimError::Nonce);
    }
    if let (Some(hash), Some(access_token)) = (claims.get("at_hash"), access_token) {
        let whole = digest::digest(token.algorithm.hash(), access_token.as_bytes());
        let half = base64url(&whole.as_ref()[..whole.as_ref().len() / 2]);
        if *hash != half {
            return Err(ClaimError::AccessToken);
        }
    }
    Ok(IdToken {
        subject: name(&claims, "sub").ok_or(ClaimError::Missing("sub"))?,
        session: name(&claims, "sid"),
        claims,
    })
}
