//! What a viewer is told that ends nothing: stable codes and their sentences.

use std::time::Instant;

use super::common::Common;

/// A notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// Input came to a session that is only looked at.
    ReadOnly,
    /// The target's clipboard is not to reach the viewer.
    CopyRefused,
    /// The viewer's clipboard is not to reach the target.
    PasteRefused,
    /// A text is longer than the clipboard carries.
    ClipboardTooLong,
    /// What a program put on the clipboard is no text.
    ClipboardUnreadable,
    /// The target takes input more slowly than it comes.
    InputDropped,
}

impl Notice {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ReadOnly => ("read_only", "This session is read-only."),
            Self::CopyRefused => ("copy_refused", "Copying from this session is not allowed."),
            Self::PasteRefused => ("paste_refused", "Pasting into this session is not allowed."),
            Self::ClipboardTooLong => ("clipboard_too_long", "The copied text is too long."),
            Self::ClipboardUnreadable => {
                ("clipboard_unreadable", "The copied text cannot be read.")
            }
            Self::InputDropped => (
                "input_dropped",
                "The target machine reads too slowly; some input was dropped.",
            ),
        }
    }
}

impl Common {
    /// Gives every attached viewer a notice, not too often.
    pub fn give(&mut self, notice: Notice, now: Instant) {
        let (code, message) = notice.words();
        self.notify(code, message, now);
    }
}
