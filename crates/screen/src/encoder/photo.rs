//! Photographs and motion: JPEG by libjpeg-turbo, 4:2:0, a file a rectangle.

use causeway_wire::message::TileCodec;
use causeway_wire::message::to_viewer::Body;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

use super::{DATA_BYTES_MAX, EncodeError, Encoder, Picture, tile};
use crate::canvas::Rect;
use crate::framebuffer::PIXEL_BYTES;
use crate::plan::cut::rows;

/// Height of a block of 4:2:0; a rectangle that low is cut no further.
const BLOCK: u16 = 16;

/// libjpeg-turbo and its tables.
#[derive(Default)]
pub(crate) struct Photo {
    compressor: Option<Compressor>,
    quality: u8,
}

impl Photo {
    /// libjpeg's quality, from 1 to 100.
    pub(crate) const fn set_quality(&mut self, quality: u8) {
        self.quality = quality;
    }
}

impl Encoder for Photo {
    fn encode(&mut self, picture: Picture<'_>) -> Result<Vec<Body>, EncodeError> {
        let mut bodies = Vec::with_capacity(picture.rects.len());
        for (rect, pixels) in picture.each() {
            self.files(rect, pixels, &mut bodies)?;
        }
        Ok(bodies)
    }
}

impl Photo {
    /// Encodes a rectangle, in two halves if it does not fit a message.
    fn files(
        &mut self,
        rect: Rect,
        pixels: &[u8],
        bodies: &mut Vec<Body>,
    ) -> Result<(), EncodeError> {
        let data = self.file(&rect, pixels)?;
        if data.len() <= DATA_BYTES_MAX {
            bodies.push(tile(&[rect], TileCodec::Jpeg, data));
            return Ok(());
        }
        if rect.height <= BLOCK {
            return Err(EncodeError::TooLong { bytes: data.len() });
        }
        let half = (rect.height / 2).next_multiple_of(BLOCK);
        let mut rest = pixels;
        for part in rows(rect, half) {
            let (pixels, after) = rest.split_at(part.pixels() * PIXEL_BYTES);
            rest = after;
            self.files(part, pixels, bodies)?;
        }
        Ok(())
    }

    fn file(&mut self, rect: &Rect, pixels: &[u8]) -> Result<Vec<u8>, EncodeError> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(compressor().map_err(EncodeError::Jpeg)?),
        };
        let image = Image {
            pixels,
            width: rect.width.into(),
            pitch: usize::from(rect.width) * PIXEL_BYTES,
            height: rect.height.into(),
            format: PixelFormat::RGBX,
        };
        compressor
            .set_quality(self.quality.into())
            .and_then(|()| compressor.compress_to_vec(image))
            .map_err(EncodeError::Jpeg)
    }
}

fn compressor() -> turbojpeg::Result<Compressor> {
    let mut compressor = Compressor::new()?;
    compressor.set_subsamp(Subsamp::Sub2x2)?;
    Ok(compressor)
}
