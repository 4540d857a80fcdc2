//! What has been calm is sent again, exactly.

use std::time::{Duration, Instant};

use crate::canvas::Rect;
use crate::shown::{Exactness, Shown};
use crate::view::View;

/// How long a tile has to be calm before its approximation is refined.
pub(crate) const CALM: Duration = Duration::from_millis(300);
/// The same for what the target's own file shows: nobody sees the difference,
/// and the target is likely to send something better before.
const CALM_HANDED_ON: Duration = Duration::from_secs(2);

/// Takes approximated tiles that are calm, `pixels_max` or one tile at most.
/// They count as exact from now on.
pub(super) fn refine(view: &mut View, pixels_max: usize, now: Instant) -> Vec<Rect> {
    let grid = *view.shown.grid();
    let mut pixels = 0;
    let mut tiles = Vec::new();
    for tile in view.shown.inexact() {
        if due_of(&view.shown, tile, now) > now || view.damage.at(tile).is_some() {
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
        view.shown.set_exactness(*tile, Exactness::Exact);
    }
    tiles.into_iter().map(|(_, rect)| rect).collect()
}

/// When the next approximated tile will have been calm.
pub(super) fn due(view: &View, now: Instant) -> Option<Instant> {
    let tiles = view.shown.inexact();
    tiles.map(|tile| due_of(&view.shown, tile, now)).min()
}

/// When a tile will have been calm; one that never changed is.
fn due_of(shown: &Shown, tile: usize, now: Instant) -> Instant {
    let calm = match shown.exactness(tile) {
        Exactness::HandedOn => CALM_HANDED_ON,
        Exactness::Exact | Exactness::Approximate => CALM,
    };
    shown.changed(tile).map_or(now, |changed| changed + calm)
}
