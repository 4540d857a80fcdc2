//! Why the edge says no, as programs, people and HTTP see it.

use bytes::Bytes;
use causeway_fleet::{Problem, problem};
use http::header::{ALLOW, CONTENT_TYPE, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

/// A request that is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Only this method is served here.
    Method(&'static str),
    /// Not the request of a websocket.
    NotAWebsocket,
    /// The edge stops, and its browsers take others.
    Draining,
    OriginNotAllowed,
    TicketMissing,
    /// The subprotocol is not offered.
    ProtocolUnsupported,
    TicketInvalid,
    TicketExpired,
    TicketForOtherEdge,
    NodeNotConnected,
    /// The node did not answer in time.
    NodeTimeout,
    /// The node answered something else, or vanished before it answered.
    NodeLost,
    /// The node says no, for reasons of its own or of the control plane.
    ByNode(causeway_tunnel::Refusal),
    OrderTooLong,
    OrderInvalid,
    OrderExpired,
    /// No tunnel of the order's node ends here.
    NodeNotHere,
    /// The request did not come in time.
    TooSlow,
    NotFound,
}

/// What is told to the other side.
struct Told<'a> {
    status: u16,
    code: &'a str,
    title: &'static str,
    detail: &'static str,
}

impl Refused {
    /// Stable code.
    pub(crate) fn code(&self) -> &str {
        self.told().code
    }

    /// Code for counting: what a node makes up is counted as one.
    pub(crate) const fn metric(&self) -> &'static str {
        match self {
            Self::Method(_) | Self::NotAWebsocket => "not_a_websocket",
            Self::Draining => "edge_draining",
            Self::OriginNotAllowed => "origin_not_allowed",
            Self::TicketMissing => "ticket_missing",
            Self::ProtocolUnsupported => "protocol_unsupported",
            Self::TicketInvalid => "ticket_invalid",
            Self::TicketExpired => "ticket_expired",
            Self::TicketForOtherEdge => "ticket_for_other_edge",
            Self::NodeNotConnected => "node_not_connected",
            Self::NodeTimeout => "node_timeout",
            Self::NodeLost => "node_lost",
            Self::ByNode(_) => "refused_by_node",
            Self::OrderTooLong => "order_too_long",
            Self::OrderInvalid => "order_invalid",
            Self::OrderExpired => "order_expired",
            Self::NodeNotHere => "node_not_here",
            Self::TooSlow => "too_slow",
            Self::NotFound => "not_found",
        }
    }

    fn told(&self) -> Told<'_> {
        let (status, title, detail) = match self {
            Self::Method("GET") => (405, "Not a websocket", "Open a websocket here, with GET."),
            Self::Method(_) => (405, "Method not allowed", "See the Allow header."),
            Self::NotAWebsocket => (
                426,
                "Not a websocket",
                "Open a websocket here: version 13, over HTTP/1.1.",
            ),
            Self::Draining => (
                503,
                "Edge stops",
                "This edge stops; ask for a new ticket, which leads to another.",
            ),
            Self::OriginNotAllowed => (
                403,
                "Origin not allowed",
                "This page is not allowed to open sessions here.",
            ),
            Self::TicketMissing => (
                401,
                "No ticket",
                "Offer `ticket.<ticket>` as a subprotocol.",
            ),
            Self::ProtocolUnsupported => (
                400,
                "Unsupported protocol",
                "Offer `causeway.v1` as a subprotocol.",
            ),
            Self::TicketInvalid => (
                401,
                "Invalid ticket",
                "The ticket is not one of this control plane.",
            ),
            Self::TicketExpired => (401, "Expired ticket", "Ask for a new ticket."),
            Self::TicketForOtherEdge => (
                403,
                "Ticket for another edge",
                "Use the address that came with the ticket.",
            ),
            Self::NodeNotConnected => (
                503,
                "Node not connected",
                "The node is not connected here; try again shortly.",
            ),
            Self::NodeTimeout => (
                504,
                "Node too slow",
                "The node did not answer in time; try again.",
            ),
            Self::NodeLost => (
                502,
                "Node lost",
                "The node was lost while it was asked; try again.",
            ),
            Self::ByNode(refusal) => (
                refusal.status(),
                "Refused by the node",
                "The node does not take this browser.",
            ),
            Self::OrderTooLong => (413, "Order too long", "An order has at most 2048 bytes."),
            Self::OrderInvalid => (
                401,
                "Invalid order",
                "The order is not one of this control plane.",
            ),
            Self::OrderExpired => (401, "Expired order", "The order came too late."),
            Self::NodeNotHere => (
                404,
                "Node not here",
                "No tunnel of the order's node ends here.",
            ),
            Self::TooSlow => (408, "Request too slow", "The request did not come in time."),
            Self::NotFound => (404, "Not found", ""),
        };
        let code = match self {
            Self::Method("GET") => "not_a_websocket",
            Self::Method(_) => "method_not_allowed",
            Self::ByNode(refusal) => refusal.code(),
            other => other.metric(),
        };
        Told {
            status,
            code,
            title,
            detail,
        }
    }

    /// The HTTP status of the answer.
    pub(crate) fn status(&self) -> u16 {
        self.told().status
    }

    /// The answer.
    pub(crate) fn response(&self) -> Response<Full<Bytes>> {
        let told = self.told();
        let document = Problem::new(told.status, told.code, told.title, told.detail);
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let mut response = Response::new(Full::from(body));
        *response.status_mut() =
            StatusCode::from_u16(told.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(problem::MEDIA_TYPE));
        match self {
            Self::Method(allowed) => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            Self::NotAWebsocket => {
                headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
                headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            }
            _ => {}
        }
        response
    }
}
