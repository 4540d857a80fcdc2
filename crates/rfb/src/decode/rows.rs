//! Rows of a rectangle, as they arrive.

use causeway_screen::{Canvas, Rect};

use crate::error::RfbError;
use crate::limits::BAND_BYTES;
use crate::reader::{Reader, Stop};

/// Where in its rectangle a decoder is that goes row by row.
#[derive(Debug)]
pub(crate) struct Rows {
    rect: Rect,
    done: u16,
}

impl Rows {
    pub(crate) const fn new(rect: Rect) -> Self {
        Self { rect, done: 0 }
    }

    /// The rectangle.
    pub(crate) const fn rect(&self) -> Rect {
        self.rect
    }

    const fn is_done(&self) -> bool {
        self.done >= self.rect.height || self.rect.width == 0
    }

    /// Draws the rows that are whole. `row` is the bytes of one; `unpack`
    /// appends the pixels of some rows.
    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        row: usize,
        pixels: &mut Vec<u8>,
        canvas: &mut impl Canvas,
        mut unpack: impl FnMut(&[u8], &mut Vec<u8>) -> Result<(), RfbError>,
    ) -> Result<(), Stop> {
        let band_rows = BAND_BYTES / (usize::from(self.rect.width) * 4).max(1);
        while !self.is_done() {
            let (bytes, band) = self.next_band(reader, row, band_rows.max(1))?;
            pixels.clear();
            unpack(bytes, pixels)?;
            canvas.put(band, pixels);
        }
        Ok(())
    }

    /// Draws the rows that are whole, and are what a canvas takes already.
    pub(crate) fn advance_same(
        &mut self,
        reader: &mut Reader<'_>,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let row = usize::from(self.rect.width) * 4;
        while !self.is_done() {
            let (bytes, band) = self.next_band(reader, row, usize::from(u16::MAX))?;
            canvas.put(band, bytes);
        }
        Ok(())
    }

    /// The next rows, at most `rows_max`, and where they go.
    fn next_band<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        row: usize,
        rows_max: usize,
    ) -> Result<(&'a [u8], Rect), Stop> {
        let there = (reader.len() / row.max(1)).min(rows_max);
        let left = self.rect.height - self.done;
        let height = u16::try_from(there).unwrap_or(u16::MAX).min(left);
        if height == 0 {
            return Err(Stop::Incomplete);
        }
        let bytes = reader.take(usize::from(height) * row)?;
        let band = Rect {
            y: self.rect.y + self.done,
            height,
            ..self.rect
        };
        self.done += height;
        Ok((bytes, band))
    }
}
