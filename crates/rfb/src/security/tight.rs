//! The Tight security type: a tunnel, then a type of authentication
//! (rfbproto, "Tight Security Type").

use super::choice::choose;
use super::error::SecurityError;
use super::kind::SecurityType;
use super::method::{Context, Method, Progress};
use super::reader::Reader;

/// Length of one capability, in bytes: a code, a vendor, a signature.
const CAPABILITY_BYTES: usize = 16;
/// Most capabilities in a list.
const CAPABILITIES_MAX: u32 = 64;
/// Code of the tunnel that is none.
const NO_TUNNEL: u32 = 0;
/// Code of the authentication with a Unix name and password.
const UNIX_LOGIN: u32 = 129;

/// How far it is.
pub(super) enum Stage {
    Tunnels,
    Authentications,
}

impl Stage {
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        context: &mut Context<'_>,
    ) -> Result<Option<Progress>, SecurityError> {
        let Some(codes) = capabilities(reader)? else {
            return Ok(None);
        };
        match self {
            Self::Tunnels => {
                if !codes.is_empty() {
                    if !codes.contains(&NO_TUNNEL) {
                        return Err(unsupported("Tight with a tunnel"));
                    }
                    context.output.extend(NO_TUNNEL.to_be_bytes());
                }
                *self = Self::Authentications;
                Ok(Some(Progress::On))
            }
            Self::Authentications => {
                if codes.is_empty() {
                    return Ok(Some(Progress::Become(Method::Nothing)));
                }
                let offers = |kind| code(kind).is_some_and(|code| codes.contains(&code));
                let chosen = choose(offers, &[], context.credentials)
                    .and_then(|kind| Some((kind, code(kind)?)));
                let Some((kind, code)) = chosen else {
                    return Err(unsupported("Tight with other authentication"));
                };
                context.output.extend(code.to_be_bytes());
                Ok(Some(Progress::Become(Method::of(kind))))
            }
        }
    }
}

const fn code(kind: SecurityType) -> Option<u32> {
    match kind {
        SecurityType::None => Some(1),
        SecurityType::VncAuth => Some(2),
        // The same message as Plain's.
        SecurityType::Plain => Some(UNIX_LOGIN),
        _ => None,
    }
}

fn unsupported(offered: &str) -> SecurityError {
    SecurityError::Unsupported {
        offered: offered.to_owned(),
    }
}

/// Reads the codes of a list of capabilities.
fn capabilities(reader: &mut Reader<'_>) -> Result<Option<Vec<u32>>, SecurityError> {
    let mut ahead = reader.clone();
    let Some(count) = ahead.u32() else {
        return Ok(None);
    };
    if count > CAPABILITIES_MAX {
        return Err(SecurityError::Protocol("too many capabilities"));
    }
    let mut codes = Vec::new();
    for _ in 0..count {
        let Some(capability) = ahead.bytes(CAPABILITY_BYTES) else {
            return Ok(None);
        };
        codes.extend(Reader::new(capability).u32());
    }
    *reader = ahead;
    Ok(Some(codes))
}
