//! One tile of TRLE or ZRLE (RFC 6143 section 7.7.5).

use crate::decode::tile::flood;
use crate::error::RfbError;
use crate::pixel::Unpack;
use crate::reader::{Reader, Stop};

/// Colours of a palette: an index with a run behind it has seven bits.
const PALETTE_MAX: usize = 127;

/// The colours of a tile; the next may use them again.
#[derive(Debug, Default)]
pub(crate) struct TilePalette {
    colours: Vec<[u8; 4]>,
}

impl TilePalette {
    fn read(reader: &mut Reader<'_>, unpack: &Unpack, count: usize) -> Result<Self, Stop> {
        let bytes = reader.take(count * unpack.bytes())?;
        let colours = bytes
            .chunks_exact(unpack.bytes())
            .map(|pixel| unpack.one(pixel));
        Ok(Self {
            colours: colours.collect(),
        })
    }

    fn colour(&self, index: u8) -> Result<[u8; 4], RfbError> {
        let colour = self.colours.get(usize::from(index)).copied();
        colour.ok_or(RfbError::PaletteIndex(index))
    }
}

/// A tile's extent in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tile {
    pub(crate) width: usize,
    pub(crate) area: usize,
}

/// What a tile turned out to be.
#[derive(Debug)]
pub(crate) enum Content {
    /// All of one colour.
    Solid([u8; 4]),
    /// What is in the pixels now.
    Pixels,
}

impl Tile {
    /// Reads a whole tile into `pixels`. `palette` is that of the tile before,
    /// and changes only if the tile is whole.
    pub(crate) fn read(
        self,
        reader: &mut Reader<'_>,
        unpack: &Unpack,
        palette: &mut TilePalette,
        pixels: &mut Vec<u8>,
    ) -> Result<Content, Stop> {
        let kind = reader.u8()?;
        pixels.clear();
        match kind {
            0 => unpack.all(reader.take(self.area * unpack.bytes())?, pixels),
            1 => return Ok(Content::Solid(unpack.one(reader.take(unpack.bytes())?))),
            2..=16 => {
                let fresh = TilePalette::read(reader, unpack, usize::from(kind))?;
                self.read_indices(reader, &fresh, pixels)?;
                *palette = fresh;
            }
            127 => self.read_indices(reader, palette, pixels)?,
            128 => self.read_runs(reader, unpack, pixels)?,
            129 => self.read_indexed_runs(reader, palette, pixels)?,
            130..=255 => {
                let count = usize::from(kind - 128);
                let fresh = TilePalette::read(reader, unpack, count.min(PALETTE_MAX))?;
                self.read_indexed_runs(reader, &fresh, pixels)?;
                *palette = fresh;
            }
            17..=126 => return Err(RfbError::TileType(kind).into()),
        }
        Ok(Content::Pixels)
    }

    /// Indices of one, two or four bits; a row starts at a byte.
    fn read_indices(
        self,
        reader: &mut Reader<'_>,
        palette: &TilePalette,
        pixels: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        let bits = match palette.colours.len() {
            0..=2 => 1,
            3..=4 => 2,
            _ => 4,
        };
        // Every index that the bits can hold has a colour, so that looking it
        // up needs no check; those that do not exist are found below.
        let mut colours = [[0; 4]; 16];
        for (entry, colour) in colours.iter_mut().zip(&palette.colours) {
            *entry = *colour;
        }
        let row = (self.width * bits).div_ceil(8);
        let bytes = reader.take(row * (self.area / self.width))?;
        let mask = (1 << bits) - 1;
        let mut highest = 0;
        pixels.resize(self.area * 4, 0);
        let (target, _) = pixels.as_chunks_mut::<4>();
        for (row, target) in bytes
            .chunks_exact(row)
            .zip(target.chunks_exact_mut(self.width))
        {
            for (byte, target) in row.iter().zip(target.chunks_mut(8 / bits)) {
                for (place, target) in target.iter_mut().enumerate() {
                    let index = byte >> (8 - bits * (place + 1)) & mask;
                    highest = highest.max(index);
                    *target = colours[usize::from(index & 15)];
                }
            }
        }
        palette.colour(highest)?;
        Ok(())
    }

    fn read_runs(
        self,
        reader: &mut Reader<'_>,
        unpack: &Unpack,
        pixels: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        flood(pixels, self.area, [0; 4]);
        let (mut left, _) = pixels.as_chunks_mut::<4>();
        while !left.is_empty() {
            let colour = unpack.one(reader.take(unpack.bytes())?);
            left = paint_run(left, read_run(reader, left.len())?, colour)?;
        }
        Ok(())
    }

    fn read_indexed_runs(
        self,
        reader: &mut Reader<'_>,
        palette: &TilePalette,
        pixels: &mut Vec<u8>,
    ) -> Result<(), Stop> {
        flood(pixels, self.area, [0; 4]);
        let (mut left, _) = pixels.as_chunks_mut::<4>();
        while !left.is_empty() {
            let index = reader.u8()?;
            let colour = palette.colour(index & 0x7f)?;
            let run = if index & 0x80 == 0 {
                1
            } else {
                read_run(reader, left.len())?
            };
            left = paint_run(left, run, colour)?;
        }
        Ok(())
    }
}

/// The length of a run: one more than the sum of bytes, the last of which is
/// not 255.
fn read_run(reader: &mut Reader<'_>, length_max: usize) -> Result<usize, Stop> {
    let mut length = 1;
    loop {
        let byte = reader.u8()?;
        length += usize::from(byte);
        if length > length_max {
            return Err(RfbError::RunTooLong.into());
        }
        if byte != u8::MAX {
            return Ok(length);
        }
    }
}

fn paint_run(
    left: &mut [[u8; 4]],
    run: usize,
    colour: [u8; 4],
) -> Result<&mut [[u8; 4]], RfbError> {
    let (painted, rest) = left.split_at_mut_checked(run).ok_or(RfbError::RunTooLong)?;
    painted.fill(colour);
    Ok(rest)
}
