//! The pixels of a screen: one copy, four bytes a pixel, rows without gaps.

use crate::canvas::{Rect, Size};
use crate::view::Move;

/// Bytes of a pixel: red, green, blue, and one that means nothing.
pub(crate) const PIXEL_BYTES: usize = 4;

/// What the screen shows now.
#[derive(Debug, Default)]
pub(crate) struct Framebuffer {
    size: Size,
    pixels: Vec<u8>,
}

impl Framebuffer {
    pub(crate) const fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Takes another size; all is black then.
    pub(crate) fn set_size(&mut self, size: Size) {
        self.size = size;
        // A new allocation: memory of a larger screen is given back.
        self.pixels = vec![0; size.pixels() * PIXEL_BYTES];
    }

    /// The bytes of one row of a rectangle that lies within the size.
    pub(crate) fn row(&self, rect: &Rect, row: u16) -> &[u8] {
        let start = self.offset(rect.x, u32::from(rect.y) + u32::from(row));
        &self.pixels[start..start + usize::from(rect.width) * PIXEL_BYTES]
    }

    fn row_mut(&mut self, rect: &Rect, row: u16) -> &mut [u8] {
        let start = self.offset(rect.x, u32::from(rect.y) + u32::from(row));
        &mut self.pixels[start..start + usize::from(rect.width) * PIXEL_BYTES]
    }

    fn offset(&self, x: u16, y: u32) -> usize {
        (y as usize * usize::from(self.size.width) + usize::from(x)) * PIXEL_BYTES
    }

    /// Puts the pixels of `rect` that lie within the size and for which there
    /// are bytes; gives what was put.
    pub(crate) fn put(&mut self, rect: Rect, pixels: &[u8]) -> Rect {
        let mut shown = rect.clipped(self.size);
        let stride = usize::from(rect.width) * PIXEL_BYTES;
        if shown.is_empty() || stride == 0 {
            return Rect::default();
        }
        let rows = u16::try_from(pixels.len() / stride).unwrap_or(u16::MAX);
        shown.height = shown.height.min(rows);
        let width = usize::from(shown.width) * PIXEL_BYTES;
        if shown.x == 0 && shown.width == self.size.width && shown.width == rect.width {
            let start = self.offset(0, u32::from(shown.y));
            let length = usize::from(shown.height) * width;
            self.pixels[start..start + length].copy_from_slice(&pixels[..length]);
            return shown;
        }
        for (row, source) in (0..shown.height).zip(pixels.chunks_exact(stride)) {
            self.row_mut(&shown, row).copy_from_slice(&source[..width]);
        }
        shown
    }

    /// Fills what of `rect` lies within the size; gives that part.
    pub(crate) fn fill(&mut self, rect: Rect, rgb: [u8; 3]) -> Rect {
        let shown = rect.clipped(self.size);
        let pixel = [rgb[0], rgb[1], rgb[2], 0xff];
        for row in 0..shown.height {
            let (pixels, _) = self.row_mut(&shown, row).as_chunks_mut::<PIXEL_BYTES>();
            pixels.fill(pixel);
        }
        shown
    }

    /// Moves the part of `source` whose both ends lie within the size, and gives
    /// it.
    pub(crate) fn copy(&mut self, source: Rect, x: u16, y: u16) -> Option<Move> {
        let source = source.clipped(self.size);
        let target = Rect::new(x, y, source.width, source.height).clipped(self.size);
        if target.is_empty() {
            return None;
        }
        let source = Rect::new(source.x, source.y, target.width, target.height);
        if source == target {
            return None;
        }
        let bytes = usize::from(source.width) * PIXEL_BYTES;
        let move_row = |framebuffer: &mut Self, row: u16| {
            let from = framebuffer.offset(source.x, u32::from(source.y) + u32::from(row));
            let to = framebuffer.offset(target.x, u32::from(target.y) + u32::from(row));
            framebuffer.pixels.copy_within(from..from + bytes, to);
        };
        if target.y > source.y {
            (0..source.height).rev().for_each(|row| move_row(self, row));
        } else {
            (0..source.height).for_each(|row| move_row(self, row));
        }
        Some(Move { source, target })
    }

    /// Appends the pixels of what of `rect` lies within the size.
    pub(crate) fn read(&self, rect: Rect, into: &mut Vec<u8>) {
        let shown = rect.clipped(self.size);
        into.reserve(shown.pixels() * PIXEL_BYTES);
        for row in 0..shown.height {
            into.extend_from_slice(self.row(&shown, row));
        }
    }
}
