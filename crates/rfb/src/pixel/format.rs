//! The pixel format (RFC 6143 section 7.4).

use crate::error::RfbError;
use crate::reader::{Reader, Stop};

/// Which pixels the server is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourDepth {
    /// 256 colours, 3 bits red and green, 2 blue.
    Bits8,
    /// 65536 colours.
    Bits16,
    /// All colours.
    #[default]
    Bits24,
    /// What the server likes best. It is not asked for anything.
    Server,
}

impl ColourDepth {
    /// The format to ask for; none where the server chooses.
    #[must_use]
    pub const fn format(self) -> Option<PixelFormat> {
        match self {
            Self::Bits8 => Some(PixelFormat::BGR233),
            Self::Bits16 => Some(PixelFormat::RGB565),
            Self::Bits24 => Some(PixelFormat::RGBX),
            Self::Server => None,
        }
    }
}

/// How a pixel is laid out in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PixelFormat {
    /// Bits that a pixel takes: 8, 16 or 32.
    pub bits_per_pixel: u8,
    /// Bits of it that mean something.
    pub depth: u8,
    /// Bytes go from the most significant to the least.
    pub big_endian: bool,
    /// Pixels are colours; else they index a colour map.
    pub true_colour: bool,
    /// The most of red, green and blue.
    pub max: [u16; 3],
    /// How far red, green and blue are shifted left.
    pub shift: [u8; 3],
}

impl PixelFormat {
    /// Bytes red, green, blue, and one that means nothing: what a canvas takes.
    pub const RGBX: Self = Self {
        bits_per_pixel: 32,
        depth: 24,
        big_endian: false,
        true_colour: true,
        max: [255; 3],
        shift: [0, 8, 16],
    };
    /// 16 bits, little-endian, red at the top.
    pub const RGB565: Self = Self {
        bits_per_pixel: 16,
        depth: 16,
        big_endian: false,
        true_colour: true,
        max: [31, 63, 31],
        shift: [11, 5, 0],
    };
    /// 8 bits, blue at the top.
    pub const BGR233: Self = Self {
        bits_per_pixel: 8,
        depth: 8,
        big_endian: false,
        true_colour: true,
        max: [7, 7, 3],
        shift: [0, 3, 6],
    };
    /// Bytes that a format takes in a message.
    pub(crate) const LENGTH: usize = 16;

    /// Bytes of a pixel.
    pub(crate) const fn bytes(&self) -> usize {
        self.bits_per_pixel as usize / 8
    }

    /// All of each colour in eight bits: Tight and the alpha cursor then send
    /// red, green and blue as bytes, in this order.
    pub(crate) fn is_true_24(&self) -> bool {
        self.true_colour && self.bits_per_pixel == 32 && self.depth == 24 && self.max == [255; 3]
    }

    /// Reads a format, whatever it says.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Stop> {
        let [
            bits_per_pixel,
            depth,
            big_endian,
            true_colour,
            r1,
            r0,
            g1,
            g0,
            b1,
            b0,
            red,
            green,
            blue,
            _,
            _,
            _,
        ] = reader.array::<{ Self::LENGTH }>()?;
        Ok(Self {
            bits_per_pixel,
            depth,
            big_endian: big_endian != 0,
            true_colour: true_colour != 0,
            max: [[r1, r0], [g1, g0], [b1, b0]].map(u16::from_be_bytes),
            shift: [red, green, blue],
        })
    }

    /// The format, if pixels can be read with it.
    ///
    /// # Errors
    /// [`RfbError::PixelFormat`] for one that no pixel can have, and for
    /// colour maps of more than 256 entries.
    pub(crate) fn checked(self) -> Result<Self, RfbError> {
        let bits = u32::from(self.bits_per_pixel);
        let fits = |(max, shift): (&u16, &u8)| {
            let (width, shift) = (16 - max.leading_zeros(), u32::from(*shift));
            let solid = max.checked_add(1).is_none_or(u16::is_power_of_two);
            solid && shift < bits && shift + width <= bits
        };
        let valid = match (self.true_colour, self.bits_per_pixel) {
            (true, 8 | 16 | 32) => self.max.iter().zip(&self.shift).all(fits),
            (false, bits) => bits == 8,
            (true, _) => false,
        };
        valid.then_some(self).ok_or(RfbError::PixelFormat)
    }

    /// The format as a message has it.
    pub(crate) fn write(&self) -> [u8; Self::LENGTH] {
        let [r, g, b] = self.max.map(u16::to_be_bytes);
        let [red, green, blue] = self.shift;
        [
            self.bits_per_pixel,
            self.depth,
            u8::from(self.big_endian),
            u8::from(self.true_colour),
            r[0],
            r[1],
            g[0],
            g[1],
            b[0],
            b[1],
            red,
            green,
            blue,
            0,
            0,
            0,
        ]
    }
}
