//! Texts for a viewer's clipboard, in pieces.

use std::collections::VecDeque;

use causeway_wire::clipboard_pieces;
use causeway_wire::message::Clipboard;

/// What one viewer's clipboard is to hold. The latest text wins, but never in
/// the middle of another: a viewer puts pieces together until the last.
#[derive(Debug, Default)]
pub(super) struct ClipboardOutbox {
    pieces: VecDeque<Clipboard>,
    /// A piece of the front text is out, its last one is not.
    underway: bool,
    /// What follows the text that is underway.
    next: VecDeque<Clipboard>,
}

impl ClipboardOutbox {
    /// Puts a text on the clipboard.
    pub(super) fn push(&mut self, text: &str) {
        let pieces = clipboard_pieces(text);
        if self.underway {
            self.next = pieces;
        } else {
            self.pieces = pieces;
        }
    }

    /// The next piece.
    pub(super) fn pop(&mut self) -> Option<Clipboard> {
        let piece = self.pieces.pop_front()?;
        self.underway = piece.more;
        if !piece.more {
            self.pieces = std::mem::take(&mut self.next);
        }
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use causeway_wire::ClipboardAssembly;
    use causeway_wire::limits::CLIPBOARD_PIECE_BYTES_MAX;

    use super::*;

    #[test]
    fn the_latest_text_wins_but_a_begun_one_is_ended_first() {
        let long = "x".repeat(CLIPBOARD_PIECE_BYTES_MAX + 1);
        let mut outbox = ClipboardOutbox::default();
        outbox.push("never sent");
        outbox.push(&long);
        let mut assembly = ClipboardAssembly::default();
        let first = assembly.handle_piece(outbox.pop().unwrap(), long.len());
        assert_eq!(first, Ok(None));
        outbox.push("overtaken");
        outbox.push("latest");
        let whole = assembly.handle_piece(outbox.pop().unwrap(), long.len());
        assert_eq!(whole, Ok(Some(long)));
        let piece = outbox.pop().unwrap();
        assert_eq!((piece.text.as_str(), piece.more), ("latest", false));
        assert_eq!(outbox.pop(), None);
    }
}
