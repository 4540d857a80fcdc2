//! Plain: name and password as they are (rfbproto, "VeNCrypt" and its sub
//! type Plain). What protects them is the layer below, if there is one.

use super::credentials::Wanted;
use super::error::SecurityError;
use super::method::{Context, Progress};

/// Longest name or password, in bytes; TigerVNC takes no longer ones.
const BYTES_MAX: usize = 1024;

/// Tells name and password.
pub(super) fn advance(context: &mut Context<'_>) -> Result<Option<Progress>, SecurityError> {
    if !context.knows(Wanted::BOTH) {
        return Ok(None);
    }
    let (username, password) = (
        context.credentials.username(),
        context.credentials.password(),
    );
    let username_length = length(username, "user name")?;
    let password_length = length(password, "password")?;
    context
        .output
        .extend_from_slice(&username_length.to_be_bytes());
    context
        .output
        .extend_from_slice(&password_length.to_be_bytes());
    context.output.extend_from_slice(username.as_bytes());
    context.output.extend_from_slice(password.as_bytes());
    Ok(Some(Progress::Finished))
}

fn length(text: &str, what: &'static str) -> Result<u32, SecurityError> {
    let too_long = SecurityError::CredentialsTooLong {
        what,
        bytes_max: BYTES_MAX,
    };
    if text.len() > BYTES_MAX {
        return Err(too_long);
    }
    u32::try_from(text.len()).map_err(|_| too_long)
}
