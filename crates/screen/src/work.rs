//! What is to be encoded, with its pixels, and what came of it.

use std::fmt::{Debug, Formatter, Result};

use causeway_wire::message::to_viewer::Body;

use crate::canvas::Rect;
use crate::encoder;
use crate::job::JobId;

/// Which part of which frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) job: JobId,
    pub(crate) index: usize,
}

/// How to encode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Exactly.
    Lossless,
    /// As a photograph.
    Photo {
        /// libjpeg's, from 1 to 100.
        quality: u8,
    },
}

impl Coding {
    pub(crate) const fn is_exact(self) -> bool {
        matches!(self, Self::Lossless)
    }
}

/// Pixels to encode: it owns them, and knows nothing of the screen. Works of
/// one frame may be encoded at the same time. Each has to come back through
/// [`Screen::handle_encoded`](crate::Screen::handle_encoded).
pub struct Work {
    pub(crate) part: Part,
    pub(crate) coding: Coding,
    /// The rectangles whose pixels follow one another in `pixels`.
    pub(crate) rects: Vec<Rect>,
    /// Four bytes a pixel.
    pub(crate) pixels: Vec<u8>,
}

/// What became of [`Work`].
pub struct Encoded {
    pub(crate) part: Part,
    /// How many pixels it were.
    pub(crate) pixels: usize,
    /// Messages; none when an encoder failed.
    pub(crate) bodies: Option<Vec<Body>>,
    /// What held the pixels, to be used again.
    pub(crate) buffer: Vec<u8>,
}

impl Work {
    /// How many pixels there are to encode: what it costs.
    #[must_use]
    pub fn pixels(&self) -> usize {
        self.rects.iter().map(Rect::pixels).sum()
    }

    /// Encodes them. Pure and heavy: for a compute thread. Takes about 3 ms a
    /// million pixels of text or photograph on the machine it was tuned on.
    #[must_use]
    pub fn encode(self) -> Encoded {
        Encoded {
            part: self.part,
            pixels: self.pixels(),
            bodies: encoder::encode(self.coding, &self.rects, &self.pixels).ok(),
            buffer: self.pixels,
        }
    }
}

// What is on somebody's screen is nobody's business in a log.
impl Debug for Work {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Work")
            .field("part", &self.part)
            .field("coding", &self.coding)
            .field("pixels", &self.pixels())
            .finish_non_exhaustive()
    }
}

impl Debug for Encoded {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Encoded")
            .field("part", &self.part)
            .field("pixels", &self.pixels)
            .finish_non_exhaustive()
    }
}
