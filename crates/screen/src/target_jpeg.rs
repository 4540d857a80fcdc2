//! JPEG files that the target sent and that may be handed on as they are: those
//! whose rectangle nothing was drawn over since.

use bytes::Bytes;
use turbojpeg::Colorspace;

use crate::canvas::Rect;

/// Files kept; more, and the oldest counts as pixels only.
const FILES_MAX: usize = 256;
/// Bytes kept of all files.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of one file: it has to fit a message.
const FILE_BYTES_MAX: usize = 1_000_000;

/// A file and where it belongs.
#[derive(Debug, Clone)]
pub(crate) struct TargetJpeg {
    pub(crate) rect: Rect,
    pub(crate) file: Bytes,
}

/// The files that are current. No two of them overlap.
#[derive(Debug, Default)]
pub(crate) struct TargetJpegs {
    files: Vec<TargetJpeg>,
    bytes: usize,
}

impl TargetJpegs {
    /// A file was drawn.
    pub(crate) fn add(&mut self, rect: Rect, file: &Bytes) {
        if file.len() > FILE_BYTES_MAX {
            return;
        }
        while self.files.len() >= FILES_MAX || self.bytes + file.len() > BYTES_MAX {
            let oldest = self.files.remove(0);
            self.bytes -= oldest.file.len();
        }
        self.bytes += file.len();
        self.files.push(TargetJpeg {
            rect,
            file: file.clone(),
        });
    }

    /// Something else was drawn there.
    pub(crate) fn drawn_over(&mut self, rect: &Rect) {
        if self.files.is_empty() {
            return;
        }
        self.files.retain(|jpeg| !jpeg.rect.intersects(rect));
        self.bytes = self.files.iter().map(|jpeg| jpeg.file.len()).sum();
    }

    /// Nobody needs them any longer.
    pub(crate) fn clear(&mut self) {
        self.files = Vec::new();
        self.bytes = 0;
    }

    /// The files that show what changed: half of each is needed at least.
    /// What they cover wholly is taken out of `changed`.
    pub(crate) fn take_covered(&self, changed: &mut Vec<(usize, Rect)>) -> Vec<&TargetJpeg> {
        let useful: Vec<&TargetJpeg> = self
            .files
            .iter()
            .filter(|jpeg| {
                let needed: usize = changed
                    .iter()
                    .map(|(_, rect)| rect.intersection(&jpeg.rect).pixels())
                    .sum();
                needed * 2 >= jpeg.rect.pixels() && is_plain(jpeg)
            })
            .collect();
        changed.retain(|(_, rect)| {
            let covered: usize = useful
                .iter()
                .map(|jpeg| jpeg.rect.intersection(rect).pixels())
                .sum();
            covered < rect.pixels()
        });
        useful
    }
}

/// Whether a browser shows the file as we do: of the rectangle's size, and of
/// a colour space that every decoder knows.
fn is_plain(jpeg: &TargetJpeg) -> bool {
    turbojpeg::read_header(&jpeg.file).is_ok_and(|header| {
        header.width == usize::from(jpeg.rect.width)
            && header.height == usize::from(jpeg.rect.height)
            && matches!(header.colorspace, Colorspace::YCbCr | Colorspace::Gray)
    })
}
