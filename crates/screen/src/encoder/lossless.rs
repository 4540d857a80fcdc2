//! Exact pixels: RGB24 rows in one zstd frame.
//!
//! What was measured and left out: the difference to what the viewer shows
//! (`RGB24_XOR_ZSTD`) is a fifth of the bytes when one types, but needs the
//! viewer's picture, a second framebuffer for each session; a palette before
//! zstd is slower and not smaller.

use causeway_wire::message::TileCodec;
use causeway_wire::message::to_viewer::Body;
use zstd::bulk::Compressor;

use super::{DATA_BYTES_MAX, EncodeError, Encoder, Picture, tile};
use crate::canvas::Rect;
use crate::framebuffer::PIXEL_BYTES;
use crate::plan::cut::{FLAT_PIXELS_MAX, rows};

/// Measured: level 3 makes text a quarter smaller in the same time, everything
/// else a tenth smaller in twice the time.
const LEVEL: i32 = 1;
/// Bytes of a pixel on the wire.
const RGB_BYTES: usize = 3;

const _: () = assert!(FLAT_PIXELS_MAX * RGB_BYTES * 257 / 256 < DATA_BYTES_MAX);

/// zstd and its tables.
#[derive(Default)]
pub(crate) struct Lossless {
    compressor: Option<Compressor<'static>>,
    /// Pixels without their fourth bytes; a blob's at most.
    rgb: Vec<u8>,
}

impl Encoder for Lossless {
    fn encode(&mut self, picture: Picture<'_>) -> Result<Vec<Body>, EncodeError> {
        let pixels: usize = picture.rects.iter().map(Rect::pixels).sum();
        if pixels <= FLAT_PIXELS_MAX {
            return Ok(vec![self.blob(picture)?]);
        }
        let mut bodies = Vec::new();
        for (rect, pixels) in picture.each() {
            let height = FLAT_PIXELS_MAX / usize::from(rect.width.max(1));
            let mut rest = pixels;
            for slice in rows(rect, u16::try_from(height).unwrap_or(u16::MAX)) {
                let (pixels, after) = rest.split_at(slice.pixels() * PIXEL_BYTES);
                rest = after;
                let rects = &[slice];
                bodies.push(self.blob(Picture { rects, pixels })?);
            }
        }
        Ok(bodies)
    }
}

impl Lossless {
    fn blob(&mut self, picture: Picture<'_>) -> Result<Body, EncodeError> {
        rgb24(picture.pixels, &mut self.rgb);
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            none => none.insert(Compressor::new(LEVEL).map_err(EncodeError::Zstd)?),
        };
        let mut data = compressor.compress(&self.rgb).map_err(EncodeError::Zstd)?;
        data.shrink_to_fit();
        Ok(tile(picture.rects, TileCodec::Rgb24Zstd, data))
    }
}

/// Leaves out every fourth byte, four pixels at a time.
fn rgb24(pixels: &[u8], rgb: &mut Vec<u8>) {
    const MEANT: u32 = 0x00ff_ffff;
    rgb.resize(pixels.len() / PIXEL_BYTES * RGB_BYTES, 0);
    let (pixels, _) = pixels.as_chunks::<PIXEL_BYTES>();
    let (fours, rest) = pixels.as_chunks::<4>();
    let (places, rest_place) = rgb.as_chunks_mut::<{ 4 * RGB_BYTES }>();
    for (four, place) in fours.iter().zip(places) {
        let [a, b, c, d] = four.map(|pixel| u32::from_le_bytes(pixel) & MEANT);
        place[..4].copy_from_slice(&(a | b << 24).to_le_bytes());
        place[4..8].copy_from_slice(&(b >> 8 | c << 16).to_le_bytes());
        place[8..].copy_from_slice(&(c >> 16 | d << 8).to_le_bytes());
    }
    for (pixel, place) in rest.iter().zip(rest_place.chunks_exact_mut(RGB_BYTES)) {
        place.copy_from_slice(&pixel[..RGB_BYTES]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_byte_is_left_out() {
        let mut rgb = Vec::new();
        for count in [9_u8, 0, 1, 2, 3, 4, 5, 8] {
            let pixels: Vec<u8> = (0..count * 4).collect();
            let expected: Vec<u8> = (0..count * 4).filter(|at| at % 4 != 3).collect();
            rgb24(&pixels, &mut rgb);
            assert_eq!(rgb, expected);
        }
    }
}
