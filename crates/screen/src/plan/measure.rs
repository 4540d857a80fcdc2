//! First look at damage: which of it really changed.

use crate::canvas::Rect;
use crate::damage::TILE;
use crate::framebuffer::Framebuffer;
use crate::hash::fingerprint;
use crate::shown::Shown;
use crate::view::View;

/// Most pixels of one frame, 4K: of a larger screen the rest follows in the
/// next frame, so that no frame takes memory without bound.
pub(crate) const FRAME_PIXELS_MAX: usize = 4096 * 2304;

/// A damaged tile as it looks now.
#[derive(Debug)]
pub(super) struct Candidate {
    /// Its index in the grid.
    pub(super) tile: usize,
    /// What of it is damaged.
    pub(super) rect: Rect,
    /// A fingerprint for each row of `rect`, over the tile's whole width.
    fresh: [u64; TILE as usize],
}

impl Candidate {
    /// Fingerprints, one for each row of `rect`.
    pub(super) fn fresh(&self) -> &[u64] {
        &self.fresh[..usize::from(self.rect.height)]
    }

    /// The part that the viewer does not show as it is.
    pub(super) fn changed(&self, shown: &Shown) -> Option<Rect> {
        let known = shown.tile(self.tile, &self.rect);
        let differs = |(known, fresh): (&u64, &u64)| known != fresh;
        let rows = || known.iter().zip(self.fresh());
        let first = rows().position(differs)?;
        let last = rows().rposition(differs)?;
        let narrow = |rows: usize| u16::try_from(rows).unwrap_or(TILE);
        Some(Rect {
            y: self.rect.y + narrow(first),
            height: narrow(last + 1 - first),
            ..self.rect
        })
    }
}

/// Takes damage, [`FRAME_PIXELS_MAX`] at most, and drops what did not change.
pub(super) fn measure(framebuffer: &Framebuffer, view: &mut View) -> Vec<Candidate> {
    let grid = *view.shown.grid();
    let mut room = FRAME_PIXELS_MAX;
    let damaged: Vec<(usize, Rect)> = view
        .damage
        .iter()
        .take_while(|(_, rect)| {
            let fits = room >= rect.pixels();
            room = room.saturating_sub(rect.pixels());
            fits
        })
        .collect();
    let mut candidates = Vec::with_capacity(damaged.len());
    for (tile, rect) in damaged {
        view.damage.clear(tile);
        let whole = grid.tile_at(tile);
        let rows = Rect {
            x: whole.x,
            width: whole.width,
            ..rect
        };
        let mut fresh = [0; TILE as usize];
        for (row, value) in (0..rows.height).zip(&mut fresh) {
            *value = fingerprint(framebuffer.row(&rows, row));
        }
        let candidate = Candidate { tile, rect, fresh };
        if candidate.changed(&view.shown).is_some() {
            candidates.push(candidate);
        }
    }
    candidates
}
