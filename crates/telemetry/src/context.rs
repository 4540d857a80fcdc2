//! The context of a trace, from hop to hop: out of the span that runs, into the
//! first span of the next.

use causeway_model::trace_context::{TRACEPARENT, TraceContext};
use http::HeaderMap;
use opentelemetry::Context;
use opentelemetry::context::FutureExt as _;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The exported span that runs now; `None` when there is none, as always when
/// traces are off.
#[must_use]
pub fn current() -> Option<TraceContext> {
    of(&Context::current())
}

/// The id of the trace that runs now and is recorded, for logs.
#[must_use]
pub fn trace_id() -> Option<String> {
    let recorded = current().filter(|place| place.sampled);
    recorded.map(|place| place.trace_id())
}

/// `span` as the parent of what follows it; `None` when it is not exported.
#[must_use]
pub fn parent_of(span: &Span) -> Option<TraceContext> {
    of(&span.context())
}

/// Has `work` done as a part of `parent`, whose span it does not keep open.
pub fn within<F: Future>(parent: Option<TraceContext>, work: F) -> impl Future<Output = F::Output> {
    work.with_context(parent.map_or_else(Context::new, remote))
}

/// Makes `span` follow `parent`, which another process began. To be called
/// before the span is entered; without a parent it begins a trace of its own.
pub fn follow(span: &Span, parent: Option<TraceContext>) {
    let Some(parent) = parent else {
        return;
    };
    // An error says that traces are off.
    let _off = span.set_parent(remote(parent));
}

/// What the caller of a request says about its trace. Whatever is not exactly
/// one good `traceparent` counts as none.
#[must_use]
pub fn header(headers: &HeaderMap) -> Option<TraceContext> {
    let mut values = headers.get_all(TRACEPARENT).iter();
    let only = values.next()?;
    match values.next() {
        None => only.to_str().ok()?.parse().ok(),
        Some(_) => None,
    }
}

fn remote(place: TraceContext) -> Context {
    let flags = if place.sampled {
        TraceFlags::SAMPLED
    } else {
        TraceFlags::default()
    };
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from_bytes(place.trace()),
        SpanId::from_bytes(place.parent()),
        flags,
        true,
        TraceState::default(),
    ))
}

fn of(context: &Context) -> Option<TraceContext> {
    let span = context.span();
    let place = span.span_context();
    TraceContext::new(
        place.trace_id().to_bytes(),
        place.span_id().to_bytes(),
        place.is_sampled(),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn exactly_one_good_header_counts() {
        let check = |values: &[&[u8]], expected: bool| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(TRACEPARENT, HeaderValue::from_bytes(value).unwrap());
            }
            assert_eq!(header(&headers).is_some(), expected, "{values:?}");
        };
        check(&[], false);
        check(&[GOOD.as_bytes()], true);
        check(&[GOOD.as_bytes(), GOOD.as_bytes()], false);
        check(&[b"\xff\xfe"], false);
        check(&[b"hunter2"], false);
    }

    #[test]
    fn nothing_runs_when_traces_are_off() {
        let span = tracing::info_span!(target: crate::TARGET, "x");
        follow(&span, Some(GOOD.parse().unwrap()));
        assert_eq!(parent_of(&span), None);
        assert_eq!(span.in_scope(current), None);
    }
}
