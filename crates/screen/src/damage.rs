//! Where a picture differs from what a viewer shows: a grid of tiles, each with
//! the rectangle around what changed in it.

use crate::canvas::{Rect, Size};

/// Side of a tile in pixels.
pub(crate) const TILE: u16 = 64;

/// The grid of a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Grid {
    pub(crate) size: Size,
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

impl Grid {
    pub(crate) const fn new(size: Size) -> Self {
        Self {
            size,
            columns: (size.width as usize).div_ceil(TILE as usize),
            rows: (size.height as usize).div_ceil(TILE as usize),
        }
    }

    pub(crate) const fn tiles(&self) -> usize {
        self.columns * self.rows
    }

    /// Where the tile at a place of the grid lies on the screen.
    pub(crate) fn tile(&self, column: usize, row: usize) -> Rect {
        let at = |index: usize| u32::try_from(index).unwrap_or(u32::MAX) * u32::from(TILE);
        Rect::between(at(column), at(row), at(column + 1), at(row + 1)).clipped(self.size)
    }

    pub(crate) const fn column_of(index: usize, columns: usize) -> (usize, usize) {
        (index % columns, index / columns)
    }

    /// The tile at an index.
    pub(crate) fn tile_at(&self, index: usize) -> Rect {
        let (column, row) = Self::column_of(index, self.columns);
        self.tile(column, row)
    }

    /// The tiles that `rect`, which lies within the size, touches.
    pub(crate) fn touched(&self, rect: &Rect) -> impl Iterator<Item = usize> + use<> {
        let columns = self.columns;
        let (first, last) = span(u32::from(rect.x), rect.right());
        let (top, bottom) = span(u32::from(rect.y), rect.bottom());
        (top..bottom).flat_map(move |row| (first..last).map(move |column| row * columns + column))
    }
}

/// The tiles between two edges.
const fn span(from: u32, to: u32) -> (usize, usize) {
    if from >= to {
        return (0, 0);
    }
    (
        from as usize / TILE as usize,
        (to as usize).div_ceil(TILE as usize),
    )
}

/// The rectangle around what changed in a tile, in pixels from its corner;
/// the last two are the first beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Patch {
    left: u8,
    top: u8,
    right: u8,
    bottom: u8,
}

impl Patch {
    const fn is_empty(self) -> bool {
        self.right == 0
    }

    fn around(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        Self {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }
}

/// What differs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Damage {
    grid: Grid,
    patches: Vec<Patch>,
    /// Tiles with a patch.
    count: usize,
}

impl Damage {
    /// No damage on a screen of a size.
    pub(crate) fn none(size: Size) -> Self {
        let grid = Grid::new(size);
        Self {
            grid,
            patches: vec![Patch::default(); grid.tiles()],
            count: 0,
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a rectangle, or what of it lies within the size.
    pub(crate) fn add(&mut self, rect: &Rect) {
        let rect = rect.clipped(self.grid.size);
        for index in self.grid.touched(&rect) {
            let patch = patch_of(&self.grid.tile_at(index), &rect);
            if self.patches[index].is_empty() {
                self.count += 1;
            }
            self.patches[index] = self.patches[index].around(patch);
        }
    }

    /// Forgets the tiles whose damage lies wholly within `rect`.
    pub(crate) fn cover(&mut self, rect: &Rect) {
        for index in self.grid.touched(&rect.clipped(self.grid.size)) {
            if let Some(damaged) = self.at(index)
                && rect.contains(&damaged)
            {
                self.clear(index);
            }
        }
    }

    /// What is damaged of a tile.
    pub(crate) fn at(&self, index: usize) -> Option<Rect> {
        let patch = self.patches.get(index).filter(|patch| !patch.is_empty())?;
        let tile = self.grid.tile_at(index);
        Some(Rect {
            x: tile.x + u16::from(patch.left),
            y: tile.y + u16::from(patch.top),
            width: u16::from(patch.right - patch.left),
            height: u16::from(patch.bottom - patch.top),
        })
    }

    /// The damage within `rect`, a piece a tile.
    pub(crate) fn within(&self, rect: &Rect) -> impl Iterator<Item = Rect> + '_ {
        let rect = *rect;
        self.grid
            .touched(&rect.clipped(self.grid.size))
            .filter_map(|index| self.at(index))
            .map(move |damaged| damaged.intersection(&rect))
            .filter(|damaged| !damaged.is_empty())
    }

    /// A tile has no damage now.
    pub(crate) fn clear(&mut self, index: usize) {
        if !self.patches[index].is_empty() {
            self.patches[index] = Patch::default();
            self.count -= 1;
        }
    }

    /// Every damaged tile, by index.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Rect)> + '_ {
        let indices = if self.is_empty() {
            0..0
        } else {
            0..self.patches.len()
        };
        indices.filter_map(|index| self.at(index).map(|rect| (index, rect)))
    }
}

fn patch_of(tile: &Rect, rect: &Rect) -> Patch {
    let within = tile.intersection(rect);
    let narrow = |value: u32| u8::try_from(value).unwrap_or(u8::MAX);
    let (x, y) = (u32::from(tile.x), u32::from(tile.y));
    Patch {
        left: narrow(u32::from(within.x) - x),
        top: narrow(u32::from(within.y) - y),
        right: narrow(within.right() - x),
        bottom: narrow(within.bottom() - y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size {
        width: 200,
        height: 100,
    };

    fn check(add: &[Rect], cover: &[Rect], expected: &[Rect]) {
        let mut damage = Damage::none(SIZE);
        add.iter().for_each(|rect| damage.add(rect));
        cover.iter().for_each(|rect| damage.cover(rect));
        let found: Vec<Rect> = damage.iter().map(|(_, rect)| rect).collect();
        assert_eq!(found, expected);
        assert_eq!(damage.is_empty(), expected.is_empty());
    }

    #[test]
    fn damage_is_kept_by_tiles_and_exact_within_one() {
        check(&[], &[], &[]);
        check(&[Rect::new(3, 4, 5, 6)], &[], &[Rect::new(3, 4, 5, 6)]);
        check(
            &[Rect::new(3, 4, 5, 6), Rect::new(20, 2, 1, 1)],
            &[],
            &[Rect::new(3, 2, 18, 8)],
        );
        check(
            &[Rect::new(60, 60, 10, 10)],
            &[],
            &[
                Rect::new(60, 60, 4, 4),
                Rect::new(64, 60, 6, 4),
                Rect::new(60, 64, 4, 6),
                Rect::new(64, 64, 6, 6),
            ],
        );
        check(
            &[Rect::new(190, 90, 50, 50)],
            &[],
            &[Rect::new(190, 90, 2, 10), Rect::new(192, 90, 8, 10)],
        );
    }

    #[test]
    fn only_what_is_wholly_covered_is_forgotten() {
        let add = [Rect::new(60, 4, 10, 10)];
        check(&add, &[Rect::new(60, 0, 4, 20)], &[Rect::new(64, 4, 6, 10)]);
        check(
            &add,
            &[Rect::new(61, 0, 3, 20)],
            &[Rect::new(60, 4, 4, 10), Rect::new(64, 4, 6, 10)],
        );
        check(&add, &[SIZE.whole()], &[]);
    }
}
