//! The opening of a target as spans: one for the whole, from the claim to the
//! first picture or the first output, and one for each step of it. They follow
//! what the core is at, so every kind of target has them.

use causeway_model::id::ConnectionId;
use causeway_model::object::Protocol;
use causeway_model::trace_context::TraceContext;
use causeway_telemetry::{TARGET, current, follow, parent_of};
use causeway_wire::message::Step;
use tracing::Span;
use tracing::field::Empty;

use super::facts::Facts;

/// How far a session is, as far as its trace goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// On the way to the target.
    Opening(Step),
    /// Another node is asked whether it takes over.
    HandingOver,
    /// The target is there and has shown nothing yet.
    Opened,
    /// The target has shown something.
    Shown,
    /// It is over; with a stable code when something went wrong.
    Over(Option<&'static str>),
}

/// The spans of an opening, until there is nothing left to follow.
#[derive(Debug)]
pub(super) struct OpeningTrace {
    whole: Option<Span>,
    step: Option<(Stage, Span)>,
}

impl OpeningTrace {
    /// Begins, as a part of the span that runs now, which may end earlier.
    pub(super) fn begin(facts: &Facts) -> Self {
        let whole = whole(facts.connection, facts.protocol);
        follow(&whole, current());
        Self {
            whole: Some(whole),
            step: None,
        }
    }

    /// The whole as the parent of what is done on its behalf; `None` once the
    /// opening is over.
    pub(super) fn place(&self) -> Option<TraceContext> {
        self.whole.as_ref().and_then(parent_of)
    }

    /// Follows the session to `stage`.
    pub(super) fn follow(&mut self, stage: Stage) {
        let Some(whole) = &self.whole else {
            return;
        };
        match stage {
            Stage::Opening(Step::Unspecified | Step::Claim) | Stage::HandingOver => {}
            Stage::Opening(_) | Stage::Opened => {
                if self.step.as_ref().is_none_or(|(at, _)| *at != stage) {
                    self.step = Some((stage, step(whole, name(stage))));
                }
            }
            Stage::Shown => self.end(),
            Stage::Over(code) => {
                if let Some(code) = code {
                    let of_step = self.step.as_ref().map(|(_, span)| span);
                    for span in of_step.into_iter().chain([whole]) {
                        span.record("causeway.outcome.code", code);
                        span.record("error.type", code);
                        span.record("otel.status_code", "error");
                    }
                }
                self.end();
            }
        }
    }

    fn end(&mut self) {
        self.step = None;
        self.whole = None;
    }
}

fn whole(connection: ConnectionId, protocol: Protocol) -> Span {
    tracing::info_span!(
        target: TARGET,
        parent: None,
        "open target",
        otel.kind = "client",
        otel.status_code = Empty,
        network.protocol.name = protocol.as_str(),
        causeway.connection.id = %connection,
        causeway.outcome.code = Empty,
        error.type = Empty,
    )
}

fn step(whole: &Span, name: &'static str) -> Span {
    tracing::info_span!(
        target: TARGET,
        parent: whole,
        "step",
        otel.name = name,
        otel.status_code = Empty,
        causeway.outcome.code = Empty,
        error.type = Empty,
    )
}

const fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Opening(step) => match step {
            Step::Unspecified | Step::Claim => "claim",
            Step::Resolve => "resolve",
            Step::Connect => "connect",
            Step::Handshake => "handshake",
            Step::VerifyHost => "verify host",
            Step::Authenticate => "authenticate",
            Step::Open => "open",
            Step::Active => "active",
        },
        Stage::HandingOver => "hand over",
        Stage::Opened | Stage::Shown | Stage::Over(_) => "first screen",
    }
}
