//! TRLE (RFC 6143 section 7.7.5) and ZRLE (7.7.6): tiles that are pixels, a
//! palette, or runs.

use causeway_screen::{Canvas, Rect};

use crate::decode::inflate::Section;
use crate::decode::tile::{Grid, area};
use crate::decode::tile_runs::{Content, Tile, TilePalette};
use crate::decode::{Workbench, fill};
use crate::pixel::Unpack;
use crate::reader::{Reader, Stop};

/// Pixels on the side of a tile of TRLE.
const SIDE: u16 = 16;
/// Pixels on the side of a tile of ZRLE.
const COMPRESSED_SIDE: u16 = 64;

/// A rectangle of TRLE.
#[derive(Debug)]
pub(crate) struct Tiles {
    grid: Grid,
    /// What a later tile may use again.
    palette: TilePalette,
}

impl Tiles {
    pub(crate) fn new(rect: Rect) -> Self {
        Self {
            grid: Grid::new(rect, SIDE),
            palette: TilePalette::default(),
        }
    }

    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        let Workbench { codec, pixels, .. } = bench;
        let Self { grid, palette } = self;
        draw_tiles(reader, grid, palette, &codec.compact, pixels, canvas)
    }
}

/// A rectangle of ZRLE.
#[derive(Debug)]
pub(crate) struct CompressedTiles {
    tiles: Tiles,
    section: Option<Section>,
}

impl CompressedTiles {
    pub(crate) fn new(rect: Rect) -> Self {
        let grid = Grid::new(rect, COMPRESSED_SIDE);
        Self {
            tiles: Tiles {
                grid,
                palette: TilePalette::default(),
            },
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
            zrle,
            inflated,
            pixels,
            ..
        } = bench;
        let Tiles { grid, palette } = &mut self.tiles;
        section.advance(reader, zrle, inflated, |inner| {
            draw_tiles(inner, grid, palette, &codec.compact, pixels, canvas)
        })
    }
}

fn draw_tiles(
    reader: &mut Reader<'_>,
    grid: &mut Grid,
    palette: &mut TilePalette,
    unpack: &Unpack,
    pixels: &mut Vec<u8>,
    canvas: &mut impl Canvas,
) -> Result<(), Stop> {
    while let Some(rect) = grid.current() {
        let mut unit = *reader;
        let tile = Tile {
            width: usize::from(rect.width),
            area: area(rect),
        };
        match tile.read(&mut unit, unpack, palette, pixels)? {
            Content::Solid(colour) => fill(canvas, rect, colour),
            Content::Pixels => canvas.put(rect, pixels),
        }
        *reader = unit;
        grid.step();
    }
    Ok(())
}
