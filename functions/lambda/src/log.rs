//! Logs: JSON lines to standard output, which Lambda keeps.

use std::env;
use std::io::stdout;

use causeway_telemetry::{Traces, not_exported};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::environment::LOG;

/// Starts logging for the life of the process, beside `traces`. A filter that
/// cannot be understood is told and not used: a function that says nothing
/// helps nobody.
pub(crate) fn start(traces: Option<&Traces>) {
    let text = env::var(LOG).unwrap_or_default();
    let filter = text.parse::<Targets>();
    let wrong = filter.is_err();
    let info = Targets::new().with_default(LevelFilter::INFO);
    let filter = filter.ok().filter(|_| !text.is_empty()).unwrap_or(info);
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(stdout);
    let started = tracing_subscriber::registry()
        .with(traces.map(Traces::layer))
        .with(lines.with_filter(filter.and(not_exported())))
        .try_init();
    if wrong && started.is_ok() {
        tracing::warn!(variable = LOG, code = "variable_invalid", "is no filter");
    }
}
