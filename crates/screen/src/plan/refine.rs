//! What has been calm is sent again, exactly.

use std::time::{Duration, Instant};

use crate::canvas::Rect;
use crate::view::View;

/// How long a tile has to be calm before its approximation is refined.
pub(crate) const CALM: Duration = Duration::from_millis(300);

/// Takes approximated tiles that are calm, `pixels_max` or one tile at most.
/// They count as exact from now on.
pub(super) fn refine(view: &mut View, pixels_max: usize, now: Instant) -> Vec<Rect> {
    let grid = *view.shown.grid();
    let mut pixels = 0;
    let mut tiles = Vec::new();
    for tile in view.shown.lossy() {
        let calm = view.shown.changed(tile).is_none_or(|at| at + CALM <= now);
        if !calm || view.damage.at(tile).is_some() {
            continue;
        }
        let rect = grid.tile_at(tile);
        pixels += rect.pixels();
        if pixels > pixels_max && !tiles.is_empty() {
            break;
        }
        tiles.push((tile, rect));
    }
    for (tile, _) in &tiles {
        view.shown.set_lossy(*tile, false);
    }
    tiles.into_iter().map(|(_, rect)| rect).collect()
}

/// When the next approximated tile will have been calm.
pub(super) fn due(view: &View, now: Instant) -> Option<Instant> {
    let shown = &view.shown;
    shown
        .lossy()
        .map(|tile| shown.changed(tile).map_or(now, |changed| changed + CALM))
        .min()
}
