//! Why a call to the control plane failed, and whether to try again.

use std::time::Duration;

use crate::problem::Problem;

/// A call that brought no answer, or not the one asked for.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No connection, or it broke.
    #[error("the control plane cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// No complete answer in time.
    #[error("the control plane did not answer to {call} within {} ms", deadline.as_millis())]
    Deadline {
        /// Which call.
        call: &'static str,
        /// How long was waited.
        deadline: Duration,
    },
    /// It answered, and said no.
    #[error("the control plane refused: {} ({})", problem.code, problem.status)]
    Refused {
        /// Its reasons. The status is that of the answer.
        problem: Box<Problem>,
    },
    /// It answered something that is not of the contract; the text says what
    /// was wrong, without the answer itself.
    #[error("the control plane's answer does not read: {0}")]
    Unreadable(String),
    /// The request could not be made; our own fault.
    #[error("the request to the control plane could not be made: {0}")]
    Unmade(String),
}

impl CallError {
    /// The stable code of a refusal.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { problem } => Some(&problem.code),
            Self::Unreachable(_)
            | Self::Deadline { .. }
            | Self::Unreadable(_)
            | Self::Unmade(_) => None,
        }
    }

    /// The HTTP status of a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { problem } => Some(problem.status),
            Self::Unreachable(_)
            | Self::Deadline { .. }
            | Self::Unreadable(_)
            | Self::Unmade(_) => None,
        }
    }

    /// Whether the same call can succeed later.
    #[must_use]
    pub fn retry_can_help(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Deadline { .. } | Self::Unreadable(_) => true,
            Self::Refused { problem } => problem.status == 429 || problem.status >= 500,
            Self::Unmade(_) => false,
        }
    }
}
