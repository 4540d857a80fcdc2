//! Finds what moved up or down when the target did not say so.
//!
//! Some columns of tiles vote: where was this row before? The distance with
//! most votes is tried on all columns; what it explains, and nothing else, is
//! copied. All by fingerprints, so a copy is exact or not made.

use std::ops::Range;

use super::measure::Candidate;
use crate::canvas::Rect;
use crate::damage::TILE;
use crate::shown::Shown;
use crate::view::Move;

/// Less is sent as it is, in changed pixels.
const PIXELS_MIN: usize = 24 * 1024;
/// A column with fewer changed rows is not looked at.
const ROWS_MIN: usize = 16;
/// Columns that vote.
const VOTERS_MAX: usize = 6;
/// Votes that a distance needs.
const VOTES_MIN: usize = 12;
/// A copy must save as many pixels.
const SAVED_PIXELS_MIN: usize = 8 * 1024;
/// Copies of one frame.
const SCROLLS_MAX: usize = 6;

/// A column of the grid as it is to be.
struct Column {
    index: usize,
    fresh: Vec<u64>,
    changed: usize,
}

/// Moves in `shown` what can be moved; gives the moves in their order.
pub(super) fn scroll(shown: &mut Shown, candidates: &[Candidate]) -> Vec<Move> {
    let changed: usize = candidates
        .iter()
        .filter_map(|candidate| candidate.changed(shown))
        .map(|rect| rect.pixels())
        .sum();
    if changed < PIXELS_MIN {
        return Vec::new();
    }
    let columns = columns(shown, candidates);
    let Some(down) = vote(shown, &columns) else {
        return Vec::new();
    };
    let mut moves = Vec::new();
    while moves.len() < SCROLLS_MAX {
        let Some((span, rows)) = best(shown, &columns, down) else {
            break;
        };
        let found = as_move(shown, &span, &rows, down);
        shown.scroll(span, rows, down);
        moves.push(found);
    }
    moves
}

/// The columns with enough change, with what they are to show.
fn columns(shown: &Shown, candidates: &[Candidate]) -> Vec<Column> {
    let count = shown.grid().columns;
    let mut columns: Vec<Option<Column>> = (0..count).map(|_| None).collect();
    for candidate in candidates {
        let index = candidate.tile % count;
        let column = columns[index].get_or_insert_with(|| Column {
            index,
            fresh: shown.column(index).to_vec(),
            changed: 0,
        });
        let top = usize::from(candidate.rect.y);
        let fresh = candidate.fresh();
        column.fresh[top..top + fresh.len()].copy_from_slice(fresh);
        let known = shown.tile(candidate.tile, &candidate.rect);
        column.changed += fresh.iter().zip(known).filter(|(a, b)| a != b).count();
    }
    columns
        .into_iter()
        .flatten()
        .filter(|column| column.changed >= ROWS_MIN)
        .collect()
}

/// How far down most rows went; up is negative.
fn vote(shown: &Shown, columns: &[Column]) -> Option<isize> {
    let height = usize::from(shown.grid().size.height);
    let mut votes = vec![0_u32; 2 * height];
    let step = columns.len().div_ceil(VOTERS_MAX).max(1);
    for column in columns.iter().step_by(step) {
        let known = shown.column(column.index);
        let places = unique(known);
        for (y, fresh) in column.fresh.iter().enumerate() {
            if known[y] != *fresh
                && let Ok(at) = places.binary_search_by_key(fresh, |(value, _)| *value)
            {
                votes[height + y - places[at].1] += 1;
            }
        }
    }
    let (at, count) = votes.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let down = at.checked_signed_diff(height)?;
    (*count as usize >= VOTES_MIN && down != 0).then_some(down)
}

/// Fingerprints that occur once, sorted, with their rows.
fn unique(known: &[u64]) -> Vec<(u64, usize)> {
    let mut places: Vec<(u64, usize)> = known.iter().copied().zip(0..).collect();
    places.sort_unstable();
    let mut once = Vec::with_capacity(places.len());
    for group in places.chunk_by(|a, b| a.0 == b.0) {
        if let [place] = group {
            once.push(*place);
        }
    }
    once
}

/// The rectangle, in columns of the grid and rows of pixels, that saves most
/// when it is moved; none if none saves enough.
fn best(shown: &Shown, columns: &[Column], down: isize) -> Option<(Range<usize>, Range<usize>)> {
    let (seed, mut rows, _) = columns
        .iter()
        .enumerate()
        .filter_map(|(at, column)| {
            longest(shown, column, down).map(|(rows, changed)| (at, rows, changed))
        })
        .max_by_key(|(_, _, changed)| *changed)?;
    let mut first = seed;
    while first > 0
        && columns[first - 1].index + 1 == columns[first].index
        && let Some(less) = joined(shown, &columns[first - 1], down, &rows)
    {
        rows = less;
        first -= 1;
    }
    let mut last = seed;
    while last + 1 < columns.len()
        && columns[last].index + 1 == columns[last + 1].index
        && let Some(less) = joined(shown, &columns[last + 1], down, &rows)
    {
        rows = less;
        last += 1;
    }
    let saved: usize = columns[first..=last]
        .iter()
        .map(|column| {
            let known = &shown.column(column.index)[rows.clone()];
            let differ = |(a, b): &(&u64, &u64)| a != b;
            column.fresh[rows.clone()]
                .iter()
                .zip(known)
                .filter(differ)
                .count()
        })
        .sum();
    (saved * usize::from(TILE) >= SAVED_PIXELS_MIN)
        .then(|| (columns[first].index..columns[last].index + 1, rows))
}

/// Whether a row of a column is to show what stands `down` above it.
fn explained(shown: &Shown, column: &Column, down: isize, y: usize) -> bool {
    let known = shown.column(column.index);
    y.checked_add_signed(-down)
        .and_then(|source| known.get(source))
        .is_some_and(|source| *source == column.fresh[y])
}

/// The run of explained rows with most changes in it, cut to the first and the
/// last of them; with their number.
fn longest(shown: &Shown, column: &Column, down: isize) -> Option<(Range<usize>, usize)> {
    let known = shown.column(column.index);
    let mut best: Option<(Range<usize>, usize)> = None;
    let mut run: Option<(Range<usize>, usize)> = None;
    for (y, (old, fresh)) in known.iter().zip(&column.fresh).enumerate() {
        if !explained(shown, column, down, y) {
            run = None;
            continue;
        }
        if old == fresh {
            continue;
        }
        let (rows, changed) = run.get_or_insert((y..y, 0));
        rows.end = y + 1;
        *changed += 1;
        if best.as_ref().is_none_or(|(_, most)| *changed > *most) {
            best.clone_from(&run);
        }
    }
    best.filter(|(_, changed)| *changed >= ROWS_MIN)
}

/// The part of `rows` that a further column explains, if that is most of it.
fn joined(
    shown: &Shown,
    column: &Column,
    down: isize,
    rows: &Range<usize>,
) -> Option<Range<usize>> {
    let middle = usize::midpoint(rows.start, rows.end);
    let holds = |y: &usize| explained(shown, column, down, *y);
    let start = middle - (rows.start..middle).rev().take_while(holds).count();
    let end = middle + (middle..rows.end).take_while(holds).count();
    ((end - start) * 5 >= rows.len() * 4).then_some(start..end)
}

fn as_move(shown: &Shown, span: &Range<usize>, rows: &Range<usize>, down: isize) -> Move {
    let grid = shown.grid();
    let narrow = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    let tile = u32::from(TILE);
    let target = Rect::between(
        narrow(span.start) * tile,
        narrow(rows.start),
        (narrow(span.end) * tile).min(grid.size.width.into()),
        narrow(rows.end),
    );
    let source_y = rows.start.saturating_add_signed(-down);
    let source = Rect {
        y: u16::try_from(source_y).unwrap_or(u16::MAX),
        ..target
    };
    Move { source, target }
}
