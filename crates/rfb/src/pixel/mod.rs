//! Pixels as servers send them, and as the canvas wants them.

mod format;
mod unpack;

pub use format::{ColourDepth, PixelFormat};
pub(crate) use unpack::{PixelCodec, Unpack};
