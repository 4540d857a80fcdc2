//! Sessions: one target each, and the viewers that look at it.
//!
//! [`Core`] is the pure state machine of what every session has; its
//! [`Content`] is a [`Terminal`] or a [`Desktop`]. [`SessionTask`] feeds it
//! from sockets and carries out what it wants of the target.

mod clipboard_outbox;
mod common;
mod content;
mod core;
#[cfg(test)]
mod core_tests;
mod core_viewer;
mod desktop;
mod desktop_input;
mod desktop_target;
#[cfg(test)]
mod desktop_tests;
mod desktop_viewer;
mod ending;
mod facts;
mod handle;
mod input_count;
#[cfg(test)]
mod input_tests;
mod notices;
mod opening_trace;
mod report;
mod services;
mod start;
mod target;
mod task;
mod terminal;
mod terminal_target;
mod viewer_state;

pub use self::core::Core;
pub use common::{Common, DRAW_DEADLINE, LAST_WORD_DEADLINE};
pub use content::{Content, Greeting};
pub use desktop::{Desktop, Tally};
pub use desktop_target::Opening;
pub use ending::Ending;
pub use facts::{DesktopFacts, Facts, SshFacts, TargetFacts, read as read_claim};
pub use handle::{SessionHandle, SessionInbox};
pub use notices::Notice;
pub use opening_trace::Stage;
pub use services::Services;
pub use start::SessionTask;
pub use terminal::{OUTPUT_BYTES_MAX, Terminal};
pub use viewer_state::{
    CONTROL_MESSAGES_MAX, CloseReason, HELLO_DEADLINE, PING_INTERVAL, SILENCE_MAX, ViewerId,
    ViewerOut,
};
