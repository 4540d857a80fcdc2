//! What stands between the rows of Tight and their pixels.

use crate::decode::tight::gradient::Gradient;
use crate::error::RfbError;
use crate::pixel::Unpack;
use crate::reader::{Reader, Stop};

/// How rows become pixels.
#[derive(Debug)]
pub(crate) enum Filter {
    /// They are pixels.
    Copy,
    /// They are indices, of one bit or a byte.
    Palette(Box<Palette>),
    /// They are differences to what their neighbours foretell.
    Gradient(Gradient),
}

/// The colours of a rectangle.
#[derive(Debug)]
pub(crate) struct Palette {
    colours: [[u8; 4]; 256],
    count: usize,
}

impl Filter {
    /// Reads which filter it is, if that is said, and what it needs.
    pub(crate) fn read(
        is_said: bool,
        reader: &mut Reader<'_>,
        unpack: &Unpack,
        width: u16,
    ) -> Result<Self, Stop> {
        if !is_said {
            return Ok(Self::Copy);
        }
        match reader.u8()? {
            0 => Ok(Self::Copy),
            1 => Ok(Self::Palette(Box::new(Palette::read(reader, unpack)?))),
            2 => Ok(Self::Gradient(Gradient::new(usize::from(width)))),
            other => Err(RfbError::TightFilter(other).into()),
        }
    }

    /// Bytes of a row.
    pub(crate) fn row_bytes(&self, unpack: &Unpack, width: u16) -> usize {
        let width = usize::from(width);
        match self {
            Self::Copy | Self::Gradient(_) => width * unpack.bytes(),
            Self::Palette(palette) if palette.is_two_colours() => width.div_ceil(8),
            Self::Palette(_) => width,
        }
    }

    /// Appends the pixels of some rows of `width` pixels.
    pub(crate) fn unpack_rows(
        &mut self,
        unpack: &Unpack,
        width: u16,
        bytes: &[u8],
        pixels: &mut Vec<u8>,
    ) -> Result<(), RfbError> {
        match self {
            Self::Copy => unpack.all(bytes, pixels),
            Self::Palette(palette) if palette.is_two_colours() => {
                palette.unpack_bits(usize::from(width), bytes, pixels)?;
            }
            Self::Palette(palette) => palette.unpack_bytes(bytes, pixels)?,
            Self::Gradient(gradient) => gradient.unpack_rows(unpack, bytes, pixels),
        }
        Ok(())
    }
}

impl Palette {
    fn read(reader: &mut Reader<'_>, unpack: &Unpack) -> Result<Self, Stop> {
        let count = usize::from(reader.u8()?) + 1;
        let bytes = reader.take(count * unpack.bytes())?;
        let mut colours = [[0, 0, 0, 255]; 256];
        for (colour, pixel) in colours.iter_mut().zip(bytes.chunks_exact(unpack.bytes())) {
            *colour = unpack.one(pixel);
        }
        Ok(Self { colours, count })
    }

    const fn is_two_colours(&self) -> bool {
        self.count <= 2
    }

    fn check(&self, highest: u8) -> Result<(), RfbError> {
        if usize::from(highest) < self.count {
            Ok(())
        } else {
            Err(RfbError::PaletteIndex(highest))
        }
    }

    fn unpack_bytes(&self, bytes: &[u8], pixels: &mut Vec<u8>) -> Result<(), RfbError> {
        self.check(bytes.iter().copied().max().unwrap_or(0))?;
        let start = pixels.len();
        pixels.resize(start + bytes.len() * 4, 0);
        let (target, _) = pixels[start..].as_chunks_mut::<4>();
        for (index, target) in bytes.iter().zip(target) {
            *target = self.colours[usize::from(*index)];
        }
        Ok(())
    }

    /// One bit a pixel, a row starts at a byte.
    fn unpack_bits(
        &self,
        width: usize,
        bytes: &[u8],
        pixels: &mut Vec<u8>,
    ) -> Result<(), RfbError> {
        let [low, high] = [self.colours[0], self.colours[1]];
        let mut used = 0;
        for row in bytes.chunks_exact(width.div_ceil(8).max(1)) {
            let start = pixels.len();
            pixels.resize(start + width * 4, 0);
            let (target, _) = pixels[start..].as_chunks_mut::<4>();
            for (byte, target) in row.iter().zip(target.chunks_mut(8)) {
                for (bit, target) in target.iter_mut().enumerate() {
                    let index = byte >> (7 - bit) & 1;
                    used |= index;
                    *target = if index == 0 { low } else { high };
                }
            }
        }
        self.check(used)
    }
}
