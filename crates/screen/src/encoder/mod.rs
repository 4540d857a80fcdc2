//! Encoders: from pixels to messages. Pure; whatever is slow in this crate.
//!
//! An encoder that remembers earlier pictures (H.264, the target's own or ours)
//! has its place here too: it would belong to a region of a viewer's picture,
//! travel with that region's [`Work`](crate::Work) and come back with what was
//! encoded, its messages being `VideoChunk`. The two encoders here remember
//! nothing but their tables, so each thread has its own.

mod lossless;
mod photo;

use std::cell::RefCell;

use bytes::Bytes;
use causeway_wire::limits::MESSAGE_BYTES_MAX;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{self, Tile, TileCodec};

use crate::canvas::Rect;
use crate::framebuffer::PIXEL_BYTES;
use crate::work::Coding;
use lossless::Lossless;
use photo::Photo;

/// Encoded pixels of one message: the rest is for its rectangles and envelope.
const DATA_BYTES_MAX: usize = MESSAGE_BYTES_MAX - 32 * 1024;

thread_local! {
    /// Their tables take longer to make than a small rectangle to encode.
    static ENCODERS: RefCell<(Lossless, Photo)> = RefCell::default();
}

/// What an encoder is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Picture<'a> {
    /// The rectangles, in the order of their pixels.
    pub(crate) rects: &'a [Rect],
    /// Four bytes a pixel, one rectangle after the other.
    pub(crate) pixels: &'a [u8],
}

impl<'a> Picture<'a> {
    /// Each rectangle with its own pixels.
    fn each(self) -> impl Iterator<Item = (Rect, &'a [u8])> {
        let mut rest = self.pixels;
        self.rects.iter().map_while(move |rect| {
            let (pixels, after) = rest.split_at_checked(rect.pixels() * PIXEL_BYTES)?;
            rest = after;
            Some((*rect, pixels))
        })
    }
}

/// Why pixels could not be encoded; we are at fault, and the same pixels will
/// not do better another time.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EncodeError {
    #[error("zstd failed")]
    Zstd(#[source] std::io::Error),
    #[error("libjpeg-turbo failed")]
    Jpeg(#[source] turbojpeg::Error),
    #[error("a file of {bytes} bytes fits no message")]
    TooLong { bytes: usize },
}

/// One way to encode pixels.
pub(crate) trait Encoder {
    /// Messages that put the picture on a viewer's surface, each short enough
    /// for the wire.
    fn encode(&mut self, picture: Picture<'_>) -> Result<Vec<Body>, EncodeError>;
}

/// Encodes with the encoder that is wanted; what is no photograph for
/// libjpeg-turbo is sent exactly.
pub(crate) fn encode(
    coding: Coding,
    rects: &[Rect],
    pixels: &[u8],
) -> Result<Vec<Body>, EncodeError> {
    let picture = Picture { rects, pixels };
    ENCODERS.with_borrow_mut(|(lossless, photo)| match coding {
        Coding::Lossless => lossless.encode(picture),
        Coding::Photo { quality } => {
            photo.set_quality(quality);
            photo.encode(picture).or_else(|_| lossless.encode(picture))
        }
    })
}

/// A rectangle as the wire writes it.
pub(crate) fn wire_rect(rect: &Rect) -> message::Rect {
    message::Rect {
        x: rect.x.into(),
        y: rect.y.into(),
        width: rect.width.into(),
        height: rect.height.into(),
    }
}

/// Encoded pixels as a message.
pub(crate) fn tile(rects: &[Rect], codec: TileCodec, data: impl Into<Bytes>) -> Body {
    Body::Tile(Tile {
        surface: 0,
        rects: rects.iter().map(wire_rect).collect(),
        codec: codec.into(),
        data: data.into(),
    })
}
