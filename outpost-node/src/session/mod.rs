//! Sessions: one target each, and the viewers that look at it.
//!
//! [`Core`] is the pure state machine, [`SessionTask`] the task that feeds it
//! from sockets and carries out what it wants.

mod core;
mod core_output;
#[cfg(test)]
mod core_tests;
mod core_viewer;
mod ending;
mod facts;
mod handle;
mod report;
mod target;
mod task;
mod viewer_state;

pub use self::core::{Core, DRAW_DEADLINE, LAST_WORD_DEADLINE};
pub use core_output::OUTPUT_BYTES_MAX;
pub use ending::Ending;
pub use facts::{Facts, TargetFacts, read as read_claim};
pub use handle::{SessionHandle, SessionInbox};
pub use task::SessionTask;
pub use viewer_state::{
    CONTROL_MESSAGES_MAX, CloseReason, HELLO_DEADLINE, PING_INTERVAL, SILENCE_MAX, ViewerId,
    ViewerOut,
};
