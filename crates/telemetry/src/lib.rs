//! Traces: which spans leave the process, in which trace, and to whom.
//!
//! Off unless the standard variables name a collector; then spans go there by
//! OTLP over HTTP, in the background, through a bounded queue: a collector that
//! is slow or gone costs spans, never a request. Logs and metrics are not here.
//!
//! A span is exported only if its target is [`TARGET`], and only with the fields
//! that it was written with: what is recorded for logs stays in logs, and events
//! are not exported at all. So a look at every `target: TARGET` shows all that a
//! collector can learn.
//!
//! - [`TraceSettings`] is what the environment says.
//! - [`Traces`] is the way to the collector, for the life of the process.
//! - [`current`] and [`follow`] carry the context from hop to hop.
//! - [`note_served`] and [`note_failed`] say what came of a request.

mod collector;
mod context;
mod outcome;
mod sampling;
mod settings;
mod traces;

pub use context::{current, follow, header, parent_of, trace_id, within};
pub use outcome::{note_failed, note_served};
pub use sampling::Sampling;
pub use settings::{TraceSettings, TraceSettingsError};
pub use traces::{EXPORT_DEADLINE, StartTracesError, Traces};

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::FilterFn;

/// Target of the spans that are exported, and of no others.
pub const TARGET: &str = "causeway_trace";

/// The spans that are exported.
pub(crate) fn exported() -> FilterFn {
    FilterFn::new(is_exported as fn(&Metadata<'_>) -> bool).with_max_level_hint(LevelFilter::INFO)
}

/// Everything but the spans that are exported: for the layer that writes logs.
#[must_use]
pub fn not_exported() -> FilterFn {
    FilterFn::new(is_not_exported as fn(&Metadata<'_>) -> bool)
        .with_max_level_hint(LevelFilter::TRACE)
}

fn is_exported(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && metadata.target() == TARGET
}

fn is_not_exported(metadata: &Metadata<'_>) -> bool {
    metadata.target() != TARGET
}
