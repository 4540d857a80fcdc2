//! The encodings: from a rectangle's bytes to the canvas.
//!
//! A decoder takes what has arrived, draws what is whole, and says
//! [`Stop::Incomplete`] until its rectangle is done. It never waits for more
//! than one row, one tile or one file.

mod copy_rect;
pub(crate) mod cursor;
mod hextile;
mod inflate;
mod raw;
mod rows;
mod rre;
mod tight;
mod tile;
mod tile_rows;
mod tile_runs;
mod workbench;
mod zlib;

pub(crate) use workbench::Workbench;

use causeway_screen::{Canvas, Rect};

use crate::encoding::Encoding;
use crate::reader::{Reader, Stop};

/// A rectangle that is being decoded.
#[derive(Debug)]
pub(crate) enum Decoder {
    Raw(raw::Raw),
    CopyRect(copy_rect::CopyRect),
    Rre(rre::Rre),
    Hextile(hextile::Hextile),
    Zlib(zlib::Zlib),
    Tight(tight::Tight),
    Tiles(tile_rows::Tiles),
    CompressedTiles(tile_rows::CompressedTiles),
}

impl Decoder {
    /// Begins a rectangle, which lies within the screen.
    pub(crate) fn new(encoding: Encoding, rect: Rect) -> Self {
        match encoding {
            Encoding::Raw => Self::Raw(raw::Raw::new(rect)),
            Encoding::CopyRect => Self::CopyRect(copy_rect::CopyRect::new(rect)),
            Encoding::Rre => Self::Rre(rre::Rre::new(rect, rre::Coordinates::Words)),
            Encoding::CoRre => Self::Rre(rre::Rre::new(rect, rre::Coordinates::Bytes)),
            Encoding::Hextile => Self::Hextile(hextile::Hextile::new(rect)),
            Encoding::Zlib => Self::Zlib(zlib::Zlib::new(rect)),
            Encoding::Tight => Self::Tight(tight::Tight::new(rect)),
            Encoding::Trle => Self::Tiles(tile_rows::Tiles::new(rect)),
            Encoding::Zrle => Self::CompressedTiles(tile_rows::CompressedTiles::new(rect)),
        }
    }

    /// Whether what was decoded may differ from what the target has.
    pub(crate) const fn is_lossy(&self) -> bool {
        match self {
            Self::Tight(decoder) => decoder.is_lossy(),
            _ => false,
        }
    }

    /// Decodes what there is.
    ///
    /// # Errors
    /// [`Stop::Incomplete`] until the rectangle is done.
    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        match self {
            Self::Raw(decoder) => decoder.advance(reader, bench, canvas),
            Self::CopyRect(decoder) => decoder.advance(reader, canvas),
            Self::Rre(decoder) => decoder.advance(reader, bench, canvas),
            Self::Hextile(decoder) => decoder.advance(reader, bench, canvas),
            Self::Zlib(decoder) => decoder.advance(reader, bench, canvas),
            Self::Tight(decoder) => decoder.advance(reader, bench, canvas),
            Self::Tiles(decoder) => decoder.advance(reader, bench, canvas),
            Self::CompressedTiles(decoder) => decoder.advance(reader, bench, canvas),
        }
    }
}

/// Fills `rect` with a pixel, if it has any.
fn fill(canvas: &mut impl Canvas, rect: Rect, [r, g, b, _]: [u8; 4]) {
    if rect.width > 0 && rect.height > 0 {
        canvas.fill(rect, [r, g, b]);
    }
}
