//! What came of a request, on its span (semantic conventions for HTTP). The span
//! names the fields when it is made; one that it does not name is left out.

use tracing::Span;

/// On a server's span: the answer's status, and the stable code of a refusal.
/// Only what is the server's own fault is an error.
pub fn note_served(span: &Span, status: u16, code: Option<&str>) {
    span.record("http.response.status_code", status);
    if let Some(code) = code {
        span.record("causeway.outcome.code", code);
    }
    if status >= 500 {
        match code {
            Some(code) => note_error(span, code),
            None => note_error(span, &status.to_string()),
        }
    }
}

/// On a client's span: the status, if there was an answer, and what kind of
/// failure it is to the client.
pub fn note_failed(span: &Span, status: Option<u16>, kind: &str) {
    if let Some(status) = status {
        span.record("http.response.status_code", status);
    }
    note_error(span, kind);
}

fn note_error(span: &Span, kind: &str) {
    span.record("error.type", kind);
    span.record("otel.status_code", "error");
}
