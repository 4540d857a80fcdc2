//! TRLE and ZRLE: tiles of one kind each, as far as their colours allow it.

use causeway_screen::Rect;

use crate::canvas::Picture;
use crate::pixels::Writer;

/// How a tile is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TileKind {
    Raw,
    Runs,
    Palette,
    PaletteRuns,
}

impl TileKind {
    pub(crate) const ALL: [Self; 4] = [Self::Raw, Self::Runs, Self::Palette, Self::PaletteRuns];
}

pub(crate) fn tiles(
    picture: &Picture,
    rect: Rect,
    writer: &Writer,
    kind: TileKind,
    side: u16,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    for y in (0..rect.height).step_by(side.into()) {
        for x in (0..rect.width).step_by(side.into()) {
            let area = Rect {
                x: rect.x + x,
                y: rect.y + y,
                width: side.min(rect.width - x),
                height: side.min(rect.height - y),
            };
            bytes.extend(tile(
                &picture.colours(area),
                area.width.into(),
                writer,
                kind,
            ));
        }
    }
    bytes
}

fn tile(colours: &[[u8; 3]], width: usize, writer: &Writer, kind: TileKind) -> Vec<u8> {
    let mut palette: Vec<[u8; 3]> = colours.to_vec();
    palette.sort_unstable();
    palette.dedup();
    let count = u8::try_from(palette.len()).unwrap_or(u8::MAX);
    let colours_of = |palette: &[[u8; 3]]| -> Vec<u8> {
        palette
            .iter()
            .flat_map(|rgb| writer.compact(*rgb))
            .collect()
    };
    match (kind, count) {
        (_, 1) if kind != TileKind::Raw => [vec![1], colours_of(&palette)].concat(),
        (TileKind::Palette, 2..=16) => {
            let indices = packed(colours, width, &palette);
            [vec![count], colours_of(&palette), indices].concat()
        }
        (TileKind::PaletteRuns, 2..=127) => {
            let runs = palette_runs(colours, &palette);
            [vec![128 + count], colours_of(&palette), runs].concat()
        }
        (TileKind::Runs, _) => {
            let runs = runs(colours).into_iter();
            let runs = runs.flat_map(|(rgb, length)| [writer.compact(rgb), run(length)].concat());
            [vec![128], runs.collect()].concat()
        }
        _ => [vec![0], colours_of(colours)].concat(),
    }
}

fn index(palette: &[[u8; 3]], colour: [u8; 3]) -> u8 {
    u8::try_from(palette.binary_search(&colour).unwrap()).unwrap()
}

fn packed(colours: &[[u8; 3]], width: usize, palette: &[[u8; 3]]) -> Vec<u8> {
    let bits = match palette.len() {
        ..=2 => 1,
        3..=4 => 2,
        _ => 4,
    };
    let mut bytes = Vec::new();
    for row in colours.chunks(width) {
        for part in row.chunks(8 / bits) {
            let byte = part.iter().enumerate().fold(0, |byte, (place, colour)| {
                byte | index(palette, *colour) << (8 - bits * (place + 1))
            });
            bytes.push(byte);
        }
    }
    bytes
}

fn runs(colours: &[[u8; 3]]) -> Vec<([u8; 3], usize)> {
    colours
        .chunk_by(|one, other| one == other)
        .map(|run| (run[0], run.len()))
        .collect()
}

fn palette_runs(colours: &[[u8; 3]], palette: &[[u8; 3]]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (colour, length) in runs(colours) {
        if length == 1 {
            bytes.push(index(palette, colour));
        } else {
            bytes.push(index(palette, colour) | 0x80);
            bytes.extend(run(length));
        }
    }
    bytes
}

fn run(length: usize) -> Vec<u8> {
    let mut left = length - 1;
    let mut bytes = Vec::new();
    while left >= 255 {
        bytes.push(255);
        left -= 255;
    }
    bytes.push(u8::try_from(left).unwrap());
    bytes
}
