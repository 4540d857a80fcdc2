//! The way of one browser: checked, offered to its node, let in.

use causeway_fleet::{EDGE_CONNECT_PATH, SUBPROTOCOL};
use causeway_telemetry::{TARGET, follow, note_served, trace_id};
use causeway_trust::Ticket;
use causeway_tunnel::{OpenError, Preamble, RequestId};
use http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use jiff::Timestamp;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};

use crate::admission::Admission;
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
    if shared.turned_away.is_cancelled() {
        return Err(Refused::Draining);
    }
    let admission = shared.with_gate(|gate| gate.admit(&head, Timestamp::now()))?;
    let traced = traced(&admission.ticket, request_id);
    follow(&traced, admission.ticket.trace);
    let answer = offer(visit, admission, request_id)
        .instrument(traced.clone())
        .await;
    note(&traced, answer.as_ref().err());
    answer
}

async fn offer(
    visit: &Visit,
    admission: Admission,
    request_id: &RequestId,
) -> Result<Answer, Refused> {
    let (shared, ticket) = (&visit.shared, &admission.ticket);
    // No part of the traced one, which ends before the session does.
    let span = tracing::info_span!(
        parent: None,
        "session",
        connection = %ticket.connection,
        node = %ticket.node,
        %request_id,
        trace_id = trace_id().map(display),
    );
    let tunnel = shared
        .tunnels
        .newest(ticket.node)
        .ok_or(Refused::NodeNotConnected)?;
    let preamble = Preamble {
        ticket: admission.ticket_text,
        client_address: visit.peer.ip().to_canonical(),
        request_id: request_id.clone(),
    };
    let opening = tracing::info_span!(target: TARGET, "open tunnel stream", otel.kind = "client");
    let opened = tunnel.open(preamble).instrument(opening).await;
    let stream = opened.map_err(|error| {
        tracing::info!(parent: &span, error = &error as &dyn std::error::Error, "not taken");
        refused(error)
    })?;
    visit.keep(Taken { stream, span });
    switching(&admission.accept)
}

/// A server's span (semantic conventions for HTTP), until the browser is let
/// in or turned away; the session itself is none.
fn traced(ticket: &Ticket, request_id: &RequestId) -> Span {
    tracing::info_span!(
        target: TARGET,
        "attach",
        otel.name = format!("GET {EDGE_CONNECT_PATH}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = "GET",
        http.response.status_code = Empty,
        http.route = EDGE_CONNECT_PATH,
        error.type = Empty,
        causeway.request.id = %request_id,
        causeway.connection.id = %ticket.connection,
        causeway.node.id = %ticket.node,
        causeway.edge.id = %ticket.edge,
        causeway.outcome.code = Empty,
    )
}

fn note(span: &Span, refused: Option<&Refused>) {
    let status = refused.map_or(StatusCode::SWITCHING_PROTOCOLS.as_u16(), Refused::status);
    note_served(span, status, refused.map(Refused::code));
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
