//! Hextile (RFC 6143 section 7.7.4).

use causeway_screen::{Canvas, Rect};

use crate::decode::tile::{Grid, area, flood};
use crate::decode::{Workbench, fill};
use crate::error::RfbError;
use crate::pixel::Unpack;
use crate::reader::{Reader, Stop};

/// Pixels on a tile's side.
const SIDE: u16 = 16;

const RAW: u8 = 1;
const BACKGROUND: u8 = 2;
const FOREGROUND: u8 = 4;
const HAS_PARTS: u8 = 8;
const COLOURED_PARTS: u8 = 16;

/// Tiles of 16 by 16 pixels, each a background with parts.
#[derive(Debug)]
pub(crate) struct Hextile {
    grid: Grid,
    colours: Colours,
}

/// The colours that go on from tile to tile.
#[derive(Debug, Clone, Copy)]
struct Colours {
    background: [u8; 4],
    foreground: [u8; 4],
}

impl Hextile {
    pub(crate) const fn new(rect: Rect) -> Self {
        let black = [0, 0, 0, 255];
        Self {
            grid: Grid::new(rect, SIDE),
            colours: Colours {
                background: black,
                foreground: black,
            },
        }
    }

    pub(crate) fn advance(
        &mut self,
        reader: &mut Reader<'_>,
        bench: &mut Workbench,
        canvas: &mut impl Canvas,
    ) -> Result<(), Stop> {
        while let Some(tile) = self.grid.current() {
            let mut unit = *reader;
            let mut colours = self.colours;
            let unpack = &bench.codec.whole;
            match read_tile(&mut unit, tile, unpack, &mut colours, &mut bench.pixels)? {
                Content::Plain => fill(canvas, tile, colours.background),
                Content::Pixels => canvas.put(tile, &bench.pixels),
            }
            *reader = unit;
            self.colours = colours;
            self.grid.step();
        }
        Ok(())
    }
}

/// What a tile turned out to be.
enum Content {
    /// All background.
    Plain,
    /// What is in the pixels now.
    Pixels,
}

fn read_tile(
    reader: &mut Reader<'_>,
    tile: Rect,
    unpack: &Unpack,
    colours: &mut Colours,
    pixels: &mut Vec<u8>,
) -> Result<Content, Stop> {
    let kind = reader.u8()?;
    if kind & RAW != 0 {
        let bytes = reader.take(area(tile) * unpack.bytes())?;
        pixels.clear();
        unpack.all(bytes, pixels);
        return Ok(Content::Pixels);
    }
    if kind & BACKGROUND != 0 {
        colours.background = unpack.one(reader.take(unpack.bytes())?);
    }
    if kind & FOREGROUND != 0 {
        colours.foreground = unpack.one(reader.take(unpack.bytes())?);
    }
    if kind & HAS_PARTS == 0 {
        return Ok(Content::Plain);
    }
    flood(pixels, area(tile), colours.background);
    for _ in 0..reader.u8()? {
        let colour = if kind & COLOURED_PARTS != 0 {
            unpack.one(reader.take(unpack.bytes())?)
        } else {
            colours.foreground
        };
        draw_part(reader.array()?, colour, tile, pixels)?;
    }
    Ok(Content::Pixels)
}

fn draw_part(
    [place, extent]: [u8; 2],
    colour: [u8; 4],
    tile: Rect,
    pixels: &mut [u8],
) -> Result<(), RfbError> {
    let (x, y) = (usize::from(place >> 4), usize::from(place & 15));
    let (width, height) = (usize::from(extent >> 4) + 1, usize::from(extent & 15) + 1);
    let across = usize::from(tile.width);
    if x + width > across || y + height > usize::from(tile.height) {
        return Err(RfbError::PartOutside);
    }
    let (pixels, _) = pixels.as_chunks_mut::<4>();
    for row in pixels.chunks_exact_mut(across).skip(y).take(height) {
        row[x..x + width].fill(colour);
    }
    Ok(())
}
