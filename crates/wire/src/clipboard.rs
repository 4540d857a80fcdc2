//! A text for a clipboard in pieces, and pieces put together again.

use std::collections::VecDeque;

use crate::limits::CLIPBOARD_PIECE_BYTES_MAX;
use crate::message::Clipboard;

/// Cuts a text into messages, in order. There is always at least one.
#[must_use]
pub fn clipboard_pieces(text: &str) -> VecDeque<Clipboard> {
    let mut pieces = VecDeque::with_capacity(1);
    let mut rest = text;
    loop {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(CLIPBOARD_PIECE_BYTES_MAX));
        pieces.push_back(Clipboard {
            text: piece.to_owned(),
            more: !after.is_empty(),
        });
        if after.is_empty() {
            return pieces;
        }
        rest = after;
    }
}

/// A text was longer than allowed; its pieces are forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a text for the clipboard is longer than {bytes_max} bytes")]
pub struct ClipboardTooLong {
    /// What would have been allowed.
    pub bytes_max: usize,
}

/// Puts the pieces of a text together. Holds no more than it may.
#[derive(Default)]
pub struct ClipboardAssembly {
    text: String,
    overlong: bool,
}

impl std::fmt::Debug for ClipboardAssembly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClipboardAssembly")
            .field("bytes", &self.text.len())
            .field("overlong", &self.overlong)
            .finish()
    }
}

impl ClipboardAssembly {
    /// Takes a piece. Gives the text once its last piece has come.
    ///
    /// # Errors
    /// [`ClipboardTooLong`], once, at the last piece of a text that is longer
    /// than `bytes_max`.
    pub fn handle_piece(
        &mut self,
        piece: Clipboard,
        bytes_max: usize,
    ) -> Result<Option<String>, ClipboardTooLong> {
        let Clipboard { text, more } = piece;
        self.overlong |= self.text.len() + text.len() > bytes_max;
        if self.overlong {
            self.text = String::new();
        } else if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.push_str(&text);
        }
        if more {
            return Ok(None);
        }
        let Self { text, overlong } = std::mem::take(self);
        if overlong {
            return Err(ClipboardTooLong { bytes_max });
        }
        Ok(Some(text))
    }

    /// Forgets what has come so far of a text.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn assembled(text: &str, bytes_max: usize) -> Result<Option<String>, ClipboardTooLong> {
        let mut assembly = ClipboardAssembly::default();
        let mut pieces = clipboard_pieces(text);
        let last = pieces.pop_back().unwrap_or_default();
        for piece in pieces {
            assert!(piece.more);
            assert!(piece.text.len() <= CLIPBOARD_PIECE_BYTES_MAX);
            assert_eq!(assembly.handle_piece(piece, bytes_max), Ok(None));
            assert!(assembly.text.len() <= bytes_max);
        }
        let result = assembly.handle_piece(last, bytes_max);
        assert_eq!(assembly.text.capacity(), 0);
        result
    }

    #[test]
    fn a_text_survives_its_pieces_whatever_its_characters() {
        for (text, pieces) in [
            (String::new(), 1),
            ("x".repeat(CLIPBOARD_PIECE_BYTES_MAX), 1),
            ("x".repeat(CLIPBOARD_PIECE_BYTES_MAX + 1), 2),
            (
                format!("x{}", "🦀".repeat(CLIPBOARD_PIECE_BYTES_MAX / 2)),
                3,
            ),
        ] {
            assert_eq!(clipboard_pieces(&text).len(), pieces);
            assert_eq!(assembled(&text, text.len()), Ok(Some(text)));
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_at_its_end_and_the_next_is_not() {
        let text = "x".repeat(CLIPBOARD_PIECE_BYTES_MAX * 3);
        let bytes_max = CLIPBOARD_PIECE_BYTES_MAX + 5;
        assert_eq!(
            assembled(&text, bytes_max),
            Err(ClipboardTooLong { bytes_max })
        );
        let mut assembly = ClipboardAssembly::default();
        let piece = |text: &str, more| Clipboard {
            text: text.to_owned(),
            more,
        };
        assert_eq!(assembly.handle_piece(piece("abcdef", true), 5), Ok(None));
        assert_eq!(
            assembly.handle_piece(piece("", false), 5),
            Err(ClipboardTooLong { bytes_max: 5 })
        );
        let taken = assembly.handle_piece(piece("abcde", false), 5);
        assert_eq!(taken, Ok(Some("abcde".to_owned())));
    }

    proptest! {
        #[test]
        fn any_pieces_make_the_text(texts in proptest::collection::vec(".{0,9}", 1..9)) {
            let mut assembly = ClipboardAssembly::default();
            let whole = texts.concat();
            let last = texts.len() - 1;
            for (at, text) in texts.into_iter().enumerate() {
                let piece = Clipboard { text, more: at < last };
                let result = assembly.handle_piece(piece, whole.len());
                let expected = (at == last).then(|| whole.clone());
                prop_assert_eq!(result, Ok(expected));
            }
        }
    }
}
