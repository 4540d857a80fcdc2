//! Arithmetic of rectangles. None of it can overflow.

use crate::canvas::{Rect, Size};

impl Size {
    /// How many pixels that is.
    #[must_use]
    pub const fn pixels(self) -> usize {
        self.width as usize * self.height as usize
    }

    /// Whether there is nothing to see.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// The whole of it, from the top left corner.
    #[must_use]
    pub const fn whole(self) -> Rect {
        Rect {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        }
    }
}

impl Rect {
    /// A rectangle by its corner and size.
    #[must_use]
    pub const fn new(x: u16, y: u16, width: u16, height: u16) -> Self {
        Self {
            x,
            y,
            width,
            height,
        }
    }

    /// A rectangle by its edges; the last two are the first beyond it. Edges
    /// that cross give an empty one at the origin, so that an empty one never
    /// lies outside of anything.
    pub(crate) fn between(left: u32, top: u32, right: u32, bottom: u32) -> Self {
        if left >= right || top >= bottom {
            return Self::default();
        }
        let narrow = |value: u32| u16::try_from(value).unwrap_or(u16::MAX);
        Self {
            x: narrow(left),
            y: narrow(top),
            width: narrow(right - left),
            height: narrow(bottom - top),
        }
    }

    /// The first column beyond it.
    #[must_use]
    pub const fn right(&self) -> u32 {
        self.x as u32 + self.width as u32
    }

    /// The first row beyond it.
    #[must_use]
    pub const fn bottom(&self) -> u32 {
        self.y as u32 + self.height as u32
    }

    /// How many pixels it holds.
    #[must_use]
    pub const fn pixels(&self) -> usize {
        self.width as usize * self.height as usize
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Its size.
    #[must_use]
    pub const fn size(&self) -> Size {
        Size {
            width: self.width,
            height: self.height,
        }
    }

    /// What both hold; empty when they are apart.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self::between(
            u32::from(self.x.max(other.x)),
            u32::from(self.y.max(other.y)),
            self.right().min(other.right()),
            self.bottom().min(other.bottom()),
        )
    }

    /// Whether they share a pixel.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// Whether `other` lies wholly within.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.intersection(other) == *other
    }

    /// The part of it that lies within `size`.
    #[must_use]
    pub fn clipped(&self, size: Size) -> Self {
        self.intersection(&size.whole())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_that_are_apart_have_nothing_in_common() {
        let rect = Rect::new(10, 10, 5, 5);
        for apart in [
            Rect::new(15, 10, 5, 5),
            Rect::new(0, 0, 10, 40),
            Rect::new(12, 12, 0, 3),
            Rect::new(u16::MAX, u16::MAX, u16::MAX, u16::MAX),
        ] {
            assert_eq!(rect.intersection(&apart), Rect::default());
            assert!(!rect.intersects(&apart));
        }
        assert!(rect.contains(&Rect::new(11, 12, 4, 3)));
        assert!(!rect.contains(&Rect::new(11, 12, 5, 3)));
    }
}
