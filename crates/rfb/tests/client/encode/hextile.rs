//! Hextile: background, parts of one or many colours, or raw.

use causeway_screen::Rect;

use crate::canvas::Picture;
use crate::encode::rre::runs;
use crate::pixels::Writer;

pub(crate) fn hextile(picture: &Picture, rect: Rect, writer: &Writer) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut before = None;
    for y in (0..rect.height).step_by(16) {
        for x in (0..rect.width).step_by(16) {
            let tile = Rect {
                x: rect.x + x,
                y: rect.y + y,
                width: 16.min(rect.width - x),
                height: 16.min(rect.height - y),
            };
            before = draw(picture, tile, writer, before, &mut bytes);
        }
    }
    bytes
}

/// One tile; the background that the next may leave out.
fn draw(
    picture: &Picture,
    tile: Rect,
    writer: &Writer,
    before: Option<[u8; 3]>,
    bytes: &mut Vec<u8>,
) -> Option<[u8; 3]> {
    let background = picture.at(tile.x, tile.y);
    let runs = runs(picture, tile, background);
    if runs.len() > 255 {
        bytes.push(1);
        bytes.extend(
            picture
                .colours(tile)
                .iter()
                .flat_map(|rgb| writer.whole(*rgb)),
        );
        return None;
    }
    let says_background = before != Some(background);
    let foreground = runs.first().map(|run| run.3);
    let one_colour = runs.iter().all(|run| Some(run.3) == foreground);
    let mut kind = u8::from(says_background) << 1;
    kind |= match (runs.is_empty(), one_colour) {
        (true, _) => 0,
        (false, true) => 4 | 8,
        (false, false) => 8 | 16,
    };
    bytes.push(kind);
    if says_background {
        bytes.extend(writer.whole(background));
    }
    if kind & 4 != 0 {
        bytes.extend(writer.whole(foreground.unwrap()));
    }
    if kind & 8 != 0 {
        bytes.push(u8::try_from(runs.len()).unwrap());
    }
    for (x, y, width, colour) in runs {
        if kind & 16 != 0 {
            bytes.extend(writer.whole(colour));
        }
        bytes.push(u8::try_from(x << 4 | y).unwrap());
        bytes.push(u8::try_from((width - 1) << 4).unwrap());
    }
    Some(background)
}
