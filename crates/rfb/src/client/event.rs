//! What the server did, beside drawing.

use std::collections::VecDeque;
use std::mem::discriminant;

use crate::input::LockKeys;

/// What the server did, beside drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The screen has a size; pictures and input may flow.
    Ready,
    /// The server can, or cannot, take another size for its screen.
    Resizable(bool),
    /// What the server calls the desktop.
    Name(String),
    /// The bell rings.
    Bell,
    /// Text that was put on the target's clipboard, within the limit.
    Clipboard(String),
    /// The target's clipboard held more than the limit.
    ClipboardTooLong,
    /// The target's lock keys.
    LockKeys(LockKeys),
}

/// Events that wait to be taken: one of each kind, the newest.
#[derive(Debug, Default)]
pub(crate) struct Events {
    waiting: VecDeque<Event>,
}

impl Events {
    pub(crate) fn push(&mut self, event: Event) {
        let kind = discriminant(&event);
        self.waiting.retain(|waiting| discriminant(waiting) != kind);
        self.waiting.push_back(event);
    }

    pub(crate) fn pop(&mut self) -> Option<Event> {
        self.waiting.pop_front()
    }
}
