//! A viewer by the book: decodes every message and refuses what no viewer
//! should be sent.

use causeway_screen::{Rect, Size};
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{self, CursorShape, Tile, TileCodec, ToViewer};
use prost::Message;

/// What a viewer shows.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    pub(crate) size: Size,
    /// Three bytes a pixel.
    pub(crate) rgb: Vec<u8>,
    pub(crate) cursor: Option<CursorShape>,
    pub(crate) pointer: Option<(u32, u32)>,
    /// Number of the last frame.
    pub(crate) frame: u64,
    pub(crate) counts: Counts,
}

/// How the picture came.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) copies: usize,
    pub(crate) solids: usize,
    pub(crate) exact: usize,
    pub(crate) photos: usize,
    pub(crate) bytes: usize,
}

impl Reference {
    /// Applies messages; gives the frame that they end, if they end one.
    pub(crate) fn apply(&mut self, bodies: &[Body]) -> Option<u64> {
        let mut mark = None;
        for body in bodies {
            assert_eq!(mark, None, "a frame mark is last");
            let length = ToViewer::from(body.clone()).encoded_len();
            assert!(length <= 1024 * 1024, "a message of {length} bytes");
            self.counts.bytes += length;
            match body {
                Body::SurfaceCreated(surface) => {
                    assert_eq!(surface.surface, 0);
                    self.size = Size {
                        width: surface.width.try_into().unwrap(),
                        height: surface.height.try_into().unwrap(),
                    };
                    // Not black: what is not drawn must be seen to be missing.
                    self.rgb = vec![0x5a; self.size.pixels() * 3];
                }
                Body::Tile(tile) => self.tile(tile),
                Body::Solid(solid) => {
                    self.counts.solids += 1;
                    let rect = self.rect(solid.rect.as_ref());
                    let [_, red, green, blue] = solid.rgb.to_be_bytes();
                    self.put(&rect, &[red, green, blue].repeat(rect.pixels()));
                }
                Body::Copy(copy) => {
                    self.counts.copies += 1;
                    let source = self.rect(copy.source.as_ref());
                    let target = self.rect(Some(&message::Rect {
                        x: copy.x,
                        y: copy.y,
                        ..copy.source.unwrap()
                    }));
                    let pixels = self.take(&source);
                    self.put(&target, &pixels);
                }
                Body::CursorShape(shape) => self.cursor = Some(shape.clone()),
                Body::CursorMoved(moved) => self.pointer = Some((moved.x, moved.y)),
                Body::FrameMark(frame) => {
                    assert_eq!(frame.frame, self.frame + 1, "frames count up");
                    self.frame = frame.frame;
                    mark = Some(frame.frame);
                }
                other => panic!("unexpected {other:?}"),
            }
        }
        mark
    }

    fn tile(&mut self, tile: &Tile) {
        assert_eq!(tile.surface, 0);
        let rects: Vec<Rect> = tile
            .rects
            .iter()
            .map(|rect| self.rect(Some(rect)))
            .collect();
        match tile.codec() {
            TileCodec::Rgb24Zstd => {
                self.counts.exact += rects.len();
                let length: usize = rects.iter().map(|rect| rect.pixels() * 3).sum();
                let rgb = zstd::bulk::decompress(&tile.data, length).unwrap();
                assert_eq!(rgb.len(), length);
                let mut rest = &rgb[..];
                for rect in rects {
                    let (pixels, after) = rest.split_at(rect.pixels() * 3);
                    self.put(&rect, pixels);
                    rest = after;
                }
            }
            TileCodec::Jpeg => {
                self.counts.photos += 1;
                let [rect] = rects[..] else {
                    panic!("a JPEG fills one rectangle");
                };
                let format = turbojpeg::PixelFormat::RGB;
                let image = turbojpeg::decompress(&tile.data, format).unwrap();
                assert_eq!(image.width, usize::from(rect.width));
                assert_eq!(image.height, usize::from(rect.height));
                for (row, pixels) in (0..).zip(image.pixels.chunks_exact(image.pitch)) {
                    let line = Rect::new(rect.x, rect.y + row, rect.width, 1);
                    self.put(&line, &pixels[..image.width * 3]);
                }
            }
            other => panic!("unexpected {other:?}"),
        }
    }

    /// A rectangle that must lie within the surface.
    fn rect(&self, rect: Option<&message::Rect>) -> Rect {
        let rect = rect.unwrap();
        assert!(rect.width > 0 && rect.height > 0, "{rect:?}");
        assert!(
            rect.x + rect.width <= u32::from(self.size.width),
            "{rect:?}"
        );
        assert!(
            rect.y + rect.height <= u32::from(self.size.height),
            "{rect:?}"
        );
        let narrow = |value: u32| u16::try_from(value).unwrap();
        Rect::new(
            narrow(rect.x),
            narrow(rect.y),
            narrow(rect.width),
            narrow(rect.height),
        )
    }

    fn at(&self, rect: &Rect, row: u16) -> std::ops::Range<usize> {
        let width = usize::from(self.size.width);
        let start = (usize::from(rect.y + row) * width + usize::from(rect.x)) * 3;
        start..start + usize::from(rect.width) * 3
    }

    fn take(&self, rect: &Rect) -> Vec<u8> {
        let row = |row| self.rgb[self.at(rect, row)].to_vec();
        (0..rect.height).flat_map(row).collect()
    }

    fn put(&mut self, rect: &Rect, pixels: &[u8]) {
        let rows = pixels.chunks_exact(usize::from(rect.width) * 3);
        for (row, pixels) in (0..rect.height).zip(rows) {
            let at = self.at(rect, row);
            self.rgb[at].copy_from_slice(pixels);
        }
    }
}

/// The meant bytes of four-byte pixels.
pub(crate) fn rgb(pixels: &[u8]) -> Vec<u8> {
    let meant = |pixel: &[u8]| [pixel[0], pixel[1], pixel[2]];
    pixels.chunks_exact(4).flat_map(meant).collect()
}

/// Peak signal-to-noise ratio in dB; infinite for equal pictures.
pub(crate) fn psnr(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let error: f64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2))
        .sum();
    let mean = error / a.len() as f64;
    10.0 * (255.0_f64.powi(2) / mean).log10()
}
