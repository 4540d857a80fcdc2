//! The size of a terminal, as a viewer told it and a target can use it.

use causeway_wire::message::ViewerSize;

/// Most columns or rows of a terminal.
pub(super) const CELLS_MAX: u32 = 1000;
/// Most pixels of a side of a terminal.
pub(super) const SIDE_PX_MAX: u32 = 32_767;

/// A size that every target understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TerminalSize {
    /// Columns, `1..=CELLS_MAX`.
    pub columns: u32,
    /// Rows, `1..=CELLS_MAX`.
    pub rows: u32,
    /// Width in pixels; 0 when unknown.
    pub width_px: u32,
    /// Height in pixels; 0 when unknown.
    pub height_px: u32,
}

impl Default for TerminalSize {
    /// What a terminal has that tells no size.
    fn default() -> Self {
        Self {
            columns: 80,
            rows: 24,
            width_px: 0,
            height_px: 0,
        }
    }
}

impl TerminalSize {
    /// Brings what a viewer told into bounds.
    #[must_use]
    pub fn of_viewer(size: &ViewerSize) -> Self {
        Self {
            columns: size.columns.clamp(1, CELLS_MAX),
            rows: size.rows.clamp(1, CELLS_MAX),
            width_px: size.width_px.min(SIDE_PX_MAX),
            height_px: size.height_px.min(SIDE_PX_MAX),
        }
    }

    /// The same size but one row less (or more, if there is only one): set
    /// and taken back, it makes a full-screen program draw itself anew.
    #[must_use]
    pub const fn nudged(self) -> Self {
        let rows = if self.rows > 1 { self.rows - 1 } else { 2 };
        Self { rows, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_brought_into_bounds() {
        let size = TerminalSize::of_viewer(&ViewerSize {
            columns: 0,
            rows: u32::MAX,
            width_px: 1280,
            height_px: u32::MAX,
            scale_percent: 100,
        });
        assert_eq!((size.columns, size.rows), (1, CELLS_MAX));
        assert_eq!((size.width_px, size.height_px), (1280, SIDE_PX_MAX));
    }

    #[test]
    fn a_nudge_changes_the_rows() {
        let size = TerminalSize::default();
        assert_eq!(size.nudged().rows, 23);
        assert_eq!(TerminalSize { rows: 1, ..size }.nudged().rows, 2);
    }
}
