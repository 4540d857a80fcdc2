//! Zlib (rfbproto, "Zlib Encoding").

use causeway_screen::{Canvas, Rect};

use crate::decode::Workbench;
use crate::decode::inflate::Section;
use crate::decode::rows::Rows;
use crate::reader::{Reader, Stop};

/// A rectangle of plain pixels, compressed.
#[derive(Debug)]
pub(crate) struct Zlib {
    rows: Rows,
    section: Option<Section>,
}

impl Zlib {
    pub(crate) const fn new(rect: Rect) -> Self {
        Self {
            rows: Rows::new(rect),
            section: None,
        }
    }

    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let section = match &mut self.section {
            Some(section) => section,
            none => none.insert(Section::read(reader)?),
        };
        let Workbench {
            codec,
            zlib,
            inflated,
            pixels,
            ..
        } = bench;
        let unpack = &codec.whole;
        let row = usize::from(self.rows.rect().width) * unpack.bytes();
        section.advance(reader, zlib, inflated, |inner| {
            if unpack.is_same() {
                return self.rows.advance_same(inner, canvas);
            }
            self.rows
                .advance(inner, row, pixels, canvas, |bytes, pixels| {
                    unpack.all(bytes, pixels);
                    Ok(())
                })
        })
    }
}
