//! From rectangles to parts that are encoded apart: each short enough for a
//! message, and several of them for several cores.

use crate::canvas::Rect;
use crate::work::Coding;

/// Pixels of one exact blob: 24 bits each, so that it fits a message even if
/// zstd makes nothing of it.
pub(crate) const FLAT_PIXELS_MAX: usize = 320 * 1024;
/// Rectangles of one blob.
const FLAT_RECTS_MAX: usize = 512;
/// Pixels of one photograph: half of 1280x720, so that two cores share it.
const PHOTO_PIXELS_MAX: usize = 480 * 1024;
/// Small photographs are encoded together up to so many pixels.
const PHOTOS_TOGETHER: usize = 128 * 1024;
/// Height of a block of 4:2:0 JPEG; no photograph is cut within one.
const BLOCK: u16 = 16;

/// What is encoded apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    pub(crate) coding: Coding,
    pub(crate) rects: Vec<Rect>,
}

/// Photographs first: an exact rectangle may lie over one.
pub(crate) fn cut(photos: &[Rect], quality: u8, flats: &[Rect]) -> Vec<Cut> {
    let photo = Coding::Photo { quality };
    let bands = photos.iter().flat_map(|rect| bands(*rect));
    let mut cuts = gather(bands, photo, PHOTOS_TOGETHER, usize::MAX);
    let slices = flats.iter().flat_map(|rect| slices(*rect));
    cuts.extend(gather(
        slices,
        Coding::Lossless,
        FLAT_PIXELS_MAX,
        FLAT_RECTS_MAX,
    ));
    cuts
}

/// Puts rectangles together until they are `pixels_max` or `rects_max`.
fn gather(
    rects: impl Iterator<Item = Rect>,
    coding: Coding,
    pixels_max: usize,
    rects_max: usize,
) -> Vec<Cut> {
    let mut cuts: Vec<Cut> = Vec::new();
    let mut pixels = 0;
    for rect in rects {
        match cuts.last_mut() {
            Some(cut) if pixels + rect.pixels() <= pixels_max && cut.rects.len() < rects_max => {
                cut.rects.push(rect);
                pixels += rect.pixels();
            }
            _ => {
                cuts.push(Cut {
                    coding,
                    rects: vec![rect],
                });
                pixels = rect.pixels();
            }
        }
    }
    cuts
}

/// Cuts a photograph into bands of like height.
fn bands(rect: Rect) -> impl Iterator<Item = Rect> {
    let count = rect.pixels().div_ceil(PHOTO_PIXELS_MAX).max(1);
    let height = usize::from(rect.height).div_ceil(count);
    let height = u16::try_from(height)
        .unwrap_or(u16::MAX)
        .checked_next_multiple_of(BLOCK)
        .unwrap_or(u16::MAX);
    rows(rect, height)
}

/// Cuts an exact rectangle into slices that fit a blob.
fn slices(rect: Rect) -> impl Iterator<Item = Rect> {
    let height = FLAT_PIXELS_MAX / usize::from(rect.width.max(1));
    rows(rect, u16::try_from(height).unwrap_or(u16::MAX).max(1))
}

/// Cuts a rectangle every `height` rows.
pub(crate) fn rows(rect: Rect, height: u16) -> impl Iterator<Item = Rect> {
    let bottom = rect.bottom();
    (u32::from(rect.y)..bottom)
        .step_by(usize::from(height.max(1)))
        .map(move |top| {
            let end = (top + u32::from(height.max(1))).min(bottom);
            Rect::between(u32::from(rect.x), top, rect.right(), end)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(photos: &[Rect], flats: &[Rect]) -> Vec<Cut> {
        let cuts = cut(photos, 75, flats);
        let pixels = |rects: &[Rect]| rects.iter().map(Rect::pixels).sum::<usize>();
        let of = |exact: bool| {
            let cuts = cuts.iter().filter(|cut| cut.coding.is_exact() == exact);
            cuts.map(|cut| pixels(&cut.rects)).sum::<usize>()
        };
        assert_eq!(of(false), pixels(photos));
        assert_eq!(of(true), pixels(flats));
        for cut in &cuts {
            assert!(!cut.coding.is_exact() || pixels(&cut.rects) <= FLAT_PIXELS_MAX);
        }
        cuts
    }

    #[test]
    fn photographs_are_cut_into_bands_of_whole_blocks() {
        let cuts = check(&[Rect::new(0, 7, 1280, 720)], &[]);
        let heights: Vec<u16> = cuts.iter().map(|cut| cut.rects[0].height).collect();
        assert_eq!(heights, [368, 352]);
    }

    #[test]
    fn small_ones_go_together() {
        let small: Vec<Rect> = (0..100).map(|at| Rect::new(at * 10, 0, 9, 9)).collect();
        assert_eq!(check(&small, &small).len(), 2);
    }

    #[test]
    fn the_largest_screen_is_cut_small_enough() {
        let whole = Rect::new(0, 0, 8192, 4608);
        check(&[whole], &[whole]);
        check(&[], &[Rect::new(0, 0, u16::MAX, 600)]);
    }
}
