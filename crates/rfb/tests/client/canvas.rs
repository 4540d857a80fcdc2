//! A canvas that remembers.

use bytes::Bytes;
use causeway_screen::{Canvas, CursorImage, Rect, Size};

/// Colours of every pixel, and what else was drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) size: Size,
    pub(crate) pixels: Vec<[u8; 3]>,
    pub(crate) frames: u32,
    pub(crate) files: Vec<(Rect, Bytes)>,
    pub(crate) cursor: Option<CursorImage>,
    pub(crate) pointer: Option<(u16, u16)>,
}

impl Picture {
    pub(crate) fn new(width: u16, height: u16, colour: impl Fn(u16, u16) -> [u8; 3]) -> Self {
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Self {
            size: Size { width, height },
            pixels: rows.map(|(x, y)| colour(x, y)).collect(),
            ..Self::default()
        }
    }

    pub(crate) fn whole(&self) -> Rect {
        Rect {
            x: 0,
            y: 0,
            width: self.size.width,
            height: self.size.height,
        }
    }

    pub(crate) fn at(&self, x: u16, y: u16) -> [u8; 3] {
        self.pixels[self.place(x, y)]
    }

    pub(crate) fn map(&self, change: impl Fn([u8; 3]) -> [u8; 3]) -> Self {
        let pixels = self.pixels.iter().map(|colour| change(*colour)).collect();
        Self {
            pixels,
            ..self.clone()
        }
    }

    /// The colours of a rectangle, row by row.
    pub(crate) fn colours(&self, rect: Rect) -> Vec<[u8; 3]> {
        let rows = rect.y..rect.y + rect.height;
        rows.flat_map(|y| (rect.x..rect.x + rect.width).map(move |x| (x, y)))
            .map(|(x, y)| self.at(x, y))
            .collect()
    }

    fn place(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size.width) + usize::from(x)
    }

    /// The rectangle is one that the canvas may be given.
    fn check(&self, rect: Rect) {
        assert!(rect.width > 0 && rect.height > 0);
        assert!(u32::from(rect.x) + u32::from(rect.width) <= u32::from(self.size.width));
        assert!(u32::from(rect.y) + u32::from(rect.height) <= u32::from(self.size.height));
    }
}

impl Canvas for Picture {
    fn set_size(&mut self, size: Size) {
        self.size = size;
        self.pixels = vec![[0; 3]; usize::from(size.width) * usize::from(size.height)];
    }

    fn size(&self) -> Size {
        self.size
    }

    fn put(&mut self, rect: Rect, pixels: &[u8]) {
        self.check(rect);
        let area = usize::from(rect.width) * usize::from(rect.height);
        assert_eq!(pixels.len(), area * 4);
        let mut source = pixels.chunks_exact(4);
        for y in rect.y..rect.y + rect.height {
            for x in rect.x..rect.x + rect.width {
                let place = self.place(x, y);
                let pixel = source.next().unwrap();
                self.pixels[place] = [pixel[0], pixel[1], pixel[2]];
            }
        }
    }

    fn fill(&mut self, rect: Rect, rgb: [u8; 3]) {
        self.check(rect);
        for y in rect.y..rect.y + rect.height {
            let start = self.place(rect.x, y);
            self.pixels[start..start + usize::from(rect.width)].fill(rgb);
        }
    }

    fn copy(&mut self, source: Rect, x: u16, y: u16) {
        self.check(source);
        let colours = self.colours(source);
        let target = Rect { x, y, ..source };
        self.check(target);
        for (row, colours) in colours.chunks_exact(usize::from(source.width)).enumerate() {
            let start = self.place(x, y + u16::try_from(row).unwrap());
            self.pixels[start..start + colours.len()].copy_from_slice(colours);
        }
    }

    fn put_jpeg(&mut self, rect: Rect, jpeg: &Bytes, pixels: &[u8]) {
        self.files.push((rect, jpeg.clone()));
        self.put(rect, pixels);
    }

    fn read(&self, rect: Rect, into: &mut Vec<u8>) {
        for [r, g, b] in self.colours(rect) {
            into.extend([r, g, b, 255]);
        }
    }

    fn end_frame(&mut self) {
        self.frames += 1;
    }

    fn set_cursor(&mut self, cursor: CursorImage) {
        self.cursor = Some(cursor);
    }

    fn move_cursor(&mut self, x: u16, y: u16) {
        self.pointer = Some((x, y));
    }
}
