//! What ID tokens and logout tokens have in common.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// How far the issuer's clock may be off, in seconds.
pub const CLOCK_SKEW_S: i64 = 60;
/// Longest `sub` (OpenID Connect Core 1.0, section 2), `sid` and `jti`, in bytes.
const NAME_LENGTH_MAX: usize = 255;
/// Most audiences.
const AUDIENCES_MAX: usize = 32;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer, exactly as it is configured.
    pub issuer: &'a str,
    /// Our client id there.
    pub client_id: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// A claim that is missing or wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// It is missing or of another type.
    #[error("the claim {0} is missing or of another type")]
    Missing(&'static str),
    /// From another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// For another client.
    #[error("the token is for another client")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is from the future")]
    Early,
    /// The answer to another sign-in.
    #[error("the token belongs to another sign-in")]
    Nonce,
    /// The access token that came along is not the one it was made with.
    #[error("the access token is not the one of the token")]
    AccessToken,
    /// Not the kind of token that was expected.
    #[error("the token is of another kind")]
    Kind,
}

/// Issuer, audience and times.
pub(super) fn check_common(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<(), ClaimError> {
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer) {
        return Err(ClaimError::Issuer);
    }
    check_audience(claims, expected.client_id)?;
    let now = expected.now.as_second();
    let issued = seconds(claims, "iat").ok_or(ClaimError::Missing("iat"))?;
    let not_before = seconds(claims, "nbf").unwrap_or(issued);
    if issued.max(not_before) > now.saturating_add(CLOCK_SKEW_S) {
        return Err(ClaimError::Early);
    }
    match seconds(claims, "exp") {
        Some(end) if end.saturating_add(CLOCK_SKEW_S) <= now => Err(ClaimError::Expired),
        Some(_) | None => Ok(()),
    }
}

/// `aud` names us; where it names others too, `azp` must say that it is meant
/// for us (OpenID Connect Core 1.0, section 3.1.3.7, steps 3 to 5).
fn check_audience(claims: &Map<String, Value>, client_id: &str) -> Result<(), ClaimError> {
    let (is_ours, others) = match claims.get("aud") {
        Some(Value::String(only)) => (only == client_id, false),
        Some(Value::Array(all)) if all.len() <= AUDIENCES_MAX => {
            (all.iter().any(|one| one == client_id), all.len() > 1)
        }
        _ => (false, false),
    };
    let party = claims.get("azp");
    let party_is_ours = match party {
        None => !others,
        Some(party) => party == client_id,
    };
    if is_ours && party_is_ours {
        Ok(())
    } else {
        Err(ClaimError::Audience)
    }
}

/// A time in seconds; whatever JSON number it is.
pub(super) fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    // `as` saturates; what is absurd stays absurd.
    #[allow(clippy::cast_possible_truncation)]
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|float| float as i64))
}

/// A name that is neither empty nor too long.
pub(super) fn name(claims: &Map<String, Value>, claim: &str) -> Option<String> {
    let text = claims.get(claim)?.as_str()?;
    (1..=NAME_LENGTH_MAX)
        .contains(&text.len())
        .then(|| text.to_owned())
}
