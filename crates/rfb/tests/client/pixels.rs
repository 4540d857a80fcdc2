//! Pixels as a server writes them.

use causeway_rfb::PixelFormat;

/// Writes colours in a format, in all the ways that encodings want them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer {
    pub(crate) format: PixelFormat,
}

impl Writer {
    /// A whole pixel.
    pub(crate) fn whole(&self, rgb: [u8; 3]) -> Vec<u8> {
        let mut number = 0_u32;
        for part in 0..3 {
            number |= self.part(rgb, part) << self.format.shift[part];
        }
        let bytes = usize::from(self.format.bits_per_pixel / 8);
        if self.format.big_endian {
            number.to_be_bytes()[4 - bytes..].to_vec()
        } else {
            number.to_le_bytes()[..bytes].to_vec()
        }
    }

    /// A pixel of ZRLE and TRLE: the byte that means nothing is left out.
    pub(crate) fn compact(&self, rgb: [u8; 3]) -> Vec<u8> {
        let mut pixel = self.whole(rgb);
        if pixel.len() == 4 && self.format.depth <= 24 {
            let used = (0..3).fold(0_u32, |used, part| {
                used | u32::from(self.format.max[part]) << self.format.shift[part]
            });
            let place = match (used >> 24 == 0, self.format.big_endian) {
                (true, false) | (false, true) => 3,
                (true, true) | (false, false) => 0,
            };
            if used >> 24 == 0 || used & 0xff == 0 {
                pixel.remove(place);
            }
        }
        pixel
    }

    /// A pixel of Tight.
    pub(crate) fn tight(&self, rgb: [u8; 3]) -> Vec<u8> {
        if self.is_true_24() {
            rgb.to_vec()
        } else {
            self.whole(rgb)
        }
    }

    pub(crate) fn is_true_24(&self) -> bool {
        let PixelFormat {
            bits_per_pixel,
            depth,
            max,
            ..
        } = self.format;
        (bits_per_pixel, depth, max) == (32, 24, [255; 3])
    }

    pub(crate) fn part(&self, rgb: [u8; 3], part: usize) -> u32 {
        (u32::from(rgb[part]) * u32::from(self.format.max[part]) + 127) / 255
    }

    /// The colour that is left once it was written.
    pub(crate) fn seen(&self, rgb: [u8; 3]) -> [u8; 3] {
        std::array::from_fn(|part| {
            let max = u32::from(self.format.max[part]);
            let value = (self.part(rgb, part) * 255 + max / 2) / max;
            u8::try_from(value).unwrap()
        })
    }
}

/// Formats that servers have.
pub(crate) fn formats() -> Vec<PixelFormat> {
    let big_endian = |format| PixelFormat {
        big_endian: true,
        ..format
    };
    let shifted = |shift| PixelFormat {
        shift,
        ..PixelFormat::RGBX
    };
    let ten_bits = PixelFormat {
        depth: 30,
        max: [1023; 3],
        shift: [20, 10, 0],
        ..PixelFormat::RGBX
    };
    let in_32 = PixelFormat {
        bits_per_pixel: 32,
        depth: 16,
        ..PixelFormat::RGB565
    };
    vec![
        PixelFormat::RGBX,
        shifted([16, 8, 0]),
        shifted([24, 16, 8]),
        shifted([8, 16, 24]),
        big_endian(PixelFormat::RGBX),
        big_endian(shifted([16, 8, 0])),
        big_endian(shifted([24, 16, 8])),
        PixelFormat {
            depth: 32,
            ..shifted([16, 8, 0])
        },
        PixelFormat::RGB565,
        big_endian(PixelFormat::RGB565),
        PixelFormat {
            depth: 15,
            max: [31; 3],
            shift: [10, 5, 0],
            ..PixelFormat::RGB565
        },
        PixelFormat::BGR233,
        in_32,
        big_endian(in_32),
        ten_bits,
    ]
}
