//! What decoders keep between rectangles.

use crate::decode::inflate::{Inflated, Inflater};
use crate::limits::KEPT_BYTES;
use crate::pixel::PixelCodec;

/// What decoders work with: how pixels are read, compressed streams that go
/// on from rectangle to rectangle, and memory.
#[derive(Debug)]
pub(crate) struct Workbench {
    /// How pixels are read.
    pub(crate) codec: PixelCodec,
    /// The stream of zlib rectangles.
    pub(crate) zlib: Inflater,
    /// The stream of ZRLE rectangles.
    pub(crate) zrle: Inflater,
    /// The four streams of Tight.
    pub(crate) tight: [Inflater; 4],
    /// Inflated bytes that are not yet decoded.
    pub(crate) inflated: Inflated,
    /// Pixels on their way to the canvas.
    pub(crate) pixels: Vec<u8>,
    /// Reads JPEG files, once there was one.
    pub(crate) jpeg: Option<turbojpeg::Decompressor>,
}

impl Workbench {
    pub(crate) fn new(codec: PixelCodec) -> Self {
        Self {
            codec,
            zlib: Inflater::default(),
            zrle: Inflater::default(),
            tight: Default::default(),
            inflated: Inflated::default(),
            pixels: Vec::new(),
            jpeg: None,
        }
    }

    /// Gives back what a large rectangle needed.
    pub(crate) fn tidy(&mut self) {
        if self.pixels.capacity() > KEPT_BYTES {
            self.pixels = Vec::new();
        }
    }
}
