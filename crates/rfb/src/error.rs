//! Why a connection cannot go on. The target is at fault in every case.

use crate::limits::{
    CURSOR_PIXELS_MAX, JPEG_PIXELS_MAX, PARTS_OVERLAP_MAX, SCREEN_PIXELS_MAX, SCREEN_SIDE_MAX,
};

/// What the server sent that no server may send, or more than we take. The
/// connection is over; opening it again may help if the server's state was
/// the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RfbError {
    /// The screen is larger than we hold.
    #[error(
        "screen of {width}x{height} is larger than {SCREEN_SIDE_MAX} on a side or {SCREEN_PIXELS_MAX} pixels"
    )]
    ScreenTooLarge {
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
    /// A rectangle that is not within the screen.
    #[error("rectangle {width}x{height} at {x},{y} is outside of the screen")]
    OutsideScreen {
        /// From the left.
        x: u16,
        /// From the top.
        y: u16,
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
    /// The server's name for the desktop is longer than anything sensible.
    #[error("desktop name of {0} bytes is too long")]
    NameTooLong(u32),
    /// A pixel format that nothing can be read with.
    #[error("pixel format is invalid")]
    PixelFormat,
    /// Entries beyond the end of a colour map.
    #[error("colour map entries are outside of the map")]
    ColourMap,
    /// A message that was not agreed on, or that nobody knows.
    #[error("unknown server message {0}")]
    UnknownMessage(u8),
    /// An encoding that was not asked for.
    #[error("unknown encoding {0}")]
    UnknownEncoding(i32),
    /// More sub-rectangles than their rectangle has pixels.
    #[error("rectangle has {0} parts, more than pixels")]
    TooManyParts(u32),
    /// A part of a rectangle or tile that is not within it.
    #[error("part of a rectangle is outside of it")]
    PartOutside,
    /// Parts of a rectangle that cover it over and over.
    #[error("parts of a rectangle cover it more than {PARTS_OVERLAP_MAX} times")]
    PartsOverlap,
    /// A tile type that the encoding does not have.
    #[error("tile type {0} does not exist")]
    TileType(u8),
    /// A pixel that names a colour which its palette does not have.
    #[error("palette index {0} is outside of the palette")]
    PaletteIndex(u8),
    /// A run of pixels that goes on past the end of its tile.
    #[error("run of pixels is longer than its tile")]
    RunTooLong,
    /// Compressed bytes that are none.
    #[error("compressed data is damaged")]
    Zlib,
    /// Compressed bytes that hold less than announced.
    #[error("compressed data ends early")]
    ZlibShort,
    /// Compressed bytes that hold more than announced.
    #[error("compressed data holds more than its rectangle")]
    ZlibLong,
    /// A kind of Tight rectangle that does not exist or was not asked for.
    #[error("tight rectangle of kind {0:#04x} does not exist")]
    TightKind(u8),
    /// A Tight filter that does not exist.
    #[error("tight filter {0} does not exist")]
    TightFilter(u8),
    /// A picture file that cannot be read.
    #[error("jpeg cannot be read: {0}")]
    Jpeg(String),
    /// A picture file that is not of its rectangle's size.
    #[error("jpeg of {width}x{height} is not the size of its rectangle")]
    JpegSize {
        /// Pixels across.
        width: usize,
        /// Pixels down.
        height: usize,
    },
    /// A picture file with more pixels than we decode at once.
    #[error("jpeg has more than {JPEG_PIXELS_MAX} pixels")]
    JpegTooLarge,
    /// A pointer that is larger than any pointer.
    #[error("cursor has more than {CURSOR_PIXELS_MAX} pixels")]
    CursorTooLarge,
    /// A kind of cursor that does not exist.
    #[error("cursor of kind {0} does not exist")]
    CursorKind(u32),
    /// A message of the extended clipboard that makes no sense.
    #[error("clipboard message is malformed")]
    Clipboard,
}
