//! What a protocol draws on.

use bytes::Bytes;

/// A size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Size {
    /// Across.
    pub width: u16,
    /// Down.
    pub height: u16,
}

/// A rectangle of a screen, in pixels from its top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rect {
    /// From the left.
    pub x: u16,
    /// From the top.
    pub y: u16,
    /// Across.
    pub width: u16,
    /// Down.
    pub height: u16,
}

/// The pointer as the target wants it to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CursorImage {
    /// No pointer is shown.
    Hidden,
    /// The viewer's own arrow.
    Default,
    /// A picture.
    Shape {
        /// Its size.
        size: Size,
        /// The pixel that points, from its left.
        hotspot_x: u16,
        /// The pixel that points, from its top.
        hotspot_y: u16,
        /// Straight-alpha RGBA, four bytes a pixel, rows from the top.
        rgba: Bytes,
    },
}

/// A surface that a protocol's decoder draws on.
///
/// Pixels are four bytes: red, green, blue, and one that means nothing.
/// Rectangles lie within the size set last; an implementation clips what does
/// not, and never panics.
pub trait Canvas {
    /// The screen has another size now; what it shows is undefined until drawn.
    fn set_size(&mut self, size: Size);
    /// The size set last.
    fn size(&self) -> Size;
    /// Puts `pixels` (`rect.width * rect.height * 4` bytes, rows without
    /// gaps) into `rect`.
    fn put(&mut self, rect: Rect, pixels: &[u8]);
    /// Fills `rect` with one colour.
    fn fill(&mut self, rect: Rect, rgb: [u8; 3]);
    /// Moves a rectangle's content; the two may overlap.
    fn copy(&mut self, source: Rect, x: u16, y: u16);
    /// Puts `pixels`, which came as the JPEG file `jpeg`: a viewer may be given
    /// the file as it is.
    fn put_jpeg(&mut self, rect: Rect, jpeg: &Bytes, pixels: &[u8]);
    /// The pixels of `rect` as they are, appended to `into`.
    fn read(&self, rect: Rect, into: &mut Vec<u8>);
    /// All drawn since the last call is one picture.
    fn end_frame(&mut self);
    /// The pointer looks like this.
    fn set_cursor(&mut self, cursor: CursorImage);
    /// The target moved the pointer.
    fn move_cursor(&mut self, x: u16, y: u16);
}
