//! What a browser says of a ceremony (Web Authentication Level 2, section 5.8.1).

use serde::Deserialize;

use super::{RelyingParty, WebauthnError};
use crate::text::Base64Url;

/// Longest client data in bytes.
const CLIENT_DATA_LENGTH_MAX: usize = 8 * 1024;

/// Which ceremony it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum Ceremony {
    #[serde(rename = "webauthn.create")]
    Create,
    #[serde(rename = "webauthn.get")]
    Get,
}

/// The fields that are checked; there may be others.
#[derive(Debug, Deserialize)]
struct ClientData {
    r#type: Ceremony,
    challenge: Base64Url,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: bool,
}

/// Checks that the browser answered this ceremony and challenge on one of our
/// own pages.
pub(super) fn check(
    party: &RelyingParty<'_>,
    ceremony: Ceremony,
    challenge: &[u8],
    json: &[u8],
) -> Result<(), WebauthnError> {
    if json.len() > CLIENT_DATA_LENGTH_MAX {
        return Err(WebauthnError::Malformed("client data"));
    }
    let data: ClientData =
        serde_json::from_slice(json).map_err(|_| WebauthnError::Malformed("client data"))?;
    if data.r#type != ceremony {
        return Err(WebauthnError::OtherCeremony);
    }
    if data.challenge.0 != challenge {
        return Err(WebauthnError::OtherChallenge);
    }
    let is_ours = party.origins.contains(&data.origin);
    if !is_ours || data.cross_origin {
        return Err(WebauthnError::OtherOrigin);
    }
    Ok(())
}
