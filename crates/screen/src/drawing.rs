//! The screen as a protocol's decoder sees it.

use std::time::Instant;

use bytes::Bytes;

use crate::canvas::{Canvas, CursorImage, Rect, Size};
use crate::screen::Screen;

/// A screen while something is drawn on it; [`Screen::draw`] gives it.
#[derive(Debug)]
pub struct Drawing<'a> {
    pub(crate) screen: &'a mut Screen,
    pub(crate) now: Instant,
}

impl Canvas for Drawing<'_> {
    fn set_size(&mut self, size: Size) {
        self.screen.set_size(size);
    }

    fn size(&self) -> Size {
        self.screen.size()
    }

    fn put(&mut self, rect: Rect, pixels: &[u8]) {
        self.screen.put(rect, pixels);
    }

    fn fill(&mut self, rect: Rect, rgb: [u8; 3]) {
        self.screen.fill(rect, rgb);
    }

    fn copy(&mut self, source: Rect, x: u16, y: u16) {
        self.screen.copy(source, x, y);
    }

    fn put_jpeg(&mut self, rect: Rect, jpeg: &Bytes, pixels: &[u8]) {
        self.screen.put_jpeg(rect, jpeg, pixels);
    }

    fn read(&self, rect: Rect, into: &mut Vec<u8>) {
        self.screen.read(rect, into);
    }

    fn end_frame(&mut self) {
        self.screen.end_frame(self.now);
    }

    fn set_cursor(&mut self, cursor: CursorImage) {
        self.screen.set_cursor(cursor);
    }

    fn move_cursor(&mut self, x: u16, y: u16) {
        self.screen.move_cursor(x, y);
    }
}
