//! The way of one browser: checked, offered to its node, let in.

use causeway_fleet::SUBPROTOCOL;
use causeway_tunnel::{OpenError, Preamble, RequestId};
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use jiff::Timestamp;

use crate::refusal::Refused;
use crate::routes::{Answer, Taken, Visit};

/// Answers 101 only when the node has taken the browser; until then every
/// refusal is an ordinary HTTP answer that the browser's side can read.
pub(crate) async fn answer(
    visit: &Visit,
    request: Request<Incoming>,
    request_id: &RequestId,
) -> Result<Answer, Refused> {
    let (head, _no_body) = request.into_parts();
    let shared = &visit.shared;
    let admission = shared.with_gate(|gate| gate.admit(&head, Timestamp::now()))?;
    let ticket = &admission.ticket;
    let span = tracing::info_span!("session", connection = %ticket.connection, node = %ticket.node, %request_id);
    let tunnel = shared
        .tunnels
        .newest(ticket.node)
        .ok_or(Refused::NodeNotConnected)?;
    let preamble = Preamble {
        ticket: admission.ticket_text,
        client_address: visit.peer.ip().to_canonical(),
        request_id: request_id.clone(),
    };
    let stream = tunnel.open(preamble).await.map_err(|error| {
        tracing::info!(parent: &span, error = &error as &dyn std::error::Error, "not taken");
        refused(error)
    })?;
    visit.keep(Taken { stream, span });
    switching(&admission.accept)
}

fn refused(error: OpenError) -> Refused {
    match error {
        OpenError::Lost(_) => Refused::NodeNotConnected,
        OpenError::Deadline => Refused::NodeTimeout,
        OpenError::Refused(refusal) => Refused::ByNode(refusal),
        OpenError::Answer(_) => Refused::NodeLost,
    }
}

fn switching(accept: &str) -> Result<Answer, Refused> {
    let accept = HeaderValue::from_str(accept).map_err(|_| Refused::NotAWebsocket)?;
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = answer.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    headers.insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    Ok(answer)
}
