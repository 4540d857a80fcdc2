//! Encodings and their numbers (RFC 6143 section 7.7 and rfbproto).

use std::str::FromStr;

/// How a server may send pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Plain pixels.
    Raw,
    /// From elsewhere on the screen.
    CopyRect,
    /// A background with rectangles.
    Rre,
    /// The same in rectangles of at most 255 pixels.
    CoRre,
    /// Tiles, each a background with rectangles.
    Hextile,
    /// Compressed plain pixels.
    Zlib,
    /// Palettes, gradients and JPEG files.
    Tight,
    /// Tiles of palettes and runs.
    Trle,
    /// The same, compressed.
    Zrle,
}

impl Encoding {
    /// All, the most wanted first: what costs the least bytes for the least
    /// work, here and at the target.
    pub const PREFERRED: [Self; 9] = [
        Self::CopyRect,
        Self::Tight,
        Self::Zrle,
        Self::Zlib,
        Self::Trle,
        Self::Hextile,
        Self::CoRre,
        Self::Rre,
        Self::Raw,
    ];

    /// The number that stands for it.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Raw => 0,
            Self::CopyRect => 1,
            Self::Rre => 2,
            Self::CoRre => 4,
            Self::Hextile => 5,
            Self::Zlib => 6,
            Self::Tight => 7,
            Self::Trle => 15,
            Self::Zrle => 16,
        }
    }

    /// The name, as in Guacamole's setting `encodings`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::CopyRect => "copyrect",
            Self::Rre => "rre",
            Self::CoRre => "corre",
            Self::Hextile => "hextile",
            Self::Zlib => "zlib",
            Self::Tight => "tight",
            Self::Trle => "trle",
            Self::Zrle => "zrle",
        }
    }

    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Self::PREFERRED
            .into_iter()
            .find(|encoding| encoding.number() == number)
    }
}

/// A name that is no encoding of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("encoding is not known")]
pub struct UnknownEncodingName;

impl FromStr for Encoding {
    type Err = UnknownEncodingName;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::PREFERRED
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
            .ok_or(UnknownEncodingName)
    }
}

/// What is announced like an encoding and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pseudo {
    Cursor,
    XCursor,
    CursorWithAlpha,
    VmwareCursor,
    VmwareCursorPosition,
    PointerPosition,
    DesktopSize,
    ExtendedDesktopSize,
    LastRect,
    DesktopName,
    Fence,
    ContinuousUpdates,
    QemuKeys,
    QemuLeds,
    VmwareLeds,
    ExtendedMouseButtons,
    ExtendedClipboard,
}

impl Pseudo {
    const ALL: [Self; 17] = [
        Self::CursorWithAlpha,
        Self::VmwareCursor,
        Self::Cursor,
        Self::XCursor,
        Self::VmwareCursorPosition,
        Self::PointerPosition,
        Self::DesktopSize,
        Self::ExtendedDesktopSize,
        Self::LastRect,
        Self::DesktopName,
        Self::Fence,
        Self::ContinuousUpdates,
        Self::QemuKeys,
        Self::QemuLeds,
        Self::VmwareLeds,
        Self::ExtendedMouseButtons,
        Self::ExtendedClipboard,
    ];

    const fn number(self) -> i32 {
        match self {
            Self::Cursor => -239,
            Self::XCursor => -240,
            Self::CursorWithAlpha => -314,
            Self::VmwareCursor => 0x574d_5664,
            Self::VmwareCursorPosition => 0x574d_5666,
            Self::PointerPosition => -232,
            Self::DesktopSize => -223,
            Self::ExtendedDesktopSize => -308,
            Self::LastRect => -224,
            Self::DesktopName => -307,
            Self::Fence => -312,
            Self::ContinuousUpdates => -313,
            Self::QemuKeys => -258,
            Self::QemuLeds => -261,
            Self::VmwareLeds => 0x574d_5668,
            Self::ExtendedMouseButtons => -316,
            Self::ExtendedClipboard => 0xc0a1_e5ce_u32.cast_signed(),
        }
    }

    const fn is_cursor(self) -> bool {
        matches!(
            self,
            Self::Cursor
                | Self::XCursor
                | Self::CursorWithAlpha
                | Self::VmwareCursor
                | Self::VmwareCursorPosition
                | Self::PointerPosition
        )
    }

    pub(crate) fn from_number(number: i32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|pseudo| pseudo.number() == number)
    }
}

/// What is asked for beside the encodings themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extras {
    /// The pointer's shape, so that the server does not draw it.
    pub(crate) cursor: bool,
    /// The extended clipboard.
    pub(crate) clipboard: bool,
    /// JPEG of quality 0 to 9; none: no JPEG.
    pub(crate) quality: Option<u8>,
    /// How much work compression is worth, 0 to 9.
    pub(crate) compression: Option<u8>,
}

/// The numbers for a SetEncodings message, the most wanted first. Raw is
/// always among them: every server may send it.
pub(crate) fn announce(encodings: &[Encoding], extras: Extras) -> Vec<i32> {
    let mut numbers: Vec<i32> = encodings.iter().map(|encoding| encoding.number()).collect();
    let raw = Encoding::Raw.number();
    if !numbers.contains(&raw) {
        numbers.push(raw);
    }
    let level = |base: i32, level: u8| base + i32::from(level.min(9));
    numbers.extend(extras.quality.map(|quality| level(-32, quality)));
    numbers.extend(
        extras
            .compression
            .map(|compression| level(-256, compression)),
    );
    let wanted = |pseudo: &Pseudo| match pseudo {
        Pseudo::ExtendedClipboard => extras.clipboard,
        other => extras.cursor || !other.is_cursor(),
    };
    numbers.extend(
        Pseudo::ALL
            .iter()
            .filter(|pseudo| wanted(pseudo))
            .map(|pseudo| pseudo.number()),
    );
    numbers
}
