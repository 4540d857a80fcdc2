//! The pointer's shape: Cursor (RFC 6143 section 7.8.1), X Cursor, Cursor With
//! Alpha and VMware's (rfbproto).
//!
//! A cursor is decoded once all of it is there: it is small.

use bytes::Bytes;
use causeway_screen::{CursorImage, Rect, Size};

use crate::decode::tile::area;
use crate::encoding::Encoding;
use crate::error::RfbError;
use crate::limits::CURSOR_PIXELS_MAX;
use crate::pixel::Unpack;
use crate::reader::{Reader, Stop};

/// A cursor's extent and hot spot come as a rectangle.
fn check(rect: Rect) -> Result<usize, RfbError> {
    let pixels = area(rect);
    if pixels > CURSOR_PIXELS_MAX {
        return Err(RfbError::CursorTooLarge);
    }
    Ok(pixels)
}

fn image(rect: Rect, rgba: Vec<u8>) -> CursorImage {
    if rect.width == 0 || rect.height == 0 {
        return CursorImage::Hidden;
    }
    CursorImage::Shape {
        size: Size {
            width: rect.width,
            height: rect.height,
        },
        hotspot_x: rect.x.min(rect.width - 1),
        hotspot_y: rect.y.min(rect.height - 1),
        rgba: Bytes::from(rgba),
    }
}

/// Pixels of the connection's format, then a mask.
pub(crate) fn read_cursor(
    reader: &mut Reader<'_>,
    rect: Rect,
    unpack: &Unpack,
) -> Result<CursorImage, Stop> {
    let pixels = check(rect)?;
    let source = reader.take(pixels * unpack.bytes())?;
    let mask = read_mask(reader, rect)?;
    let mut rgba = Vec::with_capacity(pixels * 4);
    unpack.all(source, &mut rgba);
    for (place, pixel) in rgba.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        pixel[3] = if mask.bit(place) { u8::MAX } else { 0 };
    }
    Ok(image(rect, rgba))
}

/// Two colours, a picture of bits, and a mask.
pub(crate) fn read_x_cursor(reader: &mut Reader<'_>, rect: Rect) -> Result<CursorImage, Stop> {
    let pixels = check(rect)?;
    if pixels == 0 {
        return Ok(CursorImage::Hidden);
    }
    let [primary, secondary] = [reader.array::<3>()?, reader.array::<3>()?];
    let (picture, mask) = (read_mask(reader, rect)?, read_mask(reader, rect)?);
    let rgba = (0..pixels).flat_map(|place| {
        let [r, g, b] = if picture.bit(place) {
            primary
        } else {
            secondary
        };
        [r, g, b, if mask.bit(place) { u8::MAX } else { 0 }]
    });
    Ok(image(rect, rgba.collect()))
}

/// Red, green, blue and alpha, in which the colours are multiplied already.
pub(crate) fn read_alpha_cursor(reader: &mut Reader<'_>, rect: Rect) -> Result<CursorImage, Stop> {
    let pixels = check(rect)?;
    let encoding = reader.i32()?;
    if encoding != Encoding::Raw.number() {
        return Err(RfbError::UnknownEncoding(encoding).into());
    }
    let mut rgba = reader.take(pixels * 4)?.to_vec();
    for pixel in rgba.as_chunks_mut().0 {
        *pixel = straight(*pixel);
    }
    Ok(image(rect, rgba))
}

fn straight([r, g, b, alpha]: [u8; 4]) -> [u8; 4] {
    let divide = |part: u8| match alpha {
        0 => 0,
        alpha => {
            let part = (u16::from(part) * 255 + u16::from(alpha) / 2) / u16::from(alpha);
            u8::try_from(part).unwrap_or(u8::MAX)
        }
    };
    [divide(r), divide(g), divide(b), alpha]
}

/// VMware's: either two masks, or red, green, blue and alpha.
pub(crate) fn read_vmware_cursor(
    reader: &mut Reader<'_>,
    rect: Rect,
    unpack: &Unpack,
) -> Result<CursorImage, Stop> {
    let pixels = check(rect)?;
    let [kind, _padding] = reader.array()?;
    match kind {
        0 => {
            let and = reader.take(pixels * unpack.bytes())?;
            let xor = reader.take(pixels * unpack.bytes())?;
            let and = and.chunks_exact(unpack.bytes());
            let xor = xor.chunks_exact(unpack.bytes());
            let rgba = and
                .zip(xor)
                .flat_map(|(and, xor)| masked(and, xor, unpack.one(xor)));
            Ok(image(rect, rgba.collect()))
        }
        1 => Ok(image(rect, reader.take(pixels * 4)?.to_vec())),
        other => Err(RfbError::CursorKind(other.into()).into()),
    }
}

/// The screen keeps where `and` is set, and is inverted where `xor` is too: a
/// picture cannot invert, so black is shown there.
fn masked(and: &[u8], xor: &[u8], [r, g, b, _]: [u8; 4]) -> [u8; 4] {
    let keeps = and.iter().any(|byte| *byte != 0);
    let inverts = xor.iter().any(|byte| *byte != 0);
    match (keeps, inverts) {
        (true, false) => [0; 4],
        (true, true) => [0, 0, 0, 255],
        (false, _) => [r, g, b, 255],
    }
}

/// A bit a pixel, a row starts at a byte.
struct Mask<'a> {
    bytes: &'a [u8],
    width: usize,
}

fn read_mask<'a>(reader: &mut Reader<'a>, rect: Rect) -> Result<Mask<'a>, Stop> {
    let width = usize::from(rect.width);
    let bytes = reader.take(width.div_ceil(8) * usize::from(rect.height))?;
    Ok(Mask { bytes, width })
}

impl Mask<'_> {
    fn bit(&self, place: usize) -> bool {
        let (x, y) = (place % self.width, place / self.width);
        self.bytes[y * self.width.div_ceil(8) + x / 8] >> (7 - x % 8) & 1 != 0
    }
}
