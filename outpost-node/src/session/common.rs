//! What every session has, whatever it is about: facts, viewers, a question,
//! an end.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use causeway_fleet::ReportEvent;
use causeway_model::object::EndReason;
use causeway_target::question::Question;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{CredentialRequest, Notice, Progress, Step};

use super::ending::Ending;
use super::facts::Facts;
use super::input_count::InputCounts;
use super::viewer_state::{HELLO_DEADLINE, Viewer, ViewerId};

/// How long viewers may take to draw the last output of a program that ended.
pub const DRAW_DEADLINE: Duration = Duration::from_secs(30);
/// How long viewers may take to hear the last word of a session that was
/// ended, failed, or is being stopped.
pub const LAST_WORD_DEADLINE: Duration = Duration::from_secs(2);
/// How long the control plane may take to say whether another node takes over.
pub(super) const HANDOVER_DEADLINE: Duration = Duration::from_secs(5);
/// How long a session whose viewers may not come back is kept when it was not
/// its viewer that left, but the edge: long enough for a new ticket and another
/// edge.
pub(super) const WAY_GRACE: Duration = Duration::from_secs(15);
/// What the control plane is told of a session that is not opened yet when its
/// node stops.
const NODE_DRAINING: &str = "node_draining";
/// How often the same notice is given to a viewer, at most.
const NOTICE_INTERVAL: Duration = Duration::from_secs(2);

/// What every session has.
#[derive(Debug)]
pub struct Common {
    pub(super) facts: Facts,
    pub(super) phase: Phase,
    pub(super) viewers: BTreeMap<ViewerId, Viewer>,
    pub(super) input: InputCounts,
    pub(super) question: Option<(u32, Question)>,
    questions_asked: u32,
    pub(super) reports: VecDeque<ReportEvent>,
    /// Whether any viewer's socket was ever there.
    pub(super) viewer_came: bool,
    /// Whether any viewer has ever said hello.
    pub(super) was_attached: bool,
    pub(super) detached_reported: bool,
    pub(super) ends_at: Option<Instant>,
    pub(super) abandoned_at: Option<Instant>,
    notices: BTreeMap<&'static str, Instant>,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// On the way to the target.
    Opening { step: Step },
    /// The target was not reached, and the control plane is asked whether
    /// another node takes over; until then nothing is said about it, and the
    /// opening rests.
    HandingOver {
        /// What becomes of it if none does.
        otherwise: Otherwise,
        /// When the answer is not waited for any longer.
        until: Instant,
        /// Whether the question is on its way: the next answer is to it.
        asked: bool,
    },
    /// The target is there.
    Active,
    /// Over; viewers are told until `flush_by`.
    Over {
        ending: Box<Ending>,
        flush_by: Instant,
    },
}

/// What becomes of a session that no other node takes over.
#[derive(Debug)]
pub(super) enum Otherwise {
    /// It ends.
    End(Box<Ending>),
    /// It is opened here after all, from this step on.
    GoOn(Step),
}

impl Common {
    pub(super) const fn new(facts: Facts, ends_at: Option<Instant>) -> Self {
        Self {
            facts,
            phase: Phase::Opening { step: Step::Claim },
            viewers: BTreeMap::new(),
            input: InputCounts::new(),
            question: None,
            questions_asked: 0,
            reports: VecDeque::new(),
            viewer_came: false,
            was_attached: false,
            detached_reported: false,
            ends_at,
            abandoned_at: None,
            notices: BTreeMap::new(),
        }
    }

    /// What stays the same for the life of the session.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether the target is there.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self.phase, Phase::Active)
    }

    /// Whether a viewer takes part in the session.
    #[must_use]
    pub fn is_attached(&self, id: ViewerId) -> bool {
        self.viewers.get(&id).is_some_and(Viewer::is_attached)
    }

    /// Whether any viewer takes part in the session.
    #[must_use]
    pub fn is_looked_at(&self) -> bool {
        self.viewers.values().any(Viewer::is_attached)
    }

    /// Sends a viewer a message, before any of its content.
    pub fn send(&mut self, id: ViewerId, body: Body) {
        if let Some(viewer) = self.viewers.get_mut(&id) {
            viewer.send(body);
        }
    }

    /// Sends every attached viewer a message.
    pub fn broadcast(&mut self, body: &Body) {
        for viewer in self.viewers.values_mut() {
            if viewer.is_attached() {
                viewer.send(body.clone());
            }
        }
    }

    /// Tells every attached viewer something that ends nothing, not too often.
    pub fn notify(&mut self, code: &'static str, message: &str, now: Instant) {
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

    /// The target is there; false when the session is over already.
    pub(super) fn activate(&mut self) -> bool {
        if matches!(self.phase, Phase::Over { .. } | Phase::HandingOver { .. }) {
            return false;
        }
        if matches!(self.phase, Phase::Opening { .. }) {
            self.reports.push_back(ReportEvent::Opened);
        }
        self.phase = Phase::Active;
        self.question = None;
        let step = Step::Active.into();
        self.broadcast(&Body::Progress(Progress { step }));
        true
    }

    pub(super) fn ask(&mut self, question: Question) {
        self.questions_asked += 1;
        let request = credential_request(self.questions_asked, &question);
        self.question = Some((self.questions_asked, question));
        self.broadcast(&Body::CredentialRequest(request));
    }

    /// The target could not be reached, which another node may do.
    pub(super) fn hand_over(&mut self, ending: Ending, now: Instant) {
        if !matches!(self.phase, Phase::Opening { .. }) {
            return self.end(ending, now);
        }
        self.question = None;
        let code = ending.code.unwrap_or_default();
        self.ask_for_another(code, Otherwise::End(Box::new(ending)), now);
    }

    /// The node drains: what has no session yet is another node's, if one takes
    /// it.
    pub(super) fn drain(&mut self, now: Instant) {
        if let Phase::Opening { step } = self.phase {
            self.ask_for_another(NODE_DRAINING, Otherwise::GoOn(step), now);
        }
    }

    fn ask_for_another(&mut self, code: &str, otherwise: Otherwise, now: Instant) {
        let code = code.to_owned();
        self.reports.push_back(ReportEvent::ConnectFailed { code });
        self.phase = Phase::HandingOver {
            otherwise,
            until: now + HANDOVER_DEADLINE,
            asked: false,
        };
    }

    pub(super) const fn is_handing_over(&self) -> bool {
        matches!(self.phase, Phase::HandingOver { .. })
    }

    /// What the control plane is to be told next.
    pub(super) fn poll_report(&mut self) -> Option<ReportEvent> {
        let report = self.reports.pop_front()?;
        if let (ReportEvent::ConnectFailed { .. }, Phase::HandingOver { asked, .. }) =
            (&report, &mut self.phase)
        {
            *asked = true;
        }
        Some(report)
    }

    /// What the control plane said to the last report: whether another node
    /// has the connection now.
    pub(super) fn handle_report_answer(&mut self, moved: bool, now: Instant) {
        if matches!(self.phase, Phase::HandingOver { asked: true, .. }) {
            self.decide_handover(moved, now);
        }
    }

    /// Ends what was handed over, or was not.
    pub(super) fn decide_handover(&mut self, moved: bool, now: Instant) {
        let Phase::HandingOver { otherwise, .. } = &self.phase else {
            return;
        };
        if moved {
            // The connection is not this node's any more: nothing is reported.
            let code = match otherwise {
                Otherwise::End(ending) => ending.code,
                Otherwise::GoOn(_) => Some(NODE_DRAINING),
            };
            return self.close(Ending::moved(code), now);
        }
        // What was not asked in time must not be asked any more.
        self.reports
            .retain(|report| !matches!(report, ReportEvent::ConnectFailed { .. }));
        match otherwise {
            Otherwise::End(ending) => {
                let ending = Ending::clone(ending);
                self.end(ending, now);
            }
            Otherwise::GoOn(step) => self.phase = Phase::Opening { step: *step },
        }
    }

    pub(super) fn end(&mut self, ending: Ending, now: Instant) {
        if let Phase::Over { flush_by, .. } = &mut self.phase {
            // Who ends it a second time does not want to wait.
            *flush_by = (*flush_by).min(now + LAST_WORD_DEADLINE);
            return;
        }
        self.reports.push_back(ReportEvent::Ended {
            reason: ending.reason,
            code: ending.code.map(str::to_owned),
        });
        self.close(ending, now);
    }

    fn close(&mut self, ending: Ending, now: Instant) {
        let patience = match ending.reason {
            EndReason::Exited => DRAW_DEADLINE,
            EndReason::ConnectFailed => HELLO_DEADLINE,
            _ => LAST_WORD_DEADLINE,
        };
        self.question = None;
        self.abandoned_at = None;
        self.ends_at = None;
        self.phase = Phase::Over {
            ending: Box::new(ending),
            flush_by: now + patience,
        };
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if matches!(&self.phase, Phase::HandingOver { until, .. } if now >= *until) {
            self.decide_handover(false, now);
        }
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
        self.input.handle_timeout(now);
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        let of_phase = match &self.phase {
            Phase::Over { flush_by, .. } => Some(*flush_by),
            Phase::HandingOver { until, .. } => Some(*until),
            Phase::Opening { .. } | Phase::Active => None,
        };
        let viewers = self.viewers.values().map(Viewer::next_timeout);
        viewers
            .chain(self.ends_at)
            .chain(self.abandoned_at)
            .chain(of_phase)
            .chain(self.input.next_timeout())
            .min()
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
