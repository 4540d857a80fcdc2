//! RRE and CoRRE: every run of pixels that is not background is a part.

use causeway_screen::Rect;

use crate::canvas::Picture;
use crate::pixels::Writer;

pub(crate) fn rre(picture: &Picture, rect: Rect, writer: &Writer) -> Vec<u8> {
    parts(picture, rect, writer, |number| {
        number.to_be_bytes().to_vec()
    })
}

pub(crate) fn corre(picture: &Picture, rect: Rect, writer: &Writer) -> Vec<u8> {
    parts(picture, rect, writer, |number| {
        vec![u8::try_from(number).unwrap()]
    })
}

fn parts(
    picture: &Picture,
    rect: Rect,
    writer: &Writer,
    number: impl Fn(u16) -> Vec<u8>,
) -> Vec<u8> {
    let background = picture.at(rect.x, rect.y);
    let runs = runs(picture, rect, background);
    let mut bytes = u32::try_from(runs.len()).unwrap().to_be_bytes().to_vec();
    bytes.extend(writer.whole(background));
    for (x, y, width, colour) in runs {
        bytes.extend(writer.whole(colour));
        bytes.extend([x, y, width, 1].into_iter().flat_map(&number));
    }
    bytes
}

/// Runs within rows, from the rectangle's corner: x, y, length and colour.
pub(crate) fn runs(
    picture: &Picture,
    rect: Rect,
    background: [u8; 3],
) -> Vec<(u16, u16, u16, [u8; 3])> {
    let mut runs = Vec::new();
    for y in 0..rect.height {
        let mut x = 0;
        while x < rect.width {
            let colour = picture.at(rect.x + x, rect.y + y);
            let start = x;
            while x < rect.width && picture.at(rect.x + x, rect.y + y) == colour {
                x += 1;
            }
            if colour != background {
                runs.push((start, y, x - start, colour));
            }
        }
    }
    runs
}
