//! The life of a session as a state machine: no sockets, no clock, no tasks.
//!
//! `handle_…` takes what happened, `poll_…` gives what is to be done,
//! [`Core::next_timeout`] says when to look again. A session outlives its
//! viewers: they attach, vanish and come back. What they look at is the
//! [`Content`]'s: a terminal or a desktop.

use std::time::Instant;

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_target::failure::Failure;
use causeway_target::question::Question;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{InputTaken, Progress, Step};

use super::common::{Common, Phase};
use super::content::Content;
use super::ending::Ending;
use super::facts::Facts;
use super::opening_trace::Stage;
use super::viewer_state::{CloseReason, ViewerId, ViewerOut};

/// A session about `C`.
#[derive(Debug)]
pub struct Core<C> {
    pub(super) common: Common,
    pub(super) content: C,
}

impl<C: Content> Core<C> {
    /// A session that begins now and must be over at `ends_at`.
    #[must_use]
    pub const fn new(content: C, facts: Facts, ends_at: Option<Instant>) -> Self {
        Self {
            common: Common::new(facts, ends_at),
            content,
        }
    }

    // ---- The target ----------------------------------------------------

    /// The opening has come to a step.
    pub fn handle_step(&mut self, step: Step) {
        if let Phase::Opening { step: current } = &mut self.common.phase {
            *current = step;
            let step = step.into();
            self.common.broadcast(&Body::Progress(Progress { step }));
        }
    }

    /// The target asks something. A question before it has lost its point.
    pub fn handle_question(&mut self, question: Question) {
        self.common.ask(question);
    }

    /// The session could not be opened.
    pub fn handle_open_failed(&mut self, failure: &Failure, now: Instant) {
        let ending = Ending::of_failure(failure);
        if failure.another_node_may_help() {
            self.common.hand_over(ending, now);
        } else {
            self.common.end(ending, now);
        }
    }

    /// The target was lost in the middle of the session.
    pub fn handle_lost(&mut self, failure: &Failure, now: Instant) {
        self.common.end(Ending::of_loss(failure), now);
    }

    // ---- The control plane and time --------------------------------------

    /// The control plane answered to the last report; `moved` says that another
    /// node has the connection now.
    pub fn handle_report_answer(&mut self, moved: bool, now: Instant) {
        self.common.handle_report_answer(moved, now);
    }

    /// The node takes nothing new any more and stops once its sessions have
    /// ended.
    pub fn handle_drain(&mut self, now: Instant) {
        self.common.drain(now);
    }

    /// Whether the opening of the target rests: another node may take it over.
    #[must_use]
    pub const fn is_handing_over(&self) -> bool {
        self.common.is_handing_over()
    }

    /// The session is to end now.
    pub fn handle_end(&mut self, reason: EndReason, now: Instant) {
        // What a heartbeat's answer says of a connection that another node has:
        // it was quicker than the answer to the question.
        if reason == EndReason::NodeLost && self.common.is_handing_over() {
            return self.common.decide_handover(true, now);
        }
        self.common.end(Ending::of(reason), now);
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.common.handle_timeout(now);
        self.release();
        self.content.handle_timeout(now);
    }

    /// When [`Core::handle_timeout`] is to be called at the latest.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let of_content = self.content.next_timeout();
        self.common
            .next_timeout()
            .into_iter()
            .chain(of_content)
            .min()
    }

    // ---- What is to be done ------------------------------------------------

    /// What the control plane is to be told next.
    pub fn poll_report(&mut self) -> Option<ReportEvent> {
        self.common.poll_report()
    }

    /// What is to go out to a viewer next. `None` after [`ViewerOut::Close`].
    pub fn poll_viewer(&mut self, id: ViewerId, now: Instant) -> Option<ViewerOut> {
        let viewer = self.common.viewers.get_mut(&id)?;
        if viewer.close_sent {
            return None;
        }
        if let Some(out) = viewer.poll_control() {
            return Some(out);
        }
        if let Some(reason) = viewer.close {
            viewer.close_sent = true;
            return Some(ViewerOut::Close(reason));
        }
        if !viewer.greeted {
            // Who has not said hello yet is not ready for a last word either; only
            // what somebody decided does not wait for that.
            if let Phase::Over { ending, .. } = &self.common.phase
                && ending.is_decided()
            {
                viewer.finish(ending.last_word.clone(), CloseReason::Done);
                return viewer.poll_control();
            }
            return None;
        }
        if let Some(count) = self.common.input.poll(id) {
            return Some(ViewerOut::Message(Body::InputTaken(InputTaken { count })));
        }
        if let Some(body) = self.content.poll_viewer(id) {
            return Some(ViewerOut::Message(body));
        }
        let Phase::Over { ending, flush_by } = &self.common.phase else {
            return None;
        };
        let waits = ending.reason == EndReason::Exited && now < *flush_by;
        if !waits || self.content.has_drawn_all(id) {
            viewer.finish(ending.last_word.clone(), CloseReason::Done);
            return viewer.poll_control();
        }
        None
    }

    /// How the session ended, once it has: the target is to be closed.
    #[must_use]
    pub const fn ending(&self) -> Option<&Ending> {
        match &self.common.phase {
            Phase::Over { ending, .. } => Some(ending),
            Phase::Opening { .. } | Phase::HandingOver { .. } | Phase::Active => None,
        }
    }

    /// How far it is.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match &self.common.phase {
            Phase::Opening { step } => Stage::Opening(*step),
            Phase::HandingOver { .. } => Stage::HandingOver,
            Phase::Active if self.content.has_shown() => Stage::Shown,
            Phase::Active => Stage::Opened,
            Phase::Over { ending, .. } => Stage::Over(ending.code),
        }
    }

    /// Whether nothing is left to be said to any viewer.
    #[must_use]
    pub fn is_finished(&self, now: Instant) -> bool {
        match &self.common.phase {
            Phase::Over { ending, flush_by } => {
                // A target can fail faster than its viewer comes.
                let awaited = !self.common.viewer_came && ending.reason == EndReason::ConnectFailed;
                (self.common.viewers.is_empty() && !awaited) || now >= *flush_by
            }
            Phase::Opening { .. } | Phase::HandingOver { .. } | Phase::Active => false,
        }
    }

    /// Lets the content forget viewers that are not attached any more.
    pub(super) fn release(&mut self) {
        let common = &self.common;
        self.content.retain(|id| common.is_attached(id));
    }
}
