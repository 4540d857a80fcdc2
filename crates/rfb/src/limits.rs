//! What a server may make us hold, whatever it sends.

/// Pixels on one side of a screen.
pub const SCREEN_SIDE_MAX: u16 = 16_384;
/// Pixels of a screen: 8192 by 5120, an 8K screen and some.
pub const SCREEN_PIXELS_MAX: u32 = 8192 * 5120;
/// Bytes of the desktop's name that are kept.
pub const NAME_BYTES_KEPT: usize = 1024;
/// Bytes of a desktop's name; a server that announces more is none.
pub const NAME_BYTES_MAX: u32 = 1024 * 1024;
/// Pixels of a cursor: 512 by 512.
pub const CURSOR_PIXELS_MAX: usize = 512 * 512;
/// Pixels of one JPEG file; servers split far below.
pub const JPEG_PIXELS_MAX: usize = 16 * 1024 * 1024;
/// Pixels that one call draws, give or take a rectangle: a few bytes may fill
/// a screen, and others share the processor.
pub const PIXELS_AT_ONCE: u64 = 64 * 1024 * 1024;
/// How often the parts of a rectangle may cover it; servers' do not overlap.
pub const PARTS_OVERLAP_MAX: u64 = 4;
/// Bytes of pixels that are handed to the canvas in one piece, where an
/// encoding leaves the choice: small enough for the processor's caches.
pub const BAND_BYTES: usize = 64 * 1024;
/// Bytes that are inflated before they are looked at: a row of the widest
/// screen, or any tile.
pub const INFLATED_BYTES: usize = SCREEN_SIDE_MAX as usize * 4;
/// Bytes of working memory that are kept from one rectangle to the next.
pub const KEPT_BYTES: usize = 256 * 1024;
/// Bytes of a fence's payload (rfbproto, "ServerFence").
pub const FENCE_BYTES_MAX: usize = 64;
/// Keys that are held down at once; more than people have fingers, for keys
/// whose release got lost.
pub const KEYS_HELD_MAX: usize = 64;
/// Wheel notches of one pointer event.
pub const NOTCHES_MAX: i32 = 32;
