//! One frame for one view: from damage to what is to be sent. Nothing is
//! encoded here.
//!
//! The order in a frame: surface, copies that the target told, copies that were
//! found, JPEG files of the target, photographs, fills, exact pixels. A copy
//! only reads what the viewer shows already, and what is exact comes last.

mod classify;
pub(crate) mod cut;
mod measure;
mod merge;
pub(crate) mod refine;
mod scroll;

use std::time::Instant;

use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{Copy, Solid, SurfaceCreated, TileCodec};

use crate::canvas::Rect;
use crate::encoder::{tile, wire_rect};
use crate::framebuffer::Framebuffer;
use crate::quality::{JPEG_ONLY, Quality};
use crate::screen::ViewerAbilities;
use crate::shown::Exactness;
use crate::target_jpeg::TargetJpegs;
use crate::view::{Move, View};
use classify::{Kind, classify};
use cut::{Cut, cut};
use measure::measure;
use merge::{Merged, Piece, Waste, merge};

/// A smaller change is sent exactly, whatever it shows, in pixels: typing.
const SMALL_PIXELS: usize = 64 * 1024;
/// Unless so much of it is photographic and keeps changing, in pixels.
const SMALL_MOTION_PIXELS: usize = 16 * 1024;
/// Pixels that are refined in a frame of their own.
const REFINED_ALONE: usize = 256 * 1024;
/// Pixels that are refined along with something new.
const REFINED_ALONG: usize = 48 * 1024;

/// What a viewer can and may be sent. Viewers that agree in it and in their
/// views share one plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) abilities: ViewerAbilities,
    pub(crate) quality: Quality,
    /// What its link has room for in the way of refinement, in pixels a frame.
    pub(crate) refined_pixels_max: usize,
}

/// A frame that is not encoded yet.
#[derive(Debug)]
pub(crate) struct Plan {
    /// What comes before encoded parts.
    pub(crate) head: Vec<Body>,
    /// What is encoded, in its order.
    pub(crate) cuts: Vec<Cut>,
    /// Fills: after photographs.
    pub(crate) solids: Vec<Body>,
    /// Pixels that go as photographs.
    pub(crate) photo_pixels: usize,
}

/// Everything that a plan looks at, but the view.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) framebuffer: &'a Framebuffer,
    pub(crate) jpegs: &'a TargetJpegs,
    pub(crate) now: Instant,
}

/// Plans the next frame of a view, which then counts as sent; none when the
/// viewer shows everything already.
pub(crate) fn plan(scene: Scene<'_>, view: &mut View, policy: &Policy) -> Option<Plan> {
    let mut head = Vec::new();
    if std::mem::take(&mut view.fresh) {
        head.push(surface(view));
    }
    head.extend(std::mem::take(&mut view.copies).iter().map(copy));
    view.learn(scene.framebuffer);
    let candidates = measure(scene.framebuffer, view);
    for found in scroll::scroll(&mut view.shown, &candidates) {
        view.shown
            .carry(&found.source, &found.target, Some(scene.now));
        head.push(copy(&found));
    }

    let mut changed: Vec<(usize, Rect)> = Vec::with_capacity(candidates.len());
    let mut moving = Vec::with_capacity(candidates.len());
    for candidate in &candidates {
        if let Some(rect) = candidate.changed(&view.shown) {
            view.shown
                .set_tile(candidate.tile, &candidate.rect, candidate.fresh());
            moving.push(is_moving(view, candidate.tile, scene.now));
            view.shown.set_changed(candidate.tile, scene.now);
            changed.push((candidate.tile, rect));
        }
    }
    let motion: Vec<usize> = changed
        .iter()
        .zip(moving)
        .filter_map(|((tile, _), moving)| moving.then_some(*tile))
        .collect();
    if policy.abilities.jpeg && policy.quality.hands_on() {
        for jpeg in scene.jpegs.take_covered(&mut changed) {
            head.push(tile(&[jpeg.rect], TileCodec::Jpeg, jpeg.file.clone()));
            mark(view, &jpeg.rect, Exactness::HandedOn);
        }
    }
    let merged = sort(scene.framebuffer, &changed, &motion, policy.abilities);
    note_exactness(view, &changed, &merged);
    finish(view, policy, head, merged, scene.now)
}

/// Adds refinement, and cuts.
fn finish(
    view: &mut View,
    policy: &Policy,
    head: Vec<Body>,
    merged: Merged,
    now: Instant,
) -> Option<Plan> {
    let Merged {
        solids,
        mut flats,
        photos,
    } = merged;
    if policy.abilities.zstd {
        let alone = head.is_empty() && flats.is_empty() && photos.is_empty() && solids.is_empty();
        let most = if alone { REFINED_ALONE } else { REFINED_ALONG };
        let refined = refine::refine(view, most.min(policy.refined_pixels_max), now);
        flats.extend(merge::join(refined, Waste::Quarter));
        view.refine_at = refine::due(view, now);
    }
    let quality = if policy.abilities.zstd {
        policy.quality.jpeg()
    } else {
        JPEG_ONLY
    };
    let plan = Plan {
        head,
        photo_pixels: photos.iter().map(Rect::pixels).sum(),
        cuts: cut(&photos, quality, &flats),
        solids: solids.iter().map(solid).collect(),
    };
    let empty = plan.head.is_empty() && plan.cuts.is_empty() && plan.solids.is_empty();
    (!empty).then_some(plan)
}

/// Decides for every changed tile how it is sent.
fn sort(
    framebuffer: &Framebuffer,
    changed: &[(usize, Rect)],
    motion: &[usize],
    abilities: ViewerAbilities,
) -> Merged {
    let mut pieces: Vec<Piece> = changed
        .iter()
        .map(|(_, rect)| Piece {
            rect: *rect,
            kind: classify(framebuffer, rect),
        })
        .collect();
    let pixels: usize = changed.iter().map(|(_, rect)| rect.pixels()).sum();
    let photographic = |wanted: Option<&[usize]>| -> usize {
        changed
            .iter()
            .zip(&pieces)
            .filter(|(_, piece)| piece.kind == Kind::Photo)
            .filter(|((tile, _), _)| wanted.is_none_or(|tiles| tiles.binary_search(tile).is_ok()))
            .map(|((_, rect), _)| rect.pixels())
            .sum()
    };
    let small = pixels < SMALL_PIXELS && photographic(Some(motion)) < SMALL_MOTION_PIXELS;
    for piece in &mut pieces {
        if matches!(piece.kind, Kind::Solid(_)) {
            continue;
        }
        if !abilities.jpeg || (small && abilities.zstd) {
            piece.kind = Kind::Flat;
        } else if !abilities.zstd {
            piece.kind = Kind::Photo;
        }
    }
    let mut merged = merge(pieces);
    if !abilities.zstd {
        merged.photos.append(&mut merged.flats);
    }
    merged
}

/// Notes which tiles are exact now, and which are not.
fn note_exactness(view: &mut View, changed: &[(usize, Rect)], merged: &Merged) {
    let grid = *view.shown.grid();
    for (tile, rect) in changed {
        if *rect == grid.tile_at(*tile) {
            view.shown.set_exactness(*tile, Exactness::Exact);
        }
    }
    for rect in &merged.photos {
        mark(view, rect, Exactness::Approximate);
    }
}

fn mark(view: &mut View, rect: &Rect, exactness: Exactness) {
    let grid = *view.shown.grid();
    for tile in grid.touched(rect) {
        if rect.contains(&grid.tile_at(tile)) {
            view.shown.set_exactness(tile, exactness);
        } else {
            view.shown.worsen(tile, exactness);
        }
    }
}

/// Whether a tile changed not long ago.
fn is_moving(view: &View, tile: usize, now: Instant) -> bool {
    view.shown
        .changed(tile)
        .is_some_and(|at| now.saturating_duration_since(at) < refine::CALM)
}

fn surface(view: &View) -> Body {
    let size = view.shown.grid().size;
    Body::SurfaceCreated(SurfaceCreated {
        surface: 0,
        width: size.width.into(),
        height: size.height.into(),
    })
}

fn copy(copy: &Move) -> Body {
    Body::Copy(Copy {
        surface: 0,
        source: Some(wire_rect(&copy.source)),
        x: copy.target.x.into(),
        y: copy.target.y.into(),
    })
}

fn solid((rect, [red, green, blue]): &(Rect, [u8; 3])) -> Body {
    Body::Solid(Solid {
        surface: 0,
        rect: Some(wire_rect(rect)),
        rgb: u32::from_be_bytes([0, *red, *green, *blue]),
    })
}
