//! The span of a request, as a part of the trace that its caller began.
//!
//! What a caller says of a trace is anybody's to write: one good `traceparent`
//! is followed, whatever else is there begins a new trace, and whether it is
//! recorded is decided here. The span is the innermost of the layers, so that it
//! is the current one of whatever handles the request.

use std::fmt;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use causeway_telemetry::{TARGET, follow, header, note_served, parent_of};
use http::Method;
use tracing::field::{Empty, display};
use tracing::{Instrument as _, Span};

use crate::app::App;
use crate::problem::ProblemCode;
use crate::rest::layers::{AboutConnection, RequestId};

/// What is asked all the time and is a part of nobody's launch.
const UNTRACED: [&str; 4] = ["/healthz", "/readyz", "/metrics", "/api/v1/fleet/heartbeat"];

/// The trace of a request that is recorded, in its response's extensions.
#[derive(Debug, Clone)]
pub(super) struct TraceId(String);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Answers a request in a span of its own, when traces are on.
pub(super) async fn trace(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (Some(sampling), Some(route)) = (app.config().traces, route) else {
        return next.run(request).await;
    };
    if UNTRACED.contains(&route.as_str()) {
        return next.run(request).await;
    }
    let span = span_of(&request, route.as_str());
    let outside = header(request.headers());
    follow(&span, outside.map(|outside| sampling.decide(outside)));
    let recorded = parent_of(&span).filter(|place| place.sampled);
    let trace_id = recorded.map(|place| TraceId(place.trace_id()));
    if let Some(id) = &trace_id {
        // Of the span around this one, which the lines of the log show.
        Span::current().record("trace_id", display(id));
    }
    let mut response = next.run(request).instrument(span.clone()).await;
    note(&span, &response);
    if let Some(id) = trace_id {
        response.extensions_mut().insert(id);
    }
    response
}

/// A server's span (semantic conventions for HTTP): the route's template, never
/// the path or the query.
fn span_of(request: &Request, route: &str) -> Span {
    let id = request.extensions().get::<RequestId>();
    let method = known(request.method());
    tracing::info_span!(
        target: TARGET,
        "request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.response.status_code = Empty,
        http.route = route,
        error.type = Empty,
        causeway.request.id = id.map(|id| id.0.as_str()),
        causeway.connection.id = Empty,
        causeway.outcome.code = Empty,
    )
}

fn note(span: &Span, response: &Response) {
    let extensions = response.extensions();
    if let Some(AboutConnection(id)) = extensions.get() {
        span.record("causeway.connection.id", display(id));
    }
    let code = extensions.get().map(|ProblemCode(code)| *code);
    note_served(span, response.status().as_u16(), code);
}

/// Any word may be a method; what is none of the usual ones is not repeated.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
