//! How good a picture of something photographic a viewer is given.

/// A step of the ladder: viewers on the same one share encoded work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Quality(u8);

/// libjpeg's quality, and bytes a thousand pixels that a photograph takes, for
/// each step from the worst to the best.
const LADDER: [(u8, u32); 5] = [(35, 85), (48, 110), (60, 130), (70, 155), (78, 185)];
/// The best step at which JPEG files from the target are still handed on: below
/// it they are too large for the viewer's link.
const HANDED_ON_FROM: u8 = 3;
/// For a viewer that can show nothing but JPEG, in libjpeg's quality.
pub(crate) const JPEG_ONLY: u8 = 92;

impl Quality {
    #[allow(clippy::cast_possible_truncation)]
    pub(crate) const BEST: Self = Self(LADDER.len() as u8 - 1);

    /// libjpeg's quality, from 1 to 100.
    pub(crate) fn jpeg(self) -> u8 {
        LADDER[usize::from(self.0)].0
    }

    /// Bytes that a photograph of so many pixels is likely to take.
    pub(crate) fn bytes(self, pixels: usize) -> usize {
        pixels * LADDER[usize::from(self.0)].1 as usize / 1000
    }

    /// Whether JPEG files from the target are good enough as they are.
    pub(crate) const fn hands_on(self) -> bool {
        self.0 >= HANDED_ON_FROM
    }

    pub(crate) const fn better(self) -> Option<Self> {
        if self.0 == Self::BEST.0 {
            None
        } else {
            Some(Self(self.0 + 1))
        }
    }

    pub(crate) const fn worse(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(step) => Some(Self(step)),
            None => None,
        }
    }
}
