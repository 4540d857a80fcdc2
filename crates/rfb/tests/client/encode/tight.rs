//! Tight: fill, and rows through its filters.

use causeway_screen::Rect;

use crate::canvas::Picture;
use crate::encode::zlib::Stream;
use crate::pixels::Writer;

/// What rows go through, as far as their colours allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    /// None, unsaid.
    None,
    Copy,
    Palette,
    Gradient,
}

impl Filter {
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::Copy, Self::Palette, Self::Gradient];
}

pub(crate) fn tight(
    picture: &Picture,
    rect: Rect,
    writer: &Writer,
    filter: Filter,
    streams: &mut [Stream; 4],
) -> Vec<u8> {
    let colours = picture.colours(rect);
    let mut palette = colours.clone();
    palette.sort_unstable();
    palette.dedup();
    if palette.len() == 1 {
        return [vec![0x80], writer.tight(palette[0])].concat();
    }
    let width = usize::from(rect.width);
    let (control, head, rows): (u8, Vec<u8>, Vec<u8>) = match filter {
        Filter::Palette if palette.len() <= 256 => {
            let count = u8::try_from(palette.len() - 1).unwrap();
            let entries: Vec<u8> = palette.iter().flat_map(|rgb| writer.tight(*rgb)).collect();
            let head = [vec![1, count], entries].concat();
            (0x50, head, indices(&colours, width, &palette))
        }
        Filter::Gradient => (0x70, vec![2], gradient(&colours, width, writer)),
        Filter::Copy => (0x60, vec![0], plain(&colours, writer)),
        Filter::None | Filter::Palette => (0x00, vec![], plain(&colours, writer)),
    };
    let stream = &mut streams[usize::from(control >> 4 & 3)];
    [vec![control], head, tight_bytes(&rows, stream)].concat()
}

/// Rows as they are if there are few, else packed behind their length.
fn tight_bytes(rows: &[u8], stream: &mut Stream) -> Vec<u8> {
    if rows.len() < 12 {
        return rows.to_vec();
    }
    let packed = stream.pack(rows);
    [compact_length(packed.len()), packed].concat()
}

pub(crate) fn compact_length(length: usize) -> Vec<u8> {
    let part = |shift: usize| u8::try_from(length >> shift & 0x7f).unwrap();
    match length {
        ..0x80 => vec![part(0)],
        0x80..0x4000 => vec![part(0) | 0x80, part(7)],
        _ => vec![
            part(0) | 0x80,
            part(7) | 0x80,
            u8::try_from(length >> 14).unwrap(),
        ],
    }
}

fn plain(colours: &[[u8; 3]], writer: &Writer) -> Vec<u8> {
    colours.iter().flat_map(|rgb| writer.tight(*rgb)).collect()
}

fn indices(colours: &[[u8; 3]], width: usize, palette: &[[u8; 3]]) -> Vec<u8> {
    let index = |colour: &[u8; 3]| u8::try_from(palette.binary_search(colour).unwrap()).unwrap();
    if palette.len() > 2 {
        return colours.iter().map(index).collect();
    }
    let bits = |part: &[[u8; 3]]| {
        part.iter().enumerate().fold(0, |byte, (place, colour)| {
            byte | index(colour) << (7 - place)
        })
    };
    colours
        .chunks(width)
        .flat_map(|row| row.chunks(8).map(bits).collect::<Vec<_>>())
        .collect()
}

/// Every part less what its neighbours foretell.
fn gradient(colours: &[[u8; 3]], width: usize, writer: &Writer) -> Vec<u8> {
    let max = if writer.is_true_24() {
        [255; 3]
    } else {
        writer.format.max.map(i32::from)
    };
    let part = |x: usize, y: usize, part: usize| {
        let rgb = colours[y * width + x];
        if writer.is_true_24() {
            i32::from(rgb[part])
        } else {
            i32::try_from(writer.part(rgb, part)).unwrap()
        }
    };
    let mut bytes = Vec::new();
    for place in 0..colours.len() {
        let (x, y) = (place % width, place / width);
        let differences: [u32; 3] = std::array::from_fn(|colour| {
            let left = if x > 0 { part(x - 1, y, colour) } else { 0 };
            let above = if y > 0 { part(x, y - 1, colour) } else { 0 };
            let corner = if x > 0 && y > 0 {
                part(x - 1, y - 1, colour)
            } else {
                0
            };
            let foretold = (left + above - corner).clamp(0, max[colour]);
            u32::try_from((part(x, y, colour) - foretold) & max[colour]).unwrap()
        });
        bytes.extend(difference_bytes(differences, writer));
    }
    bytes
}

fn difference_bytes(differences: [u32; 3], writer: &Writer) -> Vec<u8> {
    if writer.is_true_24() {
        return differences
            .iter()
            .map(|part| u8::try_from(*part).unwrap())
            .collect();
    }
    let number = (0..3).fold(0, |number, part| {
        number | differences[part] << writer.format.shift[part]
    });
    let bytes = usize::from(writer.format.bits_per_pixel / 8);
    if writer.format.big_endian {
        number.to_be_bytes()[4 - bytes..].to_vec()
    } else {
        number.to_le_bytes()[..bytes].to_vec()
    }
}
