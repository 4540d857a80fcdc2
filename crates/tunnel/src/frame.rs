//! The frames of a tunnel, pure.
//!
//! A frame is a `u16` (big endian) that counts the rest, one byte that says
//! what it is, and a body:
//!
//! | type | name     | body                                                     |
//! |------|----------|----------------------------------------------------------|
//! | 1    | greeting | pass                                                     |
//! | 2    | accepted | nothing                                                  |
//! | 3    | refused  | `u16` status, code                                       |
//! | 4    | preamble | `u8` version, `u16` + ticket, `u8` + address, request id |
//! | 5    | order    | order                                                    |
//!
//! Texts are UTF-8; one without a length goes to the end of the frame. Every
//! text has a limit of its own, nothing may follow a body.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use causeway_trust::token::TOKEN_LEN_MAX;

/// Longest frame after its length, in bytes.
pub const FRAME_LEN_MAX: usize = 4096;
/// Longest code of a refusal, in bytes.
pub const CODE_LEN_MAX: usize = 64;
/// Longest request id, in bytes.
pub const REQUEST_ID_LEN_MAX: usize = 64;
/// Longest address, in bytes: an IPv6 address with an IPv4 tail.
pub const ADDRESS_LEN_MAX: usize = 45;
/// Version of the preamble.
pub const PREAMBLE_VERSION: u8 = 1;

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`FRAME_LEN_MAX`], or empty.
    #[error("a frame of {0} bytes")]
    Length(usize),
    /// A type that this version does not know.
    #[error("a frame of unknown type {0}")]
    Type(u8),
    /// A preamble of a version that this one does not know.
    #[error("a preamble of unknown version {0}")]
    Version(u8),
    /// The body is cut short, too long, or not what its type says.
    #[error("a malformed {0} frame")]
    Malformed(&'static str),
}

/// A frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// The node's pass; on the control stream, first and whenever it is renewed.
    Greeting(Text),
    /// The answer to a greeting or a preamble: yes.
    Accepted,
    /// The answer to a greeting or a preamble: no.
    Refused(Refusal),
    /// The first frame on a browser's stream.
    Preamble(Preamble),
    /// A signed order; alone on its stream.
    Order(Text),
}

/// A token as text, at most [`TOKEN_LEN_MAX`] bytes. Not shown: it admits its
/// bearer.
#[derive(Clone, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// `None` when it is too long.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        (text.len() <= TOKEN_LEN_MAX).then(|| Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

/// A refusal: the HTTP status that fits it, and a stable code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("refused: {code}")]
pub struct Refusal {
    status: u16,
    code: String,
}

impl Refusal {
    /// A refusal to be sent. The status is clamped to `400..=599`; characters
    /// that a code has not become `_`, and what is too long is cut.
    #[must_use]
    pub fn new(status: u16, code: &str) -> Self {
        let code: String = code
            .chars()
            .take(CODE_LEN_MAX)
            .map(|c| if is_code_char(c) { c } else { '_' })
            .collect();
        Self {
            status: status.clamp(400, 599),
            code: if code.is_empty() {
                "refused".to_owned()
            } else {
                code
            },
        }
    }

    /// The HTTP status that fits it, `400..=599`.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Stable code: lower-case letters, digits and `_`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    fn parse(status: u16, code: &str) -> Option<Self> {
        let good = (400..=599).contains(&status)
            && (1..=CODE_LEN_MAX).contains(&code.len())
            && code.chars().all(is_code_char);
        good.then(|| Self {
            status,
            code: code.to_owned(),
        })
    }
}

const fn is_code_char(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '_')
}

/// Names one request in the logs of all who handle it: letters, digits, `-`,
/// `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

/// A text that is no request id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a request id")]
pub struct ParseRequestIdError;

impl FromStr for RequestId {
    type Err = ParseRequestIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let good = (1..=REQUEST_ID_LEN_MAX).contains(&text.len())
            && text.bytes().all(
                |byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.'),
            );
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseRequestIdError)
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the edge tells of a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preamble {
    /// The ticket as the browser brought it.
    pub ticket: Text,
    /// Where the browser comes from.
    pub client_address: IpAddr,
    /// Names the request in logs.
    pub request_id: RequestId,
}

const GREETING: u8 = 1;
const ACCEPTED: u8 = 2;
const REFUSED: u8 = 3;
const PREAMBLE: u8 = 4;
const ORDER: u8 = 5;

impl Frame {
    /// The frame with its length before it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![0, 0];
        self.encode_rest(&mut out);
        // The limits of the texts add up to less than a frame.
        let len = u16::try_from(out.len() - 2).unwrap_or(u16::MAX);
        out[..2].copy_from_slice(&len.to_be_bytes());
        out
    }

    fn encode_rest(&self, out: &mut Vec<u8>) {
        match self {
            Self::Greeting(pass) => {
                out.push(GREETING);
                out.extend_from_slice(pass.0.as_bytes());
            }
            Self::Accepted => out.push(ACCEPTED),
            Self::Refused(refusal) => {
                out.push(REFUSED);
                out.extend_from_slice(&refusal.status.to_be_bytes());
                out.extend_from_slice(refusal.code.as_bytes());
            }
            Self::Preamble(preamble) => {
                out.push(PREAMBLE);
                preamble.encode(out);
            }
            Self::Order(order) => {
                out.push(ORDER);
                out.extend_from_slice(order.0.as_bytes());
            }
        }
    }

    /// How many bytes follow the two that say so.
    ///
    /// # Errors
    /// [`FrameError::Length`].
    pub const fn decode_length(bytes: [u8; 2]) -> Result<usize, FrameError> {
        match u16::from_be_bytes(bytes) as usize {
            len @ 1..=FRAME_LEN_MAX => Ok(len),
            len => Err(FrameError::Length(len)),
        }
    }

    /// Reads a frame without its length.
    ///
    /// # Errors
    /// Every [`FrameError`].
    pub fn decode(rest: &[u8]) -> Result<Self, FrameError> {
        let (&kind, body) = rest.split_first().ok_or(FrameError::Length(0))?;
        if rest.len() > FRAME_LEN_MAX {
            return Err(FrameError::Length(rest.len()));
        }
        match kind {
            GREETING => token(body)
                .map(Self::Greeting)
                .ok_or(FrameError::Malformed("greeting")),
            ACCEPTED if body.is_empty() => Ok(Self::Accepted),
            ACCEPTED => Err(FrameError::Malformed("accepted")),
            REFUSED => refusal(body)
                .map(Self::Refused)
                .ok_or(FrameError::Malformed("refused")),
            PREAMBLE => Preamble::decode(body).map(Self::Preamble),
            ORDER => token(body)
                .map(Self::Order)
                .ok_or(FrameError::Malformed("order")),
            unknown => Err(FrameError::Type(unknown)),
        }
    }

    /// What it is, for errors.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Greeting(_) => "greeting",
            Self::Accepted => "accepted",
            Self::Refused(_) => "refused",
            Self::Preamble(_) => "preamble",
            Self::Order(_) => "order",
        }
    }
}

impl Preamble {
    fn encode(&self, out: &mut Vec<u8>) {
        let ticket = self.ticket.0.as_bytes();
        let address = self.client_address.to_string();
        out.push(PREAMBLE_VERSION);
        out.extend_from_slice(
            &u16::try_from(ticket.len())
                .unwrap_or(u16::MAX)
                .to_be_bytes(),
        );
        out.extend_from_slice(ticket);
        out.push(u8::try_from(address.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(address.as_bytes());
        out.extend_from_slice(self.request_id.0.as_bytes());
    }

    fn decode(body: &[u8]) -> Result<Self, FrameError> {
        match body.split_first() {
            Some((&PREAMBLE_VERSION, rest)) => {
                Self::decode_v1(rest).ok_or(FrameError::Malformed("preamble"))
            }
            Some((&version, _)) => Err(FrameError::Version(version)),
            None => Err(FrameError::Malformed("preamble")),
        }
    }

    fn decode_v1(body: &[u8]) -> Option<Self> {
        let (len, rest) = body.split_first_chunk::<2>()?;
        let (ticket, rest) = rest.split_at_checked(u16::from_be_bytes(*len).into())?;
        let (&len, rest) = rest.split_first()?;
        let (address, request_id) = rest.split_at_checked(len.into())?;
        Some(Self {
            ticket: token(ticket)?,
            client_address: str::from_utf8(address).ok()?.parse().ok()?,
            request_id: str::from_utf8(request_id).ok()?.parse().ok()?,
        })
    }
}

fn token(bytes: &[u8]) -> Option<Text> {
    Text::new(str::from_utf8(bytes).ok()?)
}

fn refusal(body: &[u8]) -> Option<Refusal> {
    let (status, code) = body.split_first_chunk::<2>()?;
    Refusal::parse(u16::from_be_bytes(*status), str::from_utf8(code).ok()?)
}

#[cfg(test)]
mod tests;
