//! The target of a session as its task drives it, from opening to closed.

use std::time::Instant;

use causeway_target::failure::Failure;

use super::content::Content;
use super::core::Core;
use crate::metrics::Metrics;

/// A target that is being opened, is there, or is being closed.
pub(super) trait Target: Send {
    /// What its session is about.
    type Content: Content + Send;
    /// What it can do.
    type Event: Send;

    /// What it does next. Cancel-safe.
    fn next_event(&mut self) -> impl Future<Output = Self::Event> + Send;

    /// Tells the core what the target did.
    fn handle_event(&mut self, event: Self::Event, core: &mut Core<Self::Content>, now: Instant);

    /// Carries out what the core wants of the target, before viewers get
    /// their turn. Closes it once the session is over.
    fn carry_out(&mut self, core: &mut Core<Self::Content>, now: Instant);

    /// Viewers have had their turn.
    fn after_viewers(&mut self, core: &mut Core<Self::Content>);

    /// Whether nothing is left of it.
    fn is_closed(&self) -> bool;
}

/// The one place where a failed opening or a lost target is logged.
pub(super) fn note_failure(metrics: &Metrics, failure: &Failure) {
    metrics.failed(failure.code);
    tracing::info!(
        code = failure.code.as_str(),
        step = failure.step.as_str_name(),
        cause = failure.source.as_ref().map(tracing::field::display),
        "target failed"
    );
}
