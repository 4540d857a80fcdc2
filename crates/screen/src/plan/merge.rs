//! From changed tiles to few rectangles.

use super::classify::Kind;
use crate::canvas::Rect;
use crate::damage::TILE;

/// A smaller area of one colour goes with the flat ones, in pixels: zstd makes
/// as little of it, and it costs no message of its own.
const SOLID_PIXELS_MIN: usize = 64 * 64;
/// Fills of one frame; more go with the flat ones.
const SOLIDS_MAX: usize = 64;
/// Photographs of one frame: every file costs a viewer half a millisecond.
const PHOTOS_MAX: usize = 24;
/// Flat tiles between photographic ones that are taken along when there would
/// be too many photographs.
const GAPS: [usize; 4] = [1, 2, 4, 128];

/// What changed of a tile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) rect: Rect,
    pub(super) kind: Kind,
}

/// Rectangles by what they hold.
#[derive(Debug, Default)]
pub(super) struct Merged {
    pub(super) solids: Vec<(Rect, [u8; 3])>,
    pub(super) flats: Vec<Rect>,
    pub(super) photos: Vec<Rect>,
}

/// Merges pieces that are in the order of the grid.
pub(super) fn merge(mut pieces: Vec<Piece>) -> Merged {
    let of = |pieces: &[Piece], wanted: Kind| {
        pieces
            .iter()
            .filter(|piece| piece.kind == wanted)
            .map(|piece| piece.rect)
            .collect::<Vec<Rect>>()
    };
    let mut photos = join(of(&pieces, Kind::Photo), Waste::Quarter);
    for gap in GAPS {
        if photos.len() <= PHOTOS_MAX {
            break;
        }
        close_gaps(&mut pieces, gap);
        photos = join(of(&pieces, Kind::Photo), Waste::Quarter);
    }
    let solids = solids(&mut pieces);
    Merged {
        solids,
        flats: join(of(&pieces, Kind::Flat), Waste::Quarter),
        photos,
    }
}

/// Merges pieces of one colour; what is too small becomes flat.
fn solids(pieces: &mut Vec<Piece>) -> Vec<(Rect, [u8; 3])> {
    let mut colours: Vec<[u8; 3]> = Vec::new();
    for piece in pieces.iter() {
        if let Kind::Solid(rgb) = piece.kind
            && !colours.contains(&rgb)
            && colours.len() < SOLIDS_MAX
        {
            colours.push(rgb);
        }
    }
    let mut solids = Vec::new();
    for rgb in colours {
        let own = pieces
            .iter()
            .filter(|piece| piece.kind == Kind::Solid(rgb))
            .map(|piece| piece.rect)
            .collect();
        let merged = join(own, Waste::None);
        solids.extend(
            merged
                .into_iter()
                .filter(|rect| rect.pixels() >= SOLID_PIXELS_MIN)
                .map(|rect| (rect, rgb)),
        );
    }
    solids.sort_by_key(|(rect, _)| std::cmp::Reverse(rect.pixels()));
    solids.truncate(SOLIDS_MAX);
    pieces.retain(|piece| {
        let Kind::Solid(rgb) = piece.kind else {
            return true;
        };
        !solids
            .iter()
            .any(|(rect, colour)| *colour == rgb && rect.contains(&piece.rect))
    });
    for piece in pieces {
        if matches!(piece.kind, Kind::Solid(_)) {
            piece.kind = Kind::Flat;
        }
    }
    solids
}

/// Makes photographs of the pieces between two photographs of a row, up to
/// `gap` of them.
fn close_gaps(pieces: &mut [Piece], gap: usize) {
    let mut last: Option<usize> = None;
    for at in 0..pieces.len() {
        if pieces[at].kind != Kind::Photo {
            continue;
        }
        if let Some(before) = last
            && at - before - 1 <= gap
            && pieces[before..=at]
                .windows(2)
                .all(|pair| beside(&pair[0].rect, &pair[1].rect))
        {
            for piece in &mut pieces[before..at] {
                piece.kind = Kind::Photo;
            }
        }
        last = Some(at);
    }
}

/// Whether `right` begins where `left` ends, in the same row of tiles.
fn beside(left: &Rect, right: &Rect) -> bool {
    left.right() == u32::from(right.x) && left.y / TILE == right.y / TILE
}

/// What joining may take besides the rectangles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waste {
    /// Nothing: a fill has no pixels of its own.
    None,
    /// A quarter more pixels, sent as they are.
    Quarter,
}

/// Joins rectangles that are in the order of the grid: first along rows, then
/// rows of the same width.
pub(super) fn join(rects: Vec<Rect>, waste: Waste) -> Vec<Rect> {
    let mut joined: Vec<Rect> = Vec::new();
    // The rows before, and of them those that end where this one begins.
    let mut run: Option<Rect> = None;
    let mut open = 0;
    let mut row = 0;
    for rect in rects {
        if let Some(current) = run {
            let around = around(&current, &rect);
            let pixels = current.pixels() + rect.pixels();
            let most = match waste {
                Waste::None => pixels,
                Waste::Quarter => pixels * 5 / 4,
            };
            if beside(&current, &rect) && around.pixels() <= most {
                run = Some(around);
                continue;
            }
            stack(&mut joined, current, &mut open, &mut row);
        }
        run = Some(rect);
    }
    if let Some(current) = run {
        stack(&mut joined, current, &mut open, &mut row);
    }
    joined
}

/// Puts a run under the rectangle that it continues, or beside the others.
/// `open` is the first that can still be continued, `row` the tile row of the
/// last run.
fn stack(joined: &mut Vec<Rect>, run: Rect, open: &mut usize, row: &mut u16) {
    if run.y / TILE != *row {
        *row = run.y / TILE;
        *open = joined
            .iter()
            .position(|rect| rect.bottom() >= u32::from(run.y))
            .unwrap_or(joined.len());
    }
    let above = joined[*open..].iter_mut().find(|rect| {
        rect.bottom() == u32::from(run.y) && rect.x == run.x && rect.width == run.width
    });
    match above {
        Some(rect) => *rect = around(rect, &run),
        None => joined.push(run),
    }
}

fn around(a: &Rect, b: &Rect) -> Rect {
    Rect::between(
        u32::from(a.x.min(b.x)),
        u32::from(a.y.min(b.y)),
        a.right().max(b.right()),
        a.bottom().max(b.bottom()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map of tiles: `#` photographic, `-` flat, a digit of one colour, blank
    /// unchanged.
    fn pieces(map: &[&str]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (row, line) in (0..).zip(map) {
            for (column, tile) in (0..).zip(line.bytes()) {
                let kind = match tile {
                    b'#' => Kind::Photo,
                    b'-' => Kind::Flat,
                    b' ' => continue,
                    colour => Kind::Solid([colour; 3]),
                };
                let rect = Rect::new(column * TILE, row * TILE, TILE, TILE);
                pieces.push(Piece { rect, kind });
            }
        }
        pieces
    }

    fn tiles(x: u16, y: u16, width: u16, height: u16) -> Rect {
        Rect::new(x * TILE, y * TILE, width * TILE, height * TILE)
    }

    #[test]
    fn neighbours_of_a_kind_are_one() {
        let merged = merge(pieces(&["--##", "--##", "11- "]));
        assert_eq!(merged.flats, [tiles(0, 0, 2, 2), tiles(2, 2, 1, 1)]);
        assert_eq!(merged.photos, [tiles(2, 0, 2, 2)]);
        assert_eq!(merged.solids, [(tiles(0, 2, 2, 1), [b'1'; 3])]);
    }

    #[test]
    fn rows_of_another_width_stay_apart() {
        let merged = merge(pieces(&["###", "## ", "## "]));
        assert_eq!(merged.photos, [tiles(0, 0, 3, 1), tiles(0, 1, 2, 2)]);
    }

    #[test]
    fn scattered_photographs_become_few() {
        let line = "#-".repeat(30);
        let merged = merge(pieces(&[&line, &line, &line]));
        assert_eq!(merged.photos, [tiles(0, 0, 59, 3)]);
        assert_eq!(merged.flats, [tiles(59, 0, 1, 3)]);
    }

    #[test]
    fn unchanged_tiles_are_never_taken_along() {
        let line = "# ".repeat(30);
        let merged = merge(pieces(&[&line]));
        assert_eq!(merged.photos.len(), 30);
    }

    #[test]
    fn small_areas_of_one_colour_are_flat() {
        let rect = Rect::new(3, 3, 20, 20);
        let kind = Kind::Solid([1, 2, 3]);
        let merged = merge(vec![Piece { rect, kind }]);
        assert_eq!(merged.flats, [rect]);
        assert!(merged.solids.is_empty());
    }

    #[test]
    fn a_fill_never_covers_more_than_its_pieces() {
        let kind = Kind::Solid([1, 2, 3]);
        let high = Rect::new(0, 0, TILE, TILE);
        let low = Rect::new(TILE, 3, TILE, TILE - 3);
        let merged = merge([high, low].map(|rect| Piece { rect, kind }).to_vec());
        assert_eq!(merged.solids, [(high, [1, 2, 3])]);
        assert_eq!(merged.flats, [low]);
    }

    #[test]
    fn pieces_of_unlike_height_join_where_that_wastes_little() {
        let piece = |x, y, height| Piece {
            rect: Rect::new(x, y, TILE, height),
            kind: Kind::Flat,
        };
        let merged = merge(vec![piece(0, 10, 30), piece(64, 12, 28)]);
        assert_eq!(merged.flats, [Rect::new(0, 10, 128, 30)]);
        let merged = merge(vec![piece(0, 10, 30), piece(64, 50, 3)]);
        assert_eq!(merged.flats.len(), 2);
    }
}
