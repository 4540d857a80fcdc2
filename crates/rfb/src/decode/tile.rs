//! A grid of tiles over a rectangle, and a tile's pixels.

use causeway_screen::Rect;

/// Walks over a rectangle in square tiles, row by row; those at the right and
/// the bottom are cut.
#[derive(Debug)]
pub(crate) struct Grid {
    rect: Rect,
    side: u16,
    x: u16,
    y: u16,
}

impl Grid {
    pub(crate) const fn new(rect: Rect, side: u16) -> Self {
        Self {
            rect,
            side,
            x: 0,
            y: 0,
        }
    }

    /// The tile that is next.
    pub(crate) fn current(&self) -> Option<Rect> {
        if self.y >= self.rect.height || self.rect.width == 0 {
            return None;
        }
        Some(Rect {
            x: self.rect.x + self.x,
            y: self.rect.y + self.y,
            width: self.side.min(self.rect.width - self.x),
            height: self.side.min(self.rect.height - self.y),
        })
    }

    /// Goes to the one after it.
    pub(crate) const fn step(&mut self) {
        self.x = self.x.saturating_add(self.side);
        if self.x >= self.rect.width {
            self.x = 0;
            self.y = self.y.saturating_add(self.side);
        }
    }
}

/// The number of pixels of a tile.
pub(crate) fn area(tile: Rect) -> usize {
    usize::from(tile.width) * usize::from(tile.height)
}

/// Makes `pixels` hold `count` pixels of one colour.
pub(crate) fn flood(pixels: &mut Vec<u8>, count: usize, colour: [u8; 4]) {
    pixels.clear();
    pixels.resize(count * 4, 0);
    pixels.as_chunks_mut().0.fill(colour);
}
