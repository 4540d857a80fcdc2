//! The handshake as a whole (RFC 6143 sections 7.1.1 to 7.1.3).

use std::collections::VecDeque;
use std::fmt;

use zeroize::{Zeroize as _, Zeroizing};

use super::choice::choose_number;
use super::credentials::{Credentials, Wanted};
use super::error::SecurityError;
use super::kind::{self, SecurityType};
use super::layer::Layer;
use super::method::{Answers, Context, Method, Progress};
use super::ra2::{ClientKey, ServerKey};
use super::reader::Reader;
use super::version::{self, Version};
use super::{reason, vencrypt};
use crate::Established;

/// A source of random bytes fit for keys.
pub type Random = Box<dyn FnMut(&mut [u8]) + Send + Sync>;

/// What a handshake is given.
pub struct SecurityConfig {
    /// What is known to sign in with.
    pub credentials: Credentials,
    /// The security types to take, best first; empty for every one that is
    /// spoken, by strength.
    pub allowed: Vec<SecurityType>,
    /// Where keys come from.
    pub random: Random,
}

/// What only the caller can do. Before a step is acted on, everything from
/// [`Handshake::poll_output`] has to be sent.
#[derive(Debug)]
pub enum Step {
    /// [`Handshake::handle_credentials`] is to be given these.
    NeedCredentials(Wanted),
    /// TLS with a certificate is to be put between this and the socket, then
    /// [`Handshake::handle_layered`] called. What was not consumed belongs to
    /// TLS.
    NeedTls,
    /// [`Handshake::handle_client_key`] is to be given a fresh key.
    NeedClientKey,
    /// [`Handshake::handle_server_key_trusted`] is to be called if this is the
    /// server's key. No secret has been told yet.
    VerifyServerKey(ServerKey),
    /// This is to be put between this and the socket, then
    /// [`Handshake::handle_layered`] called.
    Layer(Layer),
    /// The layer is to be taken away, then [`Handshake::handle_layered`]
    /// called.
    RemoveLayer,
    /// The handshake is over; what was not consumed is the client's.
    Done(Established),
}

/// From the server's version to the security result.
pub struct Handshake {
    state: State,
    version: Version,
    /// The security type on the list's own level.
    number: u8,
    credentials: Credentials,
    allowed: Vec<SecurityType>,
    random: Random,
    answers: Answers,
    output: Vec<u8>,
    steps: VecDeque<Step>,
}

enum State {
    Version,
    /// The server's only type (3.3).
    Type,
    /// The server's list of types (3.7 and above).
    Types,
    Method(Method),
    Result {
        nothing_asked: bool,
    },
    Reason(Cause),
    Done,
}

/// What a reason explains.
#[derive(Clone, Copy)]
enum Cause {
    /// The server wants none of us.
    Refusal,
    /// The credentials were wrong.
    Rejection,
    /// There were too many attempts.
    TooMany,
}

impl Handshake {
    /// Begins; the server speaks first.
    #[must_use]
    pub fn new(config: SecurityConfig) -> Self {
        Self {
            state: State::Version,
            version: Version::V38,
            number: 0,
            credentials: config.credentials,
            allowed: config.allowed,
            random: config.random,
            answers: Answers::default(),
            output: Vec::new(),
            steps: VecDeque::new(),
        }
    }

    /// The version that is spoken, once the server has told its own.
    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Takes as much of `input` as belongs to it and says how much that was;
    /// the rest is to be given again, with what came since. Nothing is taken
    /// while a step is not answered; after an answer it is to be called again.
    /// It never needs more than 64 KiB at once.
    ///
    /// # Errors
    /// When the server refuses, or does not keep to the rules.
    pub fn handle_input(&mut self, input: &[u8]) -> Result<usize, SecurityError> {
        let mut reader = Reader::new(input);
        while !self.answers.waits && !matches!(self.state, State::Done) {
            if !self.advance(&mut reader)? {
                break;
            }
        }
        Ok(input.len() - reader.rest().len())
    }

    /// What the server means by closing now; `None` for nothing particular.
    #[must_use]
    pub fn handle_closed(&self) -> Option<SecurityError> {
        match self.state {
            State::Reason(cause) => Some(cause.error(String::new())),
            _ => None,
        }
    }

    /// What is to be sent, wiped once it is dropped.
    pub fn poll_output(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        let output = std::mem::take(&mut self.output);
        (!output.is_empty()).then(|| Zeroizing::new(output))
    }

    /// What is to be done.
    pub fn poll_step(&mut self) -> Option<Step> {
        self.steps.pop_front()
    }

    /// Answers [`Step::NeedCredentials`]. What is `None` stays as it is.
    pub fn handle_credentials(&mut self, credentials: Credentials) {
        let known = std::mem::take(&mut self.credentials);
        self.credentials = Credentials {
            username: credentials.username.or(known.username),
            password: credentials.password.or(known.password),
        };
        self.answers.waits = false;
    }

    /// Answers [`Step::NeedTls`], [`Step::Layer`] and [`Step::RemoveLayer`].
    pub fn handle_layered(&mut self) {
        self.answers.layered = true;
        self.answers.waits = false;
    }

    /// Answers [`Step::NeedClientKey`].
    pub fn handle_client_key(&mut self, key: ClientKey) {
        self.answers.client_key = Some(key);
        self.answers.waits = false;
    }

    /// Answers [`Step::VerifyServerKey`].
    pub fn handle_server_key_trusted(&mut self) {
        self.answers.server_key_trusted = true;
        self.answers.waits = false;
    }

    /// One state further; false when more has to come.
    fn advance(&mut self, reader: &mut Reader<'_>) -> Result<bool, SecurityError> {
        match &mut self.state {
            State::Version => self.read_version(reader),
            State::Type => self.read_type(reader),
            State::Types => self.read_types(reader),
            State::Method(_) => self.advance_method(reader),
            State::Result { nothing_asked } => {
                let nothing_asked = *nothing_asked;
                self.read_result(reader, nothing_asked)
            }
            State::Reason(cause) => {
                let cause = *cause;
                Self::read_reason(reader, cause)
            }
            State::Done => Ok(false),
        }
    }

    fn read_version(&mut self, reader: &mut Reader<'_>) -> Result<bool, SecurityError> {
        let Some(message) = reader.array::<{ version::MESSAGE_BYTES }>() else {
            return early_nonsense(reader);
        };
        self.version = Version::read(&message)?;
        self.output.extend_from_slice(self.version.message());
        self.state = match self.version {
            Version::V33 => State::Type,
            Version::V37 | Version::V38 => State::Types,
        };
        Ok(true)
    }

    fn read_type(&mut self, reader: &mut Reader<'_>) -> Result<bool, SecurityError> {
        let Some(number) = reader.u32() else {
            return Ok(false);
        };
        if number == 0 {
            self.state = State::Reason(Cause::Refusal);
            return Ok(true);
        }
        let unsupported = || SecurityError::Unsupported {
            offered: kind::name_all([number]),
        };
        let offered = u8::try_from(number).map_err(|_| unsupported())?;
        let chosen = choose_number(&[offered], &self.allowed, &self.credentials);
        self.begin(chosen.ok_or_else(unsupported)?)?;
        Ok(true)
    }

    fn read_types(&mut self, reader: &mut Reader<'_>) -> Result<bool, SecurityError> {
        let mut ahead = reader.clone();
        let Some(count) = ahead.u8() else {
            return Ok(false);
        };
        let Some(offered) = ahead.bytes(usize::from(count)) else {
            return Ok(false);
        };
        *reader = ahead;
        if offered.is_empty() {
            self.state = State::Reason(Cause::Refusal);
            return Ok(true);
        }
        let Some(chosen) = choose_number(offered, &self.allowed, &self.credentials) else {
            return Err(SecurityError::Unsupported {
                offered: kind::name_all(offered.iter().copied().map(u32::from)),
            });
        };
        self.output.push(chosen);
        self.begin(chosen)?;
        Ok(true)
    }

    fn begin(&mut self, number: u8) -> Result<(), SecurityError> {
        self.number = number;
        let method = if number == kind::VENCRYPT {
            Method::Vencrypt(vencrypt::Stage::Version)
        } else {
            let kind = SecurityType::of_number(u32::from(number));
            Method::of(kind.ok_or(SecurityError::Protocol("a type that was not offered"))?)
        };
        self.state = State::Method(method);
        Ok(())
    }

    fn advance_method(&mut self, reader: &mut Reader<'_>) -> Result<bool, SecurityError> {
        let State::Method(method) = &mut self.state else {
            return Ok(false);
        };
        let mut context = Context {
            credentials: &self.credentials,
            allowed: &self.allowed,
            output: &mut self.output,
            steps: &mut self.steps,
            answers: &mut self.answers,
            random: &mut self.random,
        };
        match method.advance(reader, &mut context)? {
            None => return Ok(false),
            Some(Progress::On) => {}
            Some(Progress::Become(next)) => *method = next,
            Some(Progress::Finished) => {
                let nothing_asked = matches!(method, Method::Nothing);
                // Before 3.8 there is no result where nothing was asked.
                if nothing_asked && self.version < Version::V38 && self.number != kind::VENCRYPT {
                    self.finish();
                } else {
                    self.state = State::Result { nothing_asked };
                }
            }
        }
        Ok(true)
    }

    fn read_result(
        &mut self,
        reader: &mut Reader<'_>,
        nothing_asked: bool,
    ) -> Result<bool, SecurityError> {
        let Some(result) = reader.u32() else {
            return Ok(false);
        };
        let cause = match result {
            0 => {
                self.finish();
                return Ok(true);
            }
            1 if nothing_asked => Cause::Refusal,
            1 => Cause::Rejection,
            2 => Cause::TooMany,
            _ => return Err(SecurityError::Protocol("an unknown security result")),
        };
        if self.version < Version::V38 {
            return Err(cause.error(String::new()));
        }
        self.state = State::Reason(cause);
        Ok(true)
    }

    fn read_reason(reader: &mut Reader<'_>, cause: Cause) -> Result<bool, SecurityError> {
        let mut ahead = reader.clone();
        let Some(length) = ahead.u32() else {
            return Ok(false);
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(text) = ahead.bytes(length.min(reason::BYTES_MAX)) else {
            return Ok(false);
        };
        Err(cause.error(reason::clean(text)))
    }

    fn finish(&mut self) {
        self.state = State::Done;
        self.steps.push_back(Step::Done(Established {
            tight_capabilities: u32::from(self.number) == SecurityType::Tight.number(),
        }));
    }
}

impl Cause {
    fn error(self, reason: String) -> SecurityError {
        match self {
            Self::TooMany => SecurityError::TooManyAttempts { reason },
            Self::Refusal | Self::Rejection if reason::is_too_many(&reason) => {
                SecurityError::TooManyAttempts { reason }
            }
            Self::Refusal => SecurityError::Refused { reason },
            Self::Rejection => SecurityError::WrongCredentials { reason },
        }
    }
}

/// What does not begin like a version is no VNC server, and may never say
/// twelve bytes.
fn early_nonsense(reader: &Reader<'_>) -> Result<bool, SecurityError> {
    let begun = reader.rest();
    if b"RFB "
        .iter()
        .zip(begun)
        .all(|(expected, byte)| expected == byte)
    {
        return Ok(false);
    }
    Err(SecurityError::NotRfb {
        greeting: reason::clean(begun),
    })
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.output.zeroize();
    }
}

impl fmt::Debug for Handshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handshake")
            .field("version", &self.version)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for SecurityConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityConfig")
            .field("credentials", &self.credentials)
            .field("allowed", &self.allowed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
