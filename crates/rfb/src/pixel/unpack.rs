//! From a server's pixels to red, green, blue and a byte that means nothing.

use crate::error::RfbError;
use crate::pixel::format::PixelFormat;

/// Reads one kind of pixel.
#[derive(Debug, Clone)]
pub(crate) struct Unpack {
    bytes: usize,
    how: How,
}

#[derive(Debug, Clone)]
enum How {
    /// They are what a canvas wants.
    Same,
    /// Red, green and blue each are a byte, at these places.
    Places([usize; 3]),
    /// They have to be taken apart.
    Parts(Box<Parts>),
    /// They index a map of colours.
    Map(Vec<[u8; 4]>),
}

/// Colours within a number.
#[derive(Debug, Clone)]
struct Parts {
    big_endian: bool,
    /// Bytes that a compact pixel leaves out at the least significant end.
    dropped: usize,
    mask: [u32; 3],
    shift: [u8; 3],
}

impl Unpack {
    /// Bytes that a pixel takes.
    pub(crate) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the bytes can be handed on as they are.
    pub(crate) const fn is_same(&self) -> bool {
        matches!(self.how, How::Same)
    }

    /// One pixel of [`Unpack::bytes`] bytes.
    pub(crate) fn one(&self, source: &[u8]) -> [u8; 4] {
        match &self.how {
            How::Same => [source[0], source[1], source[2], 255],
            How::Places([r, g, b]) => [source[*r], source[*g], source[*b], 255],
            How::Parts(parts) => parts.colour(parts.number(source)),
            How::Map(map) => mapped(map, source),
        }
    }

    /// Appends pixels, four bytes each. `source` is a number of whole pixels.
    pub(crate) fn all(&self, source: &[u8], into: &mut Vec<u8>) {
        let start = into.len();
        let pixels = source.len() / self.bytes;
        into.resize(start + pixels * 4, 0);
        let (target, _) = into[start..].as_chunks_mut::<4>();
        match &self.how {
            How::Same => into[start..].copy_from_slice(source),
            How::Places(places) => unpack_places(self.bytes, *places, source, target),
            How::Parts(_) | How::Map(_) => {
                for (pixel, target) in source.chunks_exact(self.bytes).zip(target) {
                    *target = self.one(pixel);
                }
            }
        }
    }

    /// The parts of a pixel before they are scaled to bytes, with the most of
    /// each: what the gradient filter adds up.
    pub(crate) fn parts(&self, source: &[u8]) -> [u16; 3] {
        match &self.how {
            How::Same => [source[0].into(), source[1].into(), source[2].into()],
            How::Places(places) => places.map(|place| source[place].into()),
            How::Parts(parts) => parts.split(parts.number(source)),
            How::Map(_) => [source[0].into(); 3],
        }
    }

    /// The most of each part.
    pub(crate) fn parts_max(&self) -> [u16; 3] {
        match &self.how {
            How::Same | How::Places(_) | How::Map(_) => [255; 3],
            How::Parts(parts) => parts
                .mask
                .map(|mask| u16::try_from(mask).unwrap_or(u16::MAX)),
        }
    }

    /// The colour of parts within [`Unpack::parts_max`].
    pub(crate) fn join(&self, parts: [u16; 3]) -> [u8; 4] {
        match &self.how {
            How::Same | How::Places(_) => {
                let [r, g, b] = parts.map(|part| part.to_le_bytes()[0]);
                [r, g, b, 255]
            }
            How::Parts(known) => known.scaled(parts),
            How::Map(map) => mapped(map, &[parts[0].to_le_bytes()[0]]),
        }
    }
}

/// Bytes that stand at fixed places, with the pixel's size as a constant for
/// the compiler.
fn unpack_places(bytes: usize, [r, g, b]: [usize; 3], source: &[u8], target: &mut [[u8; 4]]) {
    match (bytes, [r, g, b]) {
        (3, [0, 1, 2]) => {
            for (pixel, target) in source.as_chunks::<3>().0.iter().zip(target) {
                *target = [pixel[0], pixel[1], pixel[2], 255];
            }
        }
        (3, _) => {
            for (pixel, target) in source.as_chunks::<3>().0.iter().zip(target) {
                *target = [pixel[r], pixel[g], pixel[b], 255];
            }
        }
        _ => {
            for (pixel, target) in source.as_chunks::<4>().0.iter().zip(target) {
                *target = [pixel[r], pixel[g], pixel[b], 255];
            }
        }
    }
}

fn mapped(map: &[[u8; 4]], source: &[u8]) -> [u8; 4] {
    map.get(usize::from(source[0]))
        .copied()
        .unwrap_or([0, 0, 0, 255])
}

impl Parts {
    fn number(&self, source: &[u8]) -> u32 {
        let join = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
        let number = if self.big_endian {
            source.iter().fold(0, join)
        } else {
            source.iter().rev().fold(0, join)
        };
        number << (8 * self.dropped)
    }

    fn split(&self, number: u32) -> [u16; 3] {
        std::array::from_fn(|part| {
            let value = number >> self.shift[part] & self.mask[part];
            u16::try_from(value).unwrap_or(u16::MAX)
        })
    }

    fn colour(&self, number: u32) -> [u8; 4] {
        self.scaled(self.split(number))
    }

    fn scaled(&self, parts: [u16; 3]) -> [u8; 4] {
        let scale = |part: usize| {
            let max = self.mask[part].max(1);
            let value = u32::from(parts[part]);
            u8::try_from((value * 255 + max / 2) / max).unwrap_or(u8::MAX)
        };
        [scale(0), scale(1), scale(2), 255]
    }
}

/// How all pixels of a connection are read.
#[derive(Debug, Clone)]
pub(crate) struct PixelCodec {
    /// Whole pixels.
    pub(crate) whole: Unpack,
    /// Those of ZRLE and TRLE (RFC 6143 section 7.7.5, CPIXEL).
    pub(crate) compact: Unpack,
    /// Those of Tight (rfbproto, TPIXEL).
    pub(crate) tight: Unpack,
    /// Red and blue are taken for each other.
    pub(crate) swaps_red_and_blue: bool,
}

/// Entries of a colour map: those of an 8-bit pixel.
const COLOUR_MAP_ENTRIES: usize = 256;

impl PixelCodec {
    /// Reads pixels of `format`; `swap` takes red for blue.
    pub(crate) fn new(format: &PixelFormat, swap: bool) -> Self {
        let whole = unpack_whole(format, swap);
        let compact = match compact_drops(format) {
            Some(dropped) => unpack_three(format, dropped, swap),
            None => whole.clone(),
        };
        let tight = if format.is_true_24() {
            let places = if swap { [2, 1, 0] } else { [0, 1, 2] };
            Unpack {
                bytes: 3,
                how: How::Places(places),
            }
        } else {
            whole.clone()
        };
        Self {
            whole,
            compact,
            tight,
            swaps_red_and_blue: swap,
        }
    }

    /// Enters colours, 16 bits a part, into the colour map. A server of true
    /// colours that sends some is let talk.
    ///
    /// # Errors
    /// [`RfbError::ColourMap`] beyond the end of the map.
    pub(crate) fn set_colour(&mut self, index: usize, rgb: [u16; 3]) -> Result<(), RfbError> {
        let mut colour = rgb.map(|part| part.to_be_bytes()[0]);
        if self.swaps_red_and_blue {
            colour.swap(0, 2);
        }
        for unpack in [&mut self.whole, &mut self.compact, &mut self.tight] {
            if let How::Map(map) = &mut unpack.how {
                let entry = map.get_mut(index).ok_or(RfbError::ColourMap)?;
                *entry = [colour[0], colour[1], colour[2], 255];
            }
        }
        Ok(())
    }
}

fn unpack_whole(format: &PixelFormat, swap: bool) -> Unpack {
    let bytes = format.bytes();
    if !format.true_colour {
        return Unpack {
            bytes,
            how: How::Map(vec![[0, 0, 0, 255]; COLOUR_MAP_ENTRIES]),
        };
    }
    let shift = swapped(format.shift, swap);
    let how = match byte_places(format, shift) {
        Some([0, 1, 2]) => How::Same,
        Some(places) => How::Places(places),
        None => parts(format, 0, swap),
    };
    Unpack { bytes, how }
}

fn unpack_three(format: &PixelFormat, dropped: usize, swap: bool) -> Unpack {
    let shift = swapped(format.shift, swap);
    // A big-endian pixel that loses its most significant byte loses its first.
    let lost = if format.big_endian {
        1 - dropped
    } else {
        dropped
    };
    let how = match byte_places(format, shift) {
        Some(places) => How::Places(places.map(|place| place - lost)),
        None => parts(format, dropped, swap),
    };
    Unpack { bytes: 3, how }
}

fn swapped<T: Copy>([r, g, b]: [T; 3], swap: bool) -> [T; 3] {
    if swap { [b, g, r] } else { [r, g, b] }
}

/// Where red, green and blue stand, if each is a byte of a 32-bit pixel.
fn byte_places(format: &PixelFormat, shift: [u8; 3]) -> Option<[usize; 3]> {
    let whole_bytes = shift.iter().all(|shift| shift % 8 == 0);
    (format.bits_per_pixel == 32 && format.max == [255; 3] && whole_bytes).then(|| {
        shift.map(|shift| {
            let place = usize::from(shift / 8);
            if format.big_endian { 3 - place } else { place }
        })
    })
}

fn parts(format: &PixelFormat, dropped: usize, swap: bool) -> How {
    How::Parts(Box::new(Parts {
        big_endian: format.big_endian,
        dropped,
        mask: swapped(format.max, swap).map(u32::from),
        shift: swapped(format.shift, swap),
    }))
}

/// Whether pixels shrink to three bytes, and then how many of those left out
/// are at the least significant end.
fn compact_drops(format: &PixelFormat) -> Option<usize> {
    if !format.true_colour || format.bits_per_pixel != 32 || format.depth > 24 {
        return None;
    }
    let used = (0..3).fold(0, |used, part| {
        used | u32::from(format.max[part]) << format.shift[part]
    });
    if used & 0xff00_0000 == 0 {
        Some(0)
    } else if used & 0xff == 0 {
        Some(1)
    } else {
        None
    }
}
