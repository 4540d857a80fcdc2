//! A security type at work.

use std::collections::VecDeque;

use super::credentials::{Credentials, Wanted};
use super::error::SecurityError;
use super::handshake::{Random, Step};
use super::kind::SecurityType;
use super::ra2::{ClientKey, Ra2};
use super::reader::Reader;
use super::{apple, ms_logon, plain, tight, vencrypt, vnc_auth};

/// The security type that was chosen, and how far it is.
pub(super) enum Method {
    Nothing,
    VncAuth,
    Plain,
    Tight(tight::Stage),
    Vencrypt(vencrypt::Stage),
    AppleDh,
    MsLogonII,
    Ra2(Box<Ra2>),
}

/// How a security type got on.
pub(super) enum Progress {
    /// It moved and can be called again.
    On,
    /// It leads to another one.
    Become(Method),
    /// The security result is next.
    Finished,
}

/// What a security type may use.
pub(super) struct Context<'a> {
    pub(super) credentials: &'a Credentials,
    pub(super) allowed: &'a [SecurityType],
    pub(super) output: &'a mut Vec<u8>,
    pub(super) steps: &'a mut VecDeque<Step>,
    pub(super) answers: &'a mut Answers,
    pub(super) random: &'a mut Random,
}

/// What the caller has answered to steps.
#[derive(Default)]
pub(super) struct Answers {
    /// A step that is not answered yet: nothing is read until it is.
    pub(super) waits: bool,
    /// The layer that was asked for is in place, or away.
    pub(super) layered: bool,
    /// The server's key is the server's.
    pub(super) server_key_trusted: bool,
    /// Our key.
    pub(super) client_key: Option<ClientKey>,
}

impl Context<'_> {
    /// Whether what is `wanted` is known; else it is asked for.
    pub(super) fn knows(&mut self, wanted: Wanted) -> bool {
        let missing = self.credentials.missing(wanted);
        if missing.is_something() {
            self.ask(Step::NeedCredentials(missing));
        }
        !missing.is_something()
    }

    /// Asks the caller for something, and reads nothing until it is there.
    pub(super) fn ask(&mut self, step: Step) {
        self.answers.waits = true;
        self.steps.push_back(step);
    }

    /// Fills with random bytes.
    pub(super) fn fill(&mut self, bytes: &mut [u8]) {
        (self.random)(bytes);
    }
}

impl Method {
    /// What a type does once it is chosen; for a sub type of VeNCrypt what it
    /// does inside of TLS.
    pub(super) fn of(kind: SecurityType) -> Self {
        match kind {
            SecurityType::X509None | SecurityType::TlsNone | SecurityType::None => Self::Nothing,
            SecurityType::X509Vnc | SecurityType::TlsVnc | SecurityType::VncAuth => Self::VncAuth,
            SecurityType::X509Plain | SecurityType::TlsPlain | SecurityType::Plain => Self::Plain,
            SecurityType::Ra2Aes128
            | SecurityType::Ra2Aes256
            | SecurityType::Ra2NeAes128
            | SecurityType::Ra2NeAes256 => Self::Ra2(Box::new(Ra2::new(kind))),
            SecurityType::AppleDh => Self::AppleDh,
            SecurityType::Tight => Self::Tight(tight::Stage::Tunnels),
            SecurityType::MsLogonII => Self::MsLogonII,
        }
    }

    /// Goes as far as what has come leads; `None` when more has to come.
    pub(super) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        context: &mut Context<'_>,
    ) -> Result<Option<Progress>, SecurityError> {
        match self {
            Self::Nothing => Ok(Some(Progress::Finished)),
            Self::VncAuth => vnc_auth::advance(reader, context),
            Self::Plain => plain::advance(context),
            Self::Tight(stage) => stage.advance(reader, context),
            Self::Vencrypt(stage) => stage.advance(reader, context),
            Self::AppleDh => apple::advance(reader, context),
            Self::MsLogonII => ms_logon::advance(reader, context),
            Self::Ra2(ra2) => ra2.advance(reader, context),
        }
    }
}
