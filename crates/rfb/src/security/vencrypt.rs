//! VeNCrypt 0.2: a choice of sub types, and TLS below most of them (rfbproto,
//! "VeNCrypt").

use super::choice::choose;
use super::error::SecurityError;
use super::handshake::Step;
use super::kind::{self, SecurityType};
use super::layer::Layer;
use super::method::{Context, Method, Progress};
use super::reader::Reader;

/// How far it is.
pub(super) enum Stage {
    /// The server tells its version.
    Version,
    /// The server agrees to our version.
    Agreement,
    /// The server tells its sub types.
    SubTypes,
    /// The server is ready for TLS.
    Ready(SecurityType),
    /// TLS is being put below.
    Layering(SecurityType),
}

impl Stage {
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        context: &mut Context<'_>,
    ) -> Result<Option<Progress>, SecurityError> {
        match *self {
            Self::Version => {
                let Some(version) = reader.array::<2>() else {
                    return Ok(None);
                };
                if version < [0, 2] {
                    return Err(SecurityError::Unsupported {
                        offered: format!("VeNCrypt {}.{}", version[0], version[1]),
                    });
                }
                context.output.extend([0, 2]);
                *self = Self::Agreement;
            }
            Self::Agreement => match reader.u8() {
                None => return Ok(None),
                Some(0) => *self = Self::SubTypes,
                Some(_) => return Err(refused("it does not speak VeNCrypt 0.2")),
            },
            Self::SubTypes => {
                let Some(offered) = sub_types(reader) else {
                    return Ok(None);
                };
                let offers =
                    |kind: SecurityType| kind.is_of_vencrypt() && offered.contains(&kind.number());
                let Some(chosen) = choose(offers, context.allowed, context.credentials) else {
                    return Err(SecurityError::Unsupported {
                        offered: kind::name_all(offered),
                    });
                };
                context.output.extend(chosen.number().to_be_bytes());
                if chosen == SecurityType::Plain {
                    return Ok(Some(Progress::Become(Method::of(chosen))));
                }
                *self = Self::Ready(chosen);
            }
            Self::Ready(chosen) => {
                match reader.u8() {
                    None => return Ok(None),
                    Some(0) => return Err(refused("it cannot begin with TLS")),
                    Some(_) => {}
                }
                let step = if is_anonymous(chosen) {
                    Step::Layer(Layer::anonymous_tls(context.random))
                } else {
                    Step::NeedTls
                };
                context.answers.layered = false;
                context.ask(step);
                *self = Self::Layering(chosen);
            }
            Self::Layering(chosen) => {
                if !context.answers.layered {
                    return Ok(None);
                }
                return Ok(Some(Progress::Become(Method::of(chosen))));
            }
        }
        Ok(Some(Progress::On))
    }
}

const fn is_anonymous(kind: SecurityType) -> bool {
    matches!(
        kind,
        SecurityType::TlsNone | SecurityType::TlsVnc | SecurityType::TlsPlain
    )
}

fn sub_types(reader: &mut Reader<'_>) -> Option<Vec<u32>> {
    let mut ahead = reader.clone();
    let count = ahead.u8()?;
    let kinds = (0..count).map(|_| ahead.u32()).collect::<Option<_>>()?;
    *reader = ahead;
    Some(kinds)
}

fn refused(reason: &str) -> SecurityError {
    SecurityError::Refused {
        reason: reason.to_owned(),
    }
}
