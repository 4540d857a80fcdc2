//! Raw (RFC 6143 section 7.7.1).

use causeway_screen::{Canvas, Rect};

use crate::decode::Workbench;
use crate::decode::rows::Rows;
use crate::reader::{Reader, Stop};

/// A rectangle of plain pixels.
#[derive(Debug)]
pub(crate) struct Raw {
    rows: Rows,
}

impl Raw {
    pub(crate) const fn new(rect: Rect) -> Self {
        Self {
            rows: Rows::new(rect),
        }
    }

    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let unpack = &bench.codec.whole;
        if unpack.is_same() {
            return self.rows.advance_same(reader, canvas);
        }
        let row = usize::from(self.rows.rect().width) * unpack.bytes();
        self.rows
            .advance(reader, row, &mut bench.pixels, canvas, |bytes, pixels| {
                unpack.all(bytes, pixels);
                Ok(())
            })
    }
}
