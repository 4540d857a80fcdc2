//! Logout tokens (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6).

use jiff::Timestamp;
use serde_json::Value;

use super::claims::{CLOCK_SKEW_S, ClaimError, Expected, check_common, name, seconds};
use crate::jose::Verified;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a token without an expiry may be, in seconds. Providers of earlier
/// drafts send none.
const AGE_S_MAX: i64 = 120;
/// How long a token may be good for, in seconds; its id must be remembered as
/// long.
const LIFE_S_MAX: i64 = 3600;

/// Who is to be signed out: everybody of a subject, or of one sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// Its id; a second token of the same is a replay.
    pub id: String,
    /// Until when it could be replayed.
    pub good_until: Timestamp,
    /// The person.
    pub subject: Option<String>,
    /// The sign-in at the provider.
    pub session: Option<String>,
}

/// Checks what a verified logout token says.
///
/// # Errors
/// [`ClaimError`].
pub fn check_logout_token(
    token: &Verified,
    expected: &Expected<'_>,
) -> Result<LogoutToken, ClaimError> {
    let claims = &token.claims;
    let kind = token.kind.as_deref().unwrap_or("JWT").to_ascii_lowercase();
    let kind = kind.strip_prefix("application/").unwrap_or(&kind);
    if !matches!(kind, "jwt" | "logout+jwt") {
        return Err(ClaimError::Kind);
    }
    check_common(claims, expected)?;
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) || claims.contains_key("nonce") {
        return Err(ClaimError::Kind);
    }
    let (subject, session) = (name(claims, "sub"), name(claims, "sid"));
    if subject.is_none() && session.is_none() {
        return Err(ClaimError::Missing("sub"));
    }
    Ok(LogoutToken {
        id: name(claims, "jti").ok_or(ClaimError::Missing("jti"))?,
        good_until: good_until(token, expected.now)?,
        subject,
        session,
    })
}

fn good_until(token: &Verified, now: Timestamp) -> Result<Timestamp, ClaimError> {
    let issued = seconds(&token.claims, "iat").ok_or(ClaimError::Missing("iat"))?;
    let now_s = now.as_second();
    let end = match seconds(&token.claims, "exp") {
        Some(end) => end,
        None => issued.saturating_add(AGE_S_MAX),
    };
    let end = end.saturating_add(CLOCK_SKEW_S);
    if end <= now_s {
        return Err(ClaimError::Expired);
    }
    if end > now_s.saturating_add(LIFE_S_MAX) {
        return Err(ClaimError::Early);
    }
    Timestamp::from_second(end).map_err(|_| ClaimError::Missing("exp"))
}
