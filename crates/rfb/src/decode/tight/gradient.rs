//! Tight's gradient filter: a pixel is foretold by those above and before it.

use crate::pixel::Unpack;

/// Where the filter is: it needs the row above.
#[derive(Debug)]
pub(crate) struct Gradient {
    /// The parts of the pixels of the row above, black at first.
    above: Vec<[u16; 3]>,
}

impl Gradient {
    pub(crate) fn new(width: usize) -> Self {
        Self {
            above: vec![[0; 3]; width],
        }
    }

    /// Appends the pixels of some rows.
    pub(crate) fn unpack_rows(&mut self, unpack: &Unpack, bytes: &[u8], pixels: &mut Vec<u8>) {
        let row = self.above.len() * unpack.bytes();
        for row in bytes.chunks_exact(row.max(1)) {
            self.unpack_row(unpack, row, pixels);
        }
    }

    fn unpack_row(&mut self, unpack: &Unpack, row: &[u8], pixels: &mut Vec<u8>) {
        let max = unpack.parts_max();
        let (mut before, mut above_before) = ([0; 3], [0; 3]);
        for (difference, above) in row.chunks_exact(unpack.bytes()).zip(&mut self.above) {
            let difference = unpack.parts(difference);
            let parts = std::array::from_fn(|part| {
                let foretold = foretell(before[part], above[part], above_before[part], max[part]);
                foretold.wrapping_add(difference[part]) & max[part]
            });
            above_before = *above;
            before = parts;
            *above = parts;
            pixels.extend_from_slice(&unpack.join(parts));
        }
    }
}

/// The plane through three neighbours, within what a part can be.
fn foretell(before: u16, above: u16, above_before: u16, max: u16) -> u16 {
    let plane = i32::from(before) + i32::from(above) - i32::from(above_before);
    u16::try_from(plane.clamp(0, i32::from(max))).unwrap_or(max)
}
