//! RSA-AES, as RealVNC and TigerVNC speak it (rfbproto, "RSA-AES Security
//! Type" and its kin: types 5, 6, 129 and 130).
//!
//! Server and client show RSA keys, encrypt a random number for each other
//! and derive AES keys from both numbers. The server is known by its key, as
//! in SSH. In the types "ne" only the credentials are encrypted, and whatever
//! follows can be read and changed by anybody in between.

mod key;
mod records;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::credentials::Wanted;
use super::error::SecurityError;
use super::handshake::Step;
use super::kind::SecurityType;
use super::layer::Layer;
use super::method::{Context, Progress};
use super::reader::Reader;

pub use key::{ClientKey, ServerKey};
pub(super) use records::Records;

/// The server wants a name and a password.
const WANTS_BOTH: u8 = 1;
/// The server wants a password only.
const WANTS_PASSWORD: u8 = 2;
/// Longest name or password, in bytes.
const CREDENTIAL_BYTES_MAX: usize = 255;

/// RSA-AES at work.
pub(super) struct Ra2 {
    strength: Strength,
    encrypts_all: bool,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Strength {
    /// 16 bytes of key and SHA-1.
    Aes128,
    /// 32 bytes of key and SHA-256.
    Aes256,
}

enum Stage {
    ServerKey,
    ServerKeyTrusted(ServerKey),
    ClientKey(ServerKey),
    ServerRandom {
        server: ServerKey,
        client: ClientKey,
        random: Zeroizing<Vec<u8>>,
    },
    Layering {
        ours: Vec<u8>,
        theirs: Vec<u8>,
    },
    Hash {
        theirs: Vec<u8>,
    },
    SubType,
    Credentials(u8),
    LayerAway,
    /// Only while a stage leads to the next.
    Moving,
}

impl Ra2 {
    pub(super) const fn new(kind: SecurityType) -> Self {
        let strength = match kind {
            SecurityType::Ra2Aes256 | SecurityType::Ra2NeAes256 => Strength::Aes256,
            _ => Strength::Aes128,
        };
        Self {
            strength,
            encrypts_all: matches!(kind, SecurityType::Ra2Aes256 | SecurityType::Ra2Aes128),
            stage: Stage::ServerKey,
        }
    }

    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        context: &mut Context<'_>,
    ) -> Result<Option<Progress>, SecurityError> {
        match std::mem::replace(&mut self.stage, Stage::Moving) {
            Stage::ServerKey => {
                let Some(server) = ServerKey::read(reader)? else {
                    return self.stay(Stage::ServerKey);
                };
                context.answers.server_key_trusted = false;
                context.ask(Step::VerifyServerKey(server.clone()));
                self.go(Stage::ServerKeyTrusted(server))
            }
            Stage::ServerKeyTrusted(server) => {
                if !context.answers.server_key_trusted {
                    return self.stay(Stage::ServerKeyTrusted(server));
                }
                context.ask(Step::NeedClientKey);
                self.go(Stage::ClientKey(server))
            }
            Stage::ClientKey(server) => {
                let Some(client) = context.answers.client_key.take() else {
                    return self.stay(Stage::ClientKey(server));
                };
                let mut random = Zeroizing::new(vec![0; self.strength.bytes()]);
                context.fill(&mut random);
                context.output.extend_from_slice(client.public());
                let sealed = server.encrypt(&random, |bytes| (context.random)(bytes))?;
                let length = u16::try_from(sealed.len())
                    .map_err(|_| SecurityError::Cryptography("the target's key is too long"))?;
                context.output.extend(length.to_be_bytes());
                context.output.extend(sealed);
                self.go(Stage::ServerRandom {
                    server,
                    client,
                    random,
                })
            }
            Stage::ServerRandom {
                server,
                client,
                random,
            } => {
                let Some(theirs) = self.read_random(reader, &client)? else {
                    return self.stay(Stage::ServerRandom {
                        server,
                        client,
                        random,
                    });
                };
                let records = Records::new(
                    &self.strength.digest(&[&theirs, &random]),
                    &self.strength.digest(&[&random, &theirs]),
                    self.strength.bytes(),
                );
                context.answers.layered = false;
                context.ask(Step::Layer(Layer::Records(Box::new(records))));
                let keys = (client.public(), server.as_bytes());
                self.go(Stage::Layering {
                    ours: self.strength.digest(&[keys.0, keys.1]).to_vec(),
                    theirs: self.strength.digest(&[keys.1, keys.0]).to_vec(),
                })
            }
            Stage::Layering { ours, theirs } => {
                if !context.answers.layered {
                    return self.stay(Stage::Layering { ours, theirs });
                }
                context.output.extend(ours);
                self.go(Stage::Hash { theirs })
            }
            Stage::Hash { theirs } => {
                let Some(hash) = reader.bytes(theirs.len()) else {
                    return self.stay(Stage::Hash { theirs });
                };
                if hash != theirs {
                    return Err(SecurityError::Cryptography(
                        "the keys that both sides saw are not the same",
                    ));
                }
                self.go(Stage::SubType)
            }
            Stage::SubType => match reader.u8() {
                None => self.stay(Stage::SubType),
                Some(wants @ (WANTS_BOTH | WANTS_PASSWORD)) => self.go(Stage::Credentials(wants)),
                Some(_) => Err(SecurityError::Protocol("unknown credentials are wanted")),
            },
            Stage::Credentials(wants) => {
                let wanted = match wants {
                    WANTS_BOTH => Wanted::BOTH,
                    _ => Wanted::PASSWORD,
                };
                if !context.knows(wanted) {
                    return self.stay(Stage::Credentials(wants));
                }
                let username = if wanted.username {
                    context.credentials.username()
                } else {
                    ""
                };
                write(context.output, username, "user name")?;
                write(context.output, context.credentials.password(), "password")?;
                if self.encrypts_all {
                    return Ok(Some(Progress::Finished));
                }
                context.answers.layered = false;
                context.ask(Step::RemoveLayer);
                self.go(Stage::LayerAway)
            }
            Stage::LayerAway => {
                if !context.answers.layered {
                    return self.stay(Stage::LayerAway);
                }
                Ok(Some(Progress::Finished))
            }
            Stage::Moving => Err(SecurityError::Protocol("called after it failed")),
        }
    }

    /// The server's random number, encrypted for us.
    fn read_random(
        &self,
        reader: &mut Reader<'_>,
        client: &ClientKey,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, SecurityError> {
        let mut ahead = reader.clone();
        let Some(length) = ahead.u16() else {
            return Ok(None);
        };
        if usize::from(length) != client.bytes() {
            return Err(SecurityError::Protocol(
                "the random number is of a wrong length",
            ));
        }
        let Some(sealed) = ahead.bytes(usize::from(length)) else {
            return Ok(None);
        };
        *reader = ahead;
        let random = client.decrypt(sealed)?;
        if random.len() != self.strength.bytes() {
            return Err(SecurityError::Cryptography(
                "the random number is of a wrong length",
            ));
        }
        Ok(Some(random))
    }

    fn go(&mut self, stage: Stage) -> Result<Option<Progress>, SecurityError> {
        self.stage = stage;
        Ok(Some(Progress::On))
    }

    fn stay(&mut self, stage: Stage) -> Result<Option<Progress>, SecurityError> {
        self.stage = stage;
        Ok(None)
    }
}

impl Strength {
    /// Bytes of a key and of a random number.
    const fn bytes(self) -> usize {
        match self {
            Self::Aes128 => 16,
            Self::Aes256 => 32,
        }
    }

    fn digest(self, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        let joined = Zeroizing::new(parts.concat());
        Zeroizing::new(match self {
            Self::Aes128 => Sha1::digest(&*joined).to_vec(),
            Self::Aes256 => Sha256::digest(&*joined).to_vec(),
        })
    }
}

/// A text with its length before it.
fn write(output: &mut Vec<u8>, text: &str, what: &'static str) -> Result<(), SecurityError> {
    let too_long = SecurityError::CredentialsTooLong {
        what,
        bytes_max: CREDENTIAL_BYTES_MAX,
    };
    output.push(u8::try_from(text.len()).map_err(|_| too_long)?);
    output.extend_from_slice(text.as_bytes());
    Ok(())
}
