//! Where the picture lost something on its way: what came as JPEG.

use causeway_screen::{Rect, Size};

/// Pixels on a tile's side.
const SIDE: u16 = 64;

/// Which tiles of the screen are not as the target has them.
#[derive(Debug, Default)]
pub(crate) struct Lossy {
    size: Size,
    /// Row by row; empty until something is lost.
    tiles: Vec<bool>,
}

/// When a tile counts as whole again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heals {
    /// One rectangle without loss covered all of it.
    Covered,
    /// One touched it.
    Touched,
}

impl Lossy {
    /// The screen has another size, and nothing on it.
    pub(crate) fn resize(&mut self, size: Size) {
        self.size = size;
        self.tiles = Vec::new();
    }

    /// A rectangle came with a loss.
    pub(crate) fn lose(&mut self, rect: Rect) {
        let count = self.across() * usize::from(self.size.height.div_ceil(SIDE));
        self.tiles.resize(count, false);
        self.each(rect, |_| Some(true));
    }

    /// A rectangle came without.
    pub(crate) fn heal(&mut self, rect: Rect, heals: Heals) {
        if self.tiles.is_empty() {
            return;
        }
        let size = self.size;
        self.each(rect, |tile| {
            let whole = heals == Heals::Touched || covers(rect, tile, size);
            whole.then_some(false)
        });
    }

    /// What has to come again; none if nothing is lost.
    pub(crate) fn bounds(&self) -> Option<Rect> {
        let across = self.across();
        let lost = self.tiles.iter().enumerate().filter(|(_, lost)| **lost);
        let places = lost.map(|(place, _)| (place % across, place / across));
        let (left, top, right, bottom) = places.fold(None, |bounds, (x, y)| {
            let (left, top, right, bottom) = bounds.unwrap_or((x, y, x, y));
            Some((left.min(x), top.min(y), right.max(x), bottom.max(y)))
        })?;
        let start = |tile: usize| u16::try_from(tile).unwrap_or(u16::MAX).saturating_mul(SIDE);
        let (x, y) = (start(left), start(top));
        Some(Rect {
            x,
            y,
            width: start(right + 1).min(self.size.width) - x,
            height: start(bottom + 1).min(self.size.height) - y,
        })
    }

    /// Whether something within `rect`, which is one of [`Lossy::bounds`], is
    /// lost.
    pub(crate) fn is_lost(&self, rect: Rect) -> bool {
        let across = self.across();
        self.touched(rect)
            .any(|(x, y)| self.tiles.get(y * across + x).is_some_and(|lost| *lost))
    }

    fn across(&self) -> usize {
        usize::from(self.size.width.div_ceil(SIDE))
    }

    /// The tiles that a rectangle touches, by column and row.
    fn touched(&self, rect: Rect) -> impl Iterator<Item = (usize, usize)> + use<> {
        let range = |start: u16, length: u16| {
            let (start, length) = (usize::from(start), usize::from(length));
            let side = usize::from(SIDE);
            start / side..if length == 0 {
                0
            } else {
                (start + length).div_ceil(side)
            }
        };
        let columns = range(rect.x, rect.width);
        range(rect.y, rect.height).flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    /// Changes the tiles that a rectangle touches.
    fn each(&mut self, rect: Rect, change: impl Fn((usize, usize)) -> Option<bool>) {
        let across = self.across();
        for (x, y) in self.touched(rect) {
            if let (Some(tile), Some(lost)) = (self.tiles.get_mut(y * across + x), change((x, y))) {
                *tile = lost;
            }
        }
    }
}

/// Whether `rect` covers all of a tile that is on the screen.
fn covers(rect: Rect, (column, row): (usize, usize), size: Size) -> bool {
    let within = |tile: usize, start: u16, length: u16, limit: u16| {
        let side = usize::from(SIDE);
        let end = ((tile + 1) * side).min(usize::from(limit));
        usize::from(start) <= tile * side && usize::from(start) + usize::from(length) >= end
    };
    within(column, rect.x, rect.width, size.width) && within(row, rect.y, rect.height, size.height)
}
