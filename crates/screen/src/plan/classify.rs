//! What kind of pixels a rectangle holds.
//!
//! The measure is the share of pixels that equal their left neighbour: text and
//! flat interfaces have many, photographs have hardly any. It was the best of
//! those tried, better than to count colours (smooth photographs have few). Only
//! where hardly any colours meet is a low share text all the same: dense lines
//! of it, cut close.

use crate::canvas::Rect;
use crate::framebuffer::{Framebuffer, PIXEL_BYTES};

/// Pixels of a hundred that equal their left neighbour, from which on exact
/// pixels are both smaller and quicker than a photograph.
const ALIKE_PERCENT_MIN: usize = 60;
/// Rows that are looked at to tell a photograph: every so many.
const SAMPLED_ROWS: usize = 4;
/// Colours that text may have, and one more for so many pixels looked at.
const TEXT_COLOURS_MAX: usize = 20;
const TEXT_COLOUR_PIXELS: usize = 32;
/// Of a pixel as a number, the bytes that mean something.
const MEANT: u32 = 0x00ff_ffff;

/// What a rectangle holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One colour.
    Solid([u8; 3]),
    /// Text, lines, flat areas.
    Flat,
    /// Photographs, gradients, noise.
    Photo,
}

/// Looks at the pixels of `rect`.
pub(super) fn classify(framebuffer: &Framebuffer, rect: &Rect) -> Kind {
    if let Some(rgb) = solid(framebuffer, rect) {
        return Kind::Solid(rgb);
    }
    let step = if usize::from(rect.height) > SAMPLED_ROWS {
        SAMPLED_ROWS
    } else {
        1
    };
    let (mut alike, mut compared) = (0, 0);
    for row in (0..rect.height).step_by(step) {
        let pixels = framebuffer.row(rect, row);
        alike += alike_in(pixels);
        compared += usize::from(rect.width) - 1;
    }
    // A rectangle one pixel wide has no neighbours: nothing speaks for a photo.
    if alike * 100 >= compared * ALIKE_PERCENT_MIN || has_few_colours(framebuffer, rect, step) {
        Kind::Flat
    } else {
        Kind::Photo
    }
}

/// Whether a rectangle has as few colours as text has. A photograph is told
/// after a few dozen pixels.
fn has_few_colours(framebuffer: &Framebuffer, rect: &Rect, step: usize) -> bool {
    let looked_at = rect.pixels() / step;
    let most = TEXT_COLOURS_MAX + looked_at / TEXT_COLOUR_PIXELS;
    // A bit for each of 4096 fingerprints of colours.
    let mut seen = [0_u64; 64];
    let mut colours = 0;
    for row in (0..rect.height).step_by(step) {
        let (pixels, _) = framebuffer.row(rect, row).as_chunks::<PIXEL_BYTES>();
        for pixel in pixels {
            let value = (u32::from_le_bytes(*pixel) & MEANT).wrapping_mul(0x9e37_79b1);
            let (word, bit) = ((value >> 26) as usize, value >> 20 & 63);
            colours += usize::from(seen[word] >> bit & 1 == 0);
            seen[word] |= 1 << bit;
        }
        if colours > most {
            return false;
        }
    }
    true
}

/// How many pixels of a row equal the one before.
fn alike_in(row: &[u8]) -> usize {
    let (pixels, _) = row.as_chunks::<PIXEL_BYTES>();
    let value = |pixel: &[u8; PIXEL_BYTES]| u32::from_le_bytes(*pixel) & MEANT;
    let mut alike = 0_u32;
    for (left, right) in pixels.iter().zip(pixels.iter().skip(1)) {
        alike += u32::from(value(left) == value(right));
    }
    alike as usize
}

/// The one colour of a rectangle.
fn solid(framebuffer: &Framebuffer, rect: &Rect) -> Option<[u8; 3]> {
    let first = framebuffer.row(rect, 0).first_chunk::<PIXEL_BYTES>()?;
    let wanted = u32::from_le_bytes(*first) & MEANT;
    for row in 0..rect.height {
        let (pixels, _) = framebuffer.row(rect, row).as_chunks::<PIXEL_BYTES>();
        let differ = |pixel: &[u8; PIXEL_BYTES]| (u32::from_le_bytes(*pixel) & MEANT) ^ wanted;
        if pixels.iter().fold(0, |any, pixel| any | differ(pixel)) != 0 {
            return None;
        }
    }
    let [red, green, blue, _] = *first;
    Some([red, green, blue])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::{Canvas, Size};
    use crate::corpus::Scene;
    use crate::screen::Screen;

    /// Of a hundred tiles of a scene, how many are photographs.
    fn photographs_percent(scene: Scene) -> usize {
        let size = Size {
            width: 1280,
            height: 704,
        };
        let mut screen = Screen::new();
        let mut canvas = screen.draw(std::time::Instant::now());
        canvas.set_size(size);
        scene.draw(&mut canvas, 0);
        let mut framebuffer = Framebuffer::default();
        framebuffer.set_size(size);
        framebuffer.put(size.whole(), screen.pixels());
        let grid = crate::damage::Grid::new(size);
        let photos = (0..grid.tiles())
            .filter(|tile| classify(&framebuffer, &grid.tile_at(*tile)) == Kind::Photo)
            .count();
        photos * 100 / grid.tiles()
    }

    #[test]
    fn text_is_flat_and_photographs_are_not() {
        assert_eq!(photographs_percent(Scene::Text), 0);
        assert_eq!(photographs_percent(Scene::Typing), 0);
        assert_eq!(photographs_percent(Scene::Photo), 100);
        assert!(photographs_percent(Scene::Interface) < 5);
    }

    #[test]
    fn one_colour_is_told_whatever_the_fourth_byte() {
        let mut framebuffer = Framebuffer::default();
        let size = Size {
            width: 9,
            height: 9,
        };
        framebuffer.set_size(size);
        let rect = size.whole();
        let pixels: Vec<u8> = (0..81).flat_map(|at| [7, 8, 9, at]).collect();
        framebuffer.put(rect, &pixels);
        assert_eq!(classify(&framebuffer, &rect), Kind::Solid([7, 8, 9]));
        framebuffer.put(Rect::new(8, 8, 1, 1), &[7, 8, 8, 0]);
        assert_eq!(classify(&framebuffer, &rect), Kind::Flat);
    }
}
