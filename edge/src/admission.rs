//! Who is let in: the checks on a browser's request, in their order, pure.
//!
//! What is checked here costs no more than reading the request and verifying
//! one signature. Whether the node is there and takes the browser comes after.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causeway_fleet::{SUBPROTOCOL, TICKET_PREFIX};
use causeway_model::id::EdgeId;
use causeway_trust::{KeyRing, Ticket, TokenError};
use causeway_tunnel::Text;
use http::header::{
    AsHeaderName, CONNECTION, CONTENT_LENGTH, HeaderMap, ORIGIN, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, Version, request};
use jiff::Timestamp;

use crate::origins::Origins;
use crate::refusal::Refused;

/// What the checks are made against.
pub(crate) struct Gate<'a> {
    pub(crate) edge: EdgeId,
    pub(crate) origins: &'a Origins,
    pub(crate) keys: &'a KeyRing,
}

/// A browser that may be offered to its node.
#[derive(Debug)]
pub(crate) struct Admission {
    /// What the ticket says.
    pub(crate) ticket: Ticket,
    /// The ticket as it came, for the node.
    pub(crate) ticket_text: Text,
    /// Value of `Sec-WebSocket-Accept`.
    pub(crate) accept: String,
}

impl Gate<'_> {
    pub(crate) fn admit(
        &self,
        request: &request::Parts,
        now: Timestamp,
    ) -> Result<Admission, Refused> {
        let accept = websocket(request)?;
        self.check_origin(&request.headers)?;
        let ticket_text = offered_ticket(&request.headers)?;
        let ticket = self.check_ticket(&ticket_text, now)?;
        Ok(Admission {
            ticket,
            ticket_text,
            accept,
        })
    }

    /// A request without an origin is a program's, not a page's.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refused> {
        match single(headers, ORIGIN) {
            Single::Absent => Ok(()),
            Single::Value(origin) if self.origins.allow(origin) => Ok(()),
            Single::Value(_) | Single::Unclear => Err(Refused::OriginNotAllowed),
        }
    }

    fn check_ticket(&self, text: &Text, now: Timestamp) -> Result<Ticket, Refused> {
        let ticket: Ticket = self
            .keys
            .verify(text.as_str(), now)
            .map_err(|error| match error {
                TokenError::Expired => Refused::TicketExpired,
                TokenError::TooLong
                | TokenError::Malformed
                | TokenError::UnknownKey
                | TokenError::BadSignature => Refused::TicketInvalid,
            })?;
        if ticket.edge == self.edge {
            Ok(ticket)
        } else {
            Err(Refused::TicketForOtherEdge)
        }
    }
}

/// Whether the request is a websocket's (RFC 6455 section 4.2.1); what
/// `Sec-WebSocket-Accept` answers to it.
fn websocket(request: &request::Parts) -> Result<String, Refused> {
    if request.method != Method::GET {
        return Err(Refused::Method("GET"));
    }
    let headers = &request.headers;
    let asks = request.version == Version::HTTP_11
        && lists(headers, UPGRADE, "websocket")
        && lists(headers, CONNECTION, "upgrade")
        && matches!(single(headers, SEC_WEBSOCKET_VERSION), Single::Value("13"))
        && !has_body(headers);
    match single(headers, SEC_WEBSOCKET_KEY) {
        Single::Value(key) if asks && is_key(key) => Ok(accept_of(key)),
        Single::Value(_) | Single::Absent | Single::Unclear => Err(Refused::NotAWebsocket),
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING)
        || !matches!(
            single(headers, CONTENT_LENGTH),
            Single::Absent | Single::Value("0")
        )
}

/// 16 bytes in base64.
fn is_key(key: &str) -> bool {
    key.len() == 24 && STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}

/// RFC 6455 section 4.2.2, step 5.4.
fn accept_of(key: &str) -> String {
    const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    STANDARD.encode(digest(
        &SHA1_FOR_LEGACY_USE_ONLY,
        [key, GUID].concat().as_bytes(),
    ))
}

/// The ticket among the offered subprotocols; there must be exactly one, beside
/// our protocol.
fn offered_ticket(headers: &HeaderMap) -> Result<Text, Refused> {
    let offered = || elements(headers, SEC_WEBSOCKET_PROTOCOL);
    let mut tickets = offered().filter_map(|entry| entry.strip_prefix(TICKET_PREFIX));
    let ticket = tickets.next().ok_or(Refused::TicketMissing)?;
    if tickets.next().is_some() {
        return Err(Refused::TicketInvalid);
    }
    if !offered().any(|entry| entry == SUBPROTOCOL) {
        return Err(Refused::ProtocolUnsupported);
    }
    Text::new(ticket).ok_or(Refused::TicketInvalid)
}

/// A header that must not come twice.
enum Single<'a> {
    Absent,
    Value(&'a str),
    /// More than one, or not a text.
    Unclear,
}

fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Single<'_> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Single::Absent,
        (Some(value), None) => value.to_str().map_or(Single::Unclear, Single::Value),
        (Some(_), Some(_)) => Single::Unclear,
    }
}

/// The elements of a header that is a list (RFC 9110 section 5.6.1).
fn elements(headers: &HeaderMap, name: impl AsHeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

fn lists(headers: &HeaderMap, name: impl AsHeaderName, wanted: &str) -> bool {
    elements(headers, name).any(|element| element.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests;
