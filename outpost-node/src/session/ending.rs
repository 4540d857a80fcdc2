//! How a session ends, for the control plane and for the viewer.

use causeway_model::object::EndReason;
use causeway_target::failure::Failure;
use causeway_wire::message::Ended;
use causeway_wire::message::to_viewer::Body;

use crate::ssh::Exit;

/// Tells a viewer to come again with a new ticket.
const MOVED: &str = "moved";

/// The end of a session.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// Why.
    pub reason: EndReason,
    /// Stable code of what went wrong, when something did.
    pub code: Option<&'static str>,
    /// The last word to the viewer.
    pub last_word: Body,
}

impl Ending {
    /// Ended by somebody's decision or by time.
    #[must_use]
    pub fn of(reason: EndReason) -> Self {
        Self {
            reason,
            code: None,
            last_word: Body::Ended(Ended {
                reason: reason.as_str().to_owned(),
                exit_status: None,
                exit_signal: String::new(),
                message: sentence(reason).to_owned(),
            }),
        }
    }

    /// Whether somebody's decision or time ended it, and not what happened at
    /// the target.
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        match self.reason {
            EndReason::Left
            | EndReason::Terminated
            | EndReason::SignedOut
            | EndReason::Expired
            | EndReason::PolicyRefused
            | EndReason::Abandoned
            | EndReason::NeverClaimed
            | EndReason::NodeShutdown
            | EndReason::NodeLost => true,
            EndReason::Exited | EndReason::ClosedByTarget | EndReason::ConnectFailed => false,
        }
    }

    /// The program on the target ended, or the target hung up on it.
    #[must_use]
    pub fn of_exit(exit: Exit) -> Self {
        let told = exit.status.is_some() || exit.signal.is_some();
        let reason = if told {
            EndReason::Exited
        } else {
            EndReason::ClosedByTarget
        };
        let message = match (&exit.signal, exit.status) {
            (Some(signal), _) => format!("The program was ended by signal {signal}."),
            (None, Some(0)) => "The program ended.".to_owned(),
            (None, Some(status)) => format!("The program ended with status {status}."),
            (None, None) => sentence(reason).to_owned(),
        };
        Self {
            reason,
            code: None,
            last_word: Body::Ended(Ended {
                reason: reason.as_str().to_owned(),
                exit_status: exit.status,
                exit_signal: exit.signal.unwrap_or_default(),
                message,
            }),
        }
    }

    /// The session was not opened, for the reason that `code` names, and
    /// another node does it instead: the viewer is to ask for a new ticket and
    /// come again.
    #[must_use]
    pub fn moved(code: Option<&'static str>) -> Self {
        Self {
            reason: EndReason::ConnectFailed,
            code,
            last_word: Body::Ended(Ended {
                reason: MOVED.to_owned(),
                exit_status: None,
                exit_signal: String::new(),
                message: "Another outpost node takes over.".to_owned(),
            }),
        }
    }

    /// The session could not be opened.
    #[must_use]
    pub fn of_failure(failure: &Failure) -> Self {
        Self {
            reason: EndReason::ConnectFailed,
            code: Some(failure.code.as_str()),
            last_word: Body::Failure(failure.to_message()),
        }
    }

    /// The target was lost in the middle of the session.
    #[must_use]
    pub fn of_loss(failure: &Failure) -> Self {
        Self {
            reason: EndReason::ClosedByTarget,
            ..Self::of_failure(failure)
        }
    }
}

/// The last word to a viewer whose place another took.
#[must_use]
pub(super) fn replaced() -> Body {
    Body::Ended(Ended {
        reason: "replaced".to_owned(),
        exit_status: None,
        exit_signal: String::new(),
        message: "This session was opened in another place.".to_owned(),
    })
}

const fn sentence(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Exited => "The program ended.",
        EndReason::ClosedByTarget => "The target machine closed the session.",
        EndReason::ConnectFailed => "The session could not be opened.",
        EndReason::Left => "You closed the session.",
        EndReason::Terminated => "The session was terminated.",
        EndReason::SignedOut => "The session ended because you signed out.",
        EndReason::Expired => "The time of this session is up.",
        EndReason::PolicyRefused => "You may not use this machine any more.",
        EndReason::Abandoned => "Nobody came back to the session in time.",
        EndReason::NeverClaimed => "The session was not used in time.",
        EndReason::NodeShutdown => "The outpost is being stopped.",
        EndReason::NodeLost => "The outpost was lost.",
    }
}
