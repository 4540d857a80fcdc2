//! What a viewer shows, as fingerprints: one for each row of 64 pixels, by
//! columns of the grid. It stands in for a second framebuffer at a thirtieth
//! of its size.

use std::ops::Range;
use std::time::Instant;

use crate::canvas::{Rect, Size};
use crate::damage::{Damage, Grid};
use crate::framebuffer::Framebuffer;
use crate::hash::{UNKNOWN, fingerprint};

/// How closely a tile is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Exactness {
    /// To the bit.
    #[default]
    Exact,
    /// As the target's own JPEG file shows it, but for the rounding of another
    /// decoder.
    HandedOn,
    /// As our JPEG file shows it.
    Approximate,
}

/// What is known of a tile at a viewer.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    exactness: Exactness,
    /// Some of its fingerprints are [`UNKNOWN`] though it is shown right.
    stale: bool,
    /// When it changed last.
    changed: Option<Instant>,
}

// When it changed makes no difference to what there is to send: viewers that
// came at different times show the same.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        (self.exactness, self.stale) == (other.exactness, other.stale)
    }
}

/// A viewer's picture once all that was sent has arrived.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    grid: Grid,
    /// Of column `c` and row `y` at `c * height + y`.
    rows: Vec<u64>,
    states: Vec<State>,
    stale: usize,
}

impl Shown {
    /// A viewer that shows nothing of use.
    pub(crate) fn nothing(size: Size) -> Self {
        let grid = Grid::new(size);
        Self {
            grid,
            rows: vec![UNKNOWN; grid.columns * usize::from(size.height)],
            states: vec![State::default(); grid.tiles()],
            stale: 0,
        }
    }

    pub(crate) const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The fingerprints of a column of the grid, one a row.
    pub(crate) fn column(&self, column: usize) -> &[u64] {
        let height = usize::from(self.grid.size.height);
        &self.rows[column * height..(column + 1) * height]
    }

    fn column_mut(&mut self, column: usize) -> &mut [u64] {
        let height = usize::from(self.grid.size.height);
        &mut self.rows[column * height..(column + 1) * height]
    }

    /// The fingerprints of a tile's rows, from `rect`'s first to its last.
    pub(crate) fn tile(&self, tile: usize, rect: &Rect) -> &[u64] {
        &self.column(tile % self.grid.columns)[rows_of(rect)]
    }

    /// Those rows look like this now.
    pub(crate) fn set_tile(&mut self, tile: usize, rect: &Rect, fresh: &[u64]) {
        let column = tile % self.grid.columns;
        self.column_mut(column)[rows_of(rect)].copy_from_slice(fresh);
    }

    /// What `rect` shows is right, but not known.
    pub(crate) fn forget(&mut self, rect: &Rect) {
        for tile in self.grid.touched(rect) {
            let rows = rows_of(&self.grid.tile_at(tile).intersection(rect));
            self.column_mut(tile % self.grid.columns)[rows].fill(UNKNOWN);
            if !std::mem::replace(&mut self.states[tile].stale, true) {
                self.stale += 1;
            }
        }
    }

    /// Learns again what was forgotten, where the viewer shows what the
    /// framebuffer holds.
    pub(crate) fn learn(&mut self, framebuffer: &Framebuffer, damage: &Damage) {
        if self.stale == 0 {
            return;
        }
        for tile in 0..self.states.len() {
            if !std::mem::take(&mut self.states[tile].stale) {
                continue;
            }
            let rect = self.grid.tile_at(tile);
            let damaged = damage.at(tile).map_or(0..0, |rect| rows_of(&rect));
            let top = usize::from(rect.y);
            let column = self.column_mut(tile % self.grid.columns);
            for row in 0..rect.height {
                let y = top + usize::from(row);
                if column[y] == UNKNOWN && !damaged.contains(&y) {
                    column[y] = fingerprint(framebuffer.row(&rect, row));
                }
            }
        }
        self.stale = 0;
    }

    /// A copy took the content of `source` to `target`, which is as large: an
    /// approximation stays one.
    pub(crate) fn carry(&mut self, source: &Rect, target: &Rect, now: Option<Instant>) {
        let carried: Vec<(usize, Exactness)> = self
            .grid
            .touched(target)
            .filter_map(|tile| {
                let part = self.grid.tile_at(tile).intersection(target);
                let from = Rect {
                    x: part.x - target.x + source.x,
                    y: part.y - target.y + source.y,
                    ..part
                };
                let sources = self.grid.touched(&from);
                let worst = sources.map(|tile| self.states[tile].exactness).max()?;
                Some((tile, worst))
            })
            .collect();
        for (tile, exactness) in carried {
            self.worsen(tile, exactness);
        }
        if now.is_some() {
            for tile in self.grid.touched(target) {
                self.states[tile].changed = now;
            }
        }
    }

    /// Moves the fingerprints of some columns down, or up when `down` is
    /// negative, to the rows `target`.
    pub(crate) fn scroll(&mut self, columns: Range<usize>, target: Range<usize>, down: isize) {
        for column in columns {
            let rows = self.column_mut(column);
            let source = target.start.saturating_add_signed(-down);
            let length = target.len().min(rows.len().saturating_sub(source));
            rows.copy_within(source..source + length, target.start);
        }
    }

    pub(crate) fn exactness(&self, tile: usize) -> Exactness {
        self.states[tile].exactness
    }

    /// All of a tile is shown like this.
    pub(crate) fn set_exactness(&mut self, tile: usize, exactness: Exactness) {
        self.states[tile].exactness = exactness;
    }

    /// A part of a tile is shown like this.
    pub(crate) fn worsen(&mut self, tile: usize, exactness: Exactness) {
        let state = &mut self.states[tile];
        state.exactness = state.exactness.max(exactness);
    }

    /// When a tile changed last, if it ever did.
    pub(crate) fn changed(&self, tile: usize) -> Option<Instant> {
        self.states[tile].changed
    }

    pub(crate) fn set_changed(&mut self, tile: usize, now: Instant) {
        self.states[tile].changed = Some(now);
    }

    /// The tiles that are not shown exactly.
    pub(crate) fn inexact(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.states.len()).filter(|tile| self.exactness(*tile) != Exactness::Exact)
    }
}

fn rows_of(rect: &Rect) -> Range<usize> {
    usize::from(rect.y)..rect.bottom() as usize
}
