//! What a connection is asked to be.

use crate::encoding::{Encoding, Extras};
use crate::pixel::ColourDepth;

/// What a connection is asked to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// Others may stay connected; else the server throws them out.
    pub shared: bool,
    /// Which pixels the server is asked for.
    pub colour_depth: ColourDepth,
    /// The server takes red for blue: so do we.
    pub swap_red_and_blue: bool,
    /// Encodings, the most wanted first.
    pub encodings: Vec<Encoding>,
    /// JPEG in Tight, of quality 0 to 9; none: nothing is lost.
    pub quality: Option<u8>,
    /// That only while the picture moves: what is still comes without loss.
    pub quality_in_motion_only: bool,
    /// How much work compression is worth to the server, 0 to 9.
    pub compression: Option<u8>,
    /// The viewer draws the pointer; else the server draws it into the picture.
    pub cursor: bool,
    /// The target's clipboard is wanted.
    pub copy: bool,
    /// The viewer's clipboard may be offered.
    pub paste: bool,
    /// Bytes of text that are taken from the target's clipboard.
    pub clipboard_bytes_max: usize,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            shared: true,
            colour_depth: ColourDepth::Bits24,
            swap_red_and_blue: false,
            encodings: Encoding::PREFERRED.to_vec(),
            quality: Some(8),
            quality_in_motion_only: false,
            compression: Some(2),
            cursor: true,
            copy: true,
            paste: true,
            clipboard_bytes_max: 1024 * 1024,
        }
    }
}

impl ClientConfig {
    pub(crate) const fn extras(&self) -> Extras {
        Extras {
            cursor: self.cursor,
            clipboard: self.copy || self.paste,
            quality: self.quality,
            compression: self.compression,
        }
    }
}
