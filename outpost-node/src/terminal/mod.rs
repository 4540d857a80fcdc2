//! The pure parts of a terminal session: what was put out and how much of it
//! a viewer has drawn, what of it is clipboard traffic, what may go in.
//!
//! No escape sequence is interpreted here beyond OSC 52; the screen lives in
//! the viewer.

mod input;
mod osc52;
mod ring;
mod size;
mod window;

pub use input::{Accepted, InputQueue, Refusal};
pub use osc52::{ClipboardRequest, Osc52Scanner, answer as osc52_answer};
pub use ring::OutputRing;
pub use size::TerminalSize;
pub use window::{AckWindow, WINDOW_BYTES_DEFAULT, WINDOW_BYTES_MAX, WINDOW_BYTES_MIN};
