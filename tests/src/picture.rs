//! A picture in memory, and how alike two of them are.

use std::fmt;

use anyhow::{Context, Result, bail, ensure};

/// Bytes of a pixel: red, green, blue.
pub const PIXEL_BYTES: usize = 3;

/// Pixels across and down of the squares that [`Picture::ssim`] compares.
const SSIM_SQUARE: usize = 8;

/// RGB, eight bits each, row after row from the top.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Picture {
    width: usize,
    height: usize,
    rgb: Vec<u8>,
}

/// A part of a picture, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// From the left.
    pub x: usize,
    /// From the top.
    pub y: usize,
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
}

impl Picture {
    /// A black picture.
    #[must_use]
    pub fn black(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            rgb: vec![0; width * height * PIXEL_BYTES],
        }
    }

    /// A picture of given pixels.
    ///
    /// # Errors
    /// When there are too few or too many of them.
    pub fn from_rgb(width: usize, height: usize, rgb: Vec<u8>) -> Result<Self> {
        ensure!(
            rgb.len() == width * height * PIXEL_BYTES,
            "{} bytes are no {width}x{height}",
            rgb.len()
        );
        Ok(Self { width, height, rgb })
    }

    /// A picture of `R G B X` pixels; the fourth byte is left out.
    ///
    /// # Errors
    /// When there are too few or too many of them.
    pub fn from_rgbx(width: usize, height: usize, rgbx: &[u8]) -> Result<Self> {
        let rgb = rgbx.chunks_exact(4).flat_map(|pixel| &pixel[..3]).copied();
        Self::from_rgb(width, height, rgb.collect())
    }

    /// Reads a binary PPM of eight bits a channel, as netpbm defines it.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_ppm(bytes: &[u8]) -> Result<Self> {
        let mut rest = bytes;
        let mut word = || -> Result<String> {
            let end = rest
                .iter()
                .position(u8::is_ascii_whitespace)
                .context("a header that does not end")?;
            let (word, after) = rest.split_at(end);
            rest = &after[1..];
            Ok(String::from_utf8_lossy(word).into_owned())
        };
        let header = [word()?, word()?, word()?, word()?];
        let [magic, width, height, depth] = &header;
        ensure!(
            magic == "P6" && depth == "255",
            "not a PPM of eight bits: {header:?}"
        );
        Self::from_rgb(width.parse()?, height.parse()?, rest.to_vec())
    }

    /// Writes a binary PPM.
    #[must_use]
    pub fn to_ppm(&self) -> Vec<u8> {
        let mut ppm = format!("P6\n{} {}\n255\n", self.width, self.height).into_bytes();
        ppm.extend_from_slice(&self.rgb);
        ppm
    }

    /// Pixels across and down.
    #[must_use]
    pub const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The whole of it.
    #[must_use]
    pub const fn area(&self) -> Area {
        Area {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        }
    }

    /// All pixels.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// One pixel.
    ///
    /// # Panics
    /// Outside of the picture.
    #[must_use]
    pub fn pixel(&self, x: usize, y: usize) -> [u8; PIXEL_BYTES] {
        let at = self.at(x, y);
        [self.rgb[at], self.rgb[at + 1], self.rgb[at + 2]]
    }

    /// One row of an area.
    pub(crate) fn row(&self, area: Area, row: usize) -> &[u8] {
        let at = self.at(area.x, area.y + row);
        &self.rgb[at..at + area.width * PIXEL_BYTES]
    }

    /// One row of an area, to be changed.
    pub(crate) fn row_mut(&mut self, area: Area, row: usize) -> &mut [u8] {
        let at = self.at(area.x, area.y + row);
        &mut self.rgb[at..at + area.width * PIXEL_BYTES]
    }

    /// Draws `R G B X` pixels over an area.
    ///
    /// # Errors
    /// When the area is outside, or of another size than the pixels.
    pub fn draw_rgbx(&mut self, area: Area, rgbx: &[u8]) -> Result<()> {
        let whole = self.holds(area) && rgbx.len() == area.width * area.height * 4;
        ensure!(whole, "{} bytes for {area:?} of {self:?}", rgbx.len());
        for (row, pixels) in rgbx.chunks_exact((area.width * 4).max(4)).enumerate() {
            let target = self.row_mut(area, row).chunks_exact_mut(PIXEL_BYTES);
            for (to, from) in target.zip(pixels.chunks_exact(4)) {
                to.copy_from_slice(&from[..PIXEL_BYTES]);
            }
        }
        Ok(())
    }

    /// Moves an area; source and destination may overlap, and both must lie in
    /// the picture.
    pub fn copy_within(&mut self, source: Area, x: usize, y: usize) {
        let bytes = source.width * PIXEL_BYTES;
        let mut copy = |row: usize| {
            let from = self.at(source.x, source.y + row);
            let to = self.at(x, y + row);
            self.rgb.copy_within(from..from + bytes, to);
        };
        if y <= source.y {
            (0..source.height).for_each(&mut copy);
        } else {
            (0..source.height).rev().for_each(&mut copy);
        }
    }

    /// Whether an area lies in this picture.
    #[must_use]
    pub const fn holds(&self, area: Area) -> bool {
        area.x.saturating_add(area.width) <= self.width
            && area.y.saturating_add(area.height) <= self.height
    }

    /// A part of it.
    ///
    /// # Errors
    /// When the area does not lie in the picture.
    pub fn crop(&self, area: Area) -> Result<Self> {
        ensure!(self.holds(area), "{area:?} is not within {self:?}");
        let rows = (0..area.height).flat_map(|row| self.row(area, row));
        Self::from_rgb(area.width, area.height, rows.copied().collect())
    }

    /// How many pixels differ by more than `tolerance` in a channel.
    ///
    /// # Errors
    /// When the sizes differ.
    pub fn differing_pixels(&self, other: &Self, tolerance: u8) -> Result<usize> {
        self.is_of_size(other)?;
        Ok(self
            .pixels()
            .zip(other.pixels())
            .filter(|(one, two)| {
                one.iter()
                    .zip(*two)
                    .any(|(a, b)| a.abs_diff(*b) > tolerance)
            })
            .count())
    }

    /// Whether both show the same; the error says where they do not.
    ///
    /// # Errors
    /// When a pixel differs.
    pub fn must_equal(&self, other: &Self) -> Result<()> {
        let differing = self.differing_pixels(other, 0)?;
        if differing == 0 {
            return Ok(());
        }
        let first = self.pixels().zip(other.pixels()).position(|(a, b)| a != b);
        let at = first.unwrap_or_default();
        let (x, y) = (at % self.width, at / self.width);
        bail!(
            "{differing} pixels of {self:?} differ, the first at {x},{y}: {:?} and {:?}; PSNR {:.1} dB",
            self.pixel(x, y),
            other.pixel(x, y),
            self.psnr(other)?
        )
    }

    /// Peak signal-to-noise ratio in dB; infinite for equal pictures.
    ///
    /// # Errors
    /// When the sizes differ.
    pub fn psnr(&self, other: &Self) -> Result<f64> {
        self.is_of_size(other)?;
        let squares: u64 = self
            .rgb
            .iter()
            .zip(&other.rgb)
            .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
            .sum();
        let mean = squares as f64 / self.rgb.len().max(1) as f64;
        Ok(10.0 * (255.0_f64.powi(2) / mean).log10())
    }

    /// Structural similarity of the luminance, the mean over squares of eight
    /// pixels (Wang et al. 2004, without overlap): 1 for equal pictures.
    ///
    /// # Errors
    /// When the sizes differ.
    pub fn ssim(&self, other: &Self) -> Result<f64> {
        self.is_of_size(other)?;
        let (mut sum, mut count) = (0.0, 0_u32);
        for y in (0..self.height).step_by(SSIM_SQUARE) {
            for x in (0..self.width).step_by(SSIM_SQUARE) {
                let square = Area {
                    x,
                    y,
                    width: SSIM_SQUARE.min(self.width - x),
                    height: SSIM_SQUARE.min(self.height - y),
                };
                sum += similarity(&self.luminance(square), &other.luminance(square));
                count += 1;
            }
        }
        Ok(sum / f64::from(count.max(1)))
    }

    fn luminance(&self, area: Area) -> Vec<f64> {
        (0..area.height)
            .flat_map(|row| self.row(area, row).chunks_exact(PIXEL_BYTES))
            .map(|pixel| {
                0.299 * f64::from(pixel[0])
                    + 0.587 * f64::from(pixel[1])
                    + 0.114 * f64::from(pixel[2])
            })
            .collect()
    }

    fn pixels(&self) -> impl Iterator<Item = &[u8]> {
        self.rgb.chunks_exact(PIXEL_BYTES)
    }

    fn is_of_size(&self, other: &Self) -> Result<()> {
        ensure!(
            self.size() == other.size(),
            "sizes differ: {self:?} and {other:?}"
        );
        Ok(())
    }

    const fn at(&self, x: usize, y: usize) -> usize {
        (y * self.width + x) * PIXEL_BYTES
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a picture of {}x{}", self.width, self.height)
    }
}

fn similarity(one: &[f64], two: &[f64]) -> f64 {
    const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
    const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);
    let count = one.len() as f64;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (mean_one, mean_two) = (mean(one), mean(two));
    let covariance = |a: &[f64], mean_a: f64, b: &[f64], mean_b: f64| {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - mean_a) * (b - mean_b))
            .sum::<f64>()
            / count
    };
    let variance_one = covariance(one, mean_one, one, mean_one);
    let variance_two = covariance(two, mean_two, two, mean_two);
    let both = covariance(one, mean_one, two, mean_two);
    ((2.0 * mean_one * mean_two + C1) * (2.0 * both + C2))
        / ((mean_one.powi(2) + mean_two.powi(2) + C1) * (variance_one + variance_two + C2))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn gradient() -> Picture {
        let rgb = (0..64 * 48).flat_map(|at| [(at % 64 * 4) as u8, (at / 64 * 5) as u8, 77]);
        Picture::from_rgb(64, 48, rgb.collect()).unwrap()
    }

    #[test]
    fn a_picture_survives_ppm() {
        let picture = gradient();
        assert_eq!(Picture::from_ppm(&picture.to_ppm()).unwrap(), picture);
        assert!(Picture::from_ppm(b"P6\n2 2\n255\nxx").is_err());
        assert!(Picture::from_ppm(b"P5\n1 1\n255\nx").is_err());
    }

    #[test]
    fn likeness_is_measured() {
        let picture = gradient();
        assert!(picture.psnr(&picture).unwrap().is_infinite());
        assert!((picture.ssim(&picture).unwrap() - 1.0).abs() < 1e-9);
        let mut other = picture.clone();
        other.rgb[0] ^= 128;
        assert_eq!(picture.differing_pixels(&other, 0).unwrap(), 1);
        let error = picture.must_equal(&other).unwrap_err().to_string();
        assert!(error.contains("the first at 0,0"), "{error}");
        let inverted = Picture::from_rgb(64, 48, picture.rgb.iter().map(|b| 255 - b).collect());
        assert!(picture.ssim(&inverted.unwrap()).unwrap() < 0.0);
        assert!(picture.psnr(&Picture::black(1, 1)).is_err());
    }

    #[test]
    fn overlapping_areas_move_whole() {
        let picture = gradient();
        for (x, y) in [(3, 5), (0, 0), (3, 0), (7, 4)] {
            let source = Area {
                x: 3,
                y: 4,
                width: 20,
                height: 20,
            };
            let mut moved = picture.clone();
            moved.copy_within(source, x, y);
            let target = Area { x, y, ..source };
            assert_eq!(moved.crop(target).unwrap(), picture.crop(source).unwrap());
        }
    }
}
