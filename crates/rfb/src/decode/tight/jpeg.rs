//! JPEG files in Tight rectangles.

use bytes::Bytes;
use causeway_screen::{Canvas, Rect};
use turbojpeg::{Colorspace, DecompressHeader, Decompressor, Image, PixelFormat};

use crate::decode::Workbench;
use crate::error::RfbError;
use crate::limits::JPEG_PIXELS_MAX;

/// Passes over a progressive file: more only keep a processor busy.
const SCANS_MAX: u32 = 64;
const START_OF_SCAN: u8 = 0xda;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;

/// Draws a file, which must be exactly of the rectangle's size.
pub(crate) fn draw(
    file: &[u8],
    rect: Rect,
    bench: &mut Workbench,
    canvas: &mut impl Canvas,
) -> Result<(), RfbError> {
    let swaps = bench.codec.swaps_red_and_blue;
    let decompressor = match &mut bench.jpeg {
        Some(decompressor) => decompressor,
        none => none.insert(decompressor()?),
    };
    let header = decompressor.read_header(file).map_err(unreadable)?;
    check_size(&header, rect)?;
    // Bytes of an earlier rectangle do no harm here: all are overwritten.
    bench.pixels.resize(header.width * header.height * 4, 0);
    let image = Image {
        pixels: bench.pixels.as_mut_slice(),
        width: header.width,
        pitch: header.width * 4,
        height: header.height,
        format: if swaps {
            PixelFormat::BGRX
        } else {
            PixelFormat::RGBX
        },
    };
    decompressor.decompress(file, image).map_err(unreadable)?;
    if !swaps && is_usual(&header) && is_bare(file) {
        canvas.put_jpeg(rect, &Bytes::copy_from_slice(file), &bench.pixels);
    } else {
        canvas.put(rect, &bench.pixels);
    }
    Ok(())
}

fn decompressor() -> Result<Decompressor, RfbError> {
    let mut decompressor = Decompressor::new().map_err(unreadable)?;
    decompressor.set_scan_limit(SCANS_MAX).map_err(unreadable)?;
    Ok(decompressor)
}

fn check_size(header: &DecompressHeader, rect: Rect) -> Result<(), RfbError> {
    let DecompressHeader { width, height, .. } = *header;
    if (width, height) != (usize::from(rect.width), usize::from(rect.height)) {
        return Err(RfbError::JpegSize { width, height });
    }
    if width * height > JPEG_PIXELS_MAX {
        return Err(RfbError::JpegTooLarge);
    }
    Ok(())
}

/// Whether a browser reads the file at all, and in the same colours.
fn is_usual(header: &DecompressHeader) -> bool {
    let usual = matches!(header.colorspace, Colorspace::YCbCr | Colorspace::Gray);
    usual && !header.is_lossless && !header.is_arithmetic
}

/// Whether the file says nothing that a browser heeds and we do not: no
/// orientation (APP1) and no colour profile (APP2). Cameras write those, VNC
/// servers do not.
fn is_bare(file: &[u8]) -> bool {
    let mut rest = file.strip_prefix(&[0xff, 0xd8]).unwrap_or_default();
    while let [0xff, marker, high, low, ..] = rest {
        match *marker {
            START_OF_SCAN => return true,
            APP1 | APP2 => return false,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    false
}

fn unreadable(error: turbojpeg::Error) -> RfbError {
    RfbError::Jpeg(error.to_string())
}
