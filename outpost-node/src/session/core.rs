//! The life of a session as a state machine: no sockets, no clock, no tasks.
//!
//! `handle_…` takes what happened, `poll_…` gives what is to be done,
//! [`Core::next_timeout`] says when to look again. A session outlives its
//! viewers: they attach, vanish and come back, each with its own place in the
//! output.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{
    Clipboard, CredentialRequest, Notice, Progress, Step, TerminalOutput,
};

use super::ending::Ending;
use super::facts::Facts;
use super::viewer_state::{CloseReason, HELLO_DEADLINE, Viewer, ViewerId, ViewerOut};
use crate::failure::Failure;
use crate::ssh::{Exit, Question, TargetCommand};
use crate::terminal::{InputQueue, Osc52Scanner, OutputRing, TerminalSize};

/// How long viewers may take to draw the last output of a program that ended.
pub const DRAW_DEADLINE: Duration = Duration::from_secs(30);
/// How long viewers may take to hear the last word of a session that was
/// ended, failed, or is being stopped.
pub const LAST_WORD_DEADLINE: Duration = Duration::from_secs(2);
/// How often the same notice is given to a viewer, at most.
const NOTICE_INTERVAL: Duration = Duration::from_secs(2);

/// A session.
#[derive(Debug)]
pub struct Core {
    pub(super) facts: Facts,
    pub(super) phase: Phase,
    pub(super) viewers: BTreeMap<ViewerId, Viewer>,
    pub(super) ring: OutputRing,
    pub(super) scanner: Osc52Scanner,
    pub(super) input: InputQueue,
    pub(super) size: Option<TerminalSize>,
    pub(super) resizes: VecDeque<TerminalSize>,
    /// What the viewer last put on its side of the clipboard.
    pub(super) viewer_clipboard: String,
    pub(super) question: Option<(u32, Question)>,
    questions_asked: u32,
    /// Output that some viewer has drawn: what is before it was answered.
    pub(super) drawn: u64,
    pub(super) reports: VecDeque<ReportEvent>,
    /// Whether any viewer's socket was ever there.
    pub(super) viewer_came: bool,
    /// Whether any viewer has ever said hello.
    pub(super) was_attached: bool,
    pub(super) detached_reported: bool,
    ends_at: Option<Instant>,
    pub(super) abandoned_at: Option<Instant>,
    notices: BTreeMap<&'static str, Instant>,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// On the way to the target.
    Opening { step: Step },
    /// The shell runs.
    Active,
    /// Over; viewers are told until `flush_by`.
    Over {
        ending: Box<Ending>,
        flush_by: Instant,
    },
}

impl Core {
    /// A session that begins at `now` and must be over at `ends_at`.
    #[must_use]
    pub fn new(facts: Facts, ends_at: Option<Instant>) -> Self {
        Self {
            facts,
            phase: Phase::Opening { step: Step::Claim },
            viewers: BTreeMap::new(),
            ring: OutputRing::default(),
            scanner: Osc52Scanner::default(),
            input: InputQueue::default(),
            size: None,
            resizes: VecDeque::new(),
            viewer_clipboard: String::new(),
            question: None,
            questions_asked: 0,
            drawn: 0,
            reports: VecDeque::new(),
            viewer_came: false,
            was_attached: false,
            detached_reported: false,
            ends_at,
            abandoned_at: None,
            notices: BTreeMap::new(),
        }
    }

    // ---- The target ----------------------------------------------------

    /// The opening has come to a step.
    pub fn handle_step(&mut self, step: Step) {
        if let Phase::Opening { step: current } = &mut self.phase {
            *current = step;
            self.broadcast(&Body::Progress(Progress { step: step.into() }));
        }
    }

    /// The target asks something. A question before it has lost its point.
    pub fn handle_question(&mut self, question: Question) {
        self.questions_asked += 1;
        let request = credential_request(self.questions_asked, &question);
        self.question = Some((self.questions_asked, question));
        self.broadcast(&Body::CredentialRequest(request));
    }

    /// The shell runs, opened at the size that was known then.
    pub fn handle_opened(&mut self, opened_at: TerminalSize) {
        if matches!(self.phase, Phase::Over { .. }) {
            return;
        }
        self.phase = Phase::Active;
        self.question = None;
        let step = Step::Active.into();
        self.broadcast(&Body::Progress(Progress { step }));
        self.resizes.clear();
        self.resizes
            .extend(self.size.filter(|size| *size != opened_at));
    }

    /// The session could not be opened.
    pub fn handle_open_failed(&mut self, failure: &Failure, now: Instant) {
        self.end(Ending::of_failure(failure), now);
    }

    /// The shell is over.
    pub fn handle_exit(&mut self, exit: Exit, now: Instant) {
        self.end(Ending::of_exit(exit), now);
    }

    /// The target was lost in the middle of the session.
    pub fn handle_lost(&mut self, failure: &Failure, now: Instant) {
        self.end(Ending::of_loss(failure), now);
    }

    // ---- The control plane and time --------------------------------------

    /// The session is to end now.
    pub fn handle_end(&mut self, reason: EndReason, now: Instant) {
        self.end(Ending::of(reason), now);
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        if self.ends_at.is_some_and(|at| now >= at) {
            self.ends_at = None;
            self.end(Ending::of(EndReason::Expired), now);
        }
        if self.abandoned_at.is_some_and(|at| now >= at) {
            self.abandoned_at = None;
            self.end(Ending::of(EndReason::Abandoned), now);
        }
        for viewer in self.viewers.values_mut() {
            viewer.handle_timeout(now);
        }
    }

    /// When [`Core::handle_timeout`] is to be called at the latest.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let flush_by = match &self.phase {
            Phase::Over { flush_by, .. } => Some(*flush_by),
            Phase::Opening { .. } | Phase::Active => None,
        };
        let viewers = self.viewers.values().map(Viewer::next_timeout);
        viewers
            .chain(self.ends_at)
            .chain(self.abandoned_at)
            .chain(flush_by)
            .min()
    }

    // ---- What is to be done ------------------------------------------------

    /// What the shell is to be told next.
    pub fn poll_command(&mut self) -> Option<TargetCommand> {
        if !matches!(self.phase, Phase::Active) {
            return None;
        }
        if let Some(size) = self.resizes.pop_front() {
            return Some(TargetCommand::Resize(size));
        }
        self.input.pop().map(TargetCommand::Input)
    }

    /// What the control plane is to be told next.
    pub fn poll_report(&mut self) -> Option<ReportEvent> {
        self.reports.pop_front()
    }

    /// What is to go out to a viewer next. `None` after [`ViewerOut::Close`].
    pub fn poll_viewer(&mut self, id: ViewerId, now: Instant) -> Option<ViewerOut> {
        let viewer = self.viewers.get_mut(&id)?;
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
        if let Some(text) = viewer.clipboard.take() {
            return Some(ViewerOut::Message(Body::Clipboard(Clipboard { text })));
        }
        if let Some(data) = viewer.next_output(&self.ring) {
            return Some(ViewerOut::Message(Body::TerminalOutput(TerminalOutput {
                data: data.into(),
            })));
        }
        let Phase::Over { ending, flush_by } = &self.phase else {
            return None;
        };
        // Who has not said hello yet is not ready for a last word either.
        let window = viewer.window?;
        let drawn = window.sent() >= self.ring.end();
        if drawn || now >= *flush_by || ending.reason != EndReason::Exited {
            viewer.finish(ending.last_word.clone(), CloseReason::Done);
            return viewer.poll_control();
        }
        None
    }

    /// How the session ended, once it has: the target is to be closed.
    #[must_use]
    pub const fn ending(&self) -> Option<&Ending> {
        match &self.phase {
            Phase::Over { ending, .. } => Some(ending),
            Phase::Opening { .. } | Phase::Active => None,
        }
    }

    /// Whether nothing is left to be said to any viewer.
    #[must_use]
    pub fn is_finished(&self, now: Instant) -> bool {
        match &self.phase {
            Phase::Over { ending, flush_by } => {
                // A target can fail faster than its viewer comes.
                let awaited = !self.viewer_came && ending.reason == EndReason::ConnectFailed;
                (self.viewers.is_empty() && !awaited) || now >= *flush_by
            }
            Phase::Opening { .. } | Phase::Active => false,
        }
    }

    /// The size that a viewer told last.
    #[must_use]
    pub const fn size(&self) -> Option<TerminalSize> {
        self.size
    }

    // ---- Inside --------------------------------------------------------------

    pub(super) fn end(&mut self, ending: Ending, now: Instant) {
        if let Phase::Over { flush_by, .. } = &mut self.phase {
            // Who ends it a second time does not want to wait.
            *flush_by = (*flush_by).min(now + LAST_WORD_DEADLINE);
            return;
        }
        let patience = match ending.reason {
            EndReason::Exited => DRAW_DEADLINE,
            EndReason::ConnectFailed => HELLO_DEADLINE,
            _ => LAST_WORD_DEADLINE,
        };
        self.reports.push_back(ReportEvent::Ended {
            reason: ending.reason,
            code: ending.code.map(str::to_owned),
        });
        self.question = None;
        self.abandoned_at = None;
        self.ends_at = None;
        self.phase = Phase::Over {
            ending: Box::new(ending),
            flush_by: now + patience,
        };
    }

    pub(super) fn attached(&self) -> impl Iterator<Item = &Viewer> {
        self.viewers.values().filter(|viewer| viewer.is_attached())
    }

    pub(super) fn attached_mut(&mut self) -> impl Iterator<Item = &mut Viewer> {
        self.viewers
            .values_mut()
            .filter(|viewer| viewer.is_attached())
    }

    fn broadcast(&mut self, body: &Body) {
        for viewer in self.attached_mut() {
            viewer.send(body.clone());
        }
    }

    pub(super) fn notify(&mut self, code: &'static str, message: &str, now: Instant) {
        let given_at = self.notices.get(code);
        if given_at.is_some_and(|at| now < *at + NOTICE_INTERVAL) {
            return;
        }
        self.notices.insert(code, now);
        self.broadcast(&Body::Notice(Notice {
            code: code.to_owned(),
            message: message.to_owned(),
        }));
    }
}

pub(super) fn credential_request(id: u32, question: &Question) -> CredentialRequest {
    let prompts = &question.prompts;
    CredentialRequest {
        id,
        title: prompts.title.clone(),
        instruction: prompts.instruction.clone(),
        prompts: prompts.prompts.clone(),
    }
}
