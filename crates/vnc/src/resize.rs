//! When the target is told the viewer's size.
//!
//! Somebody who drags a window's edge gives a hundred sizes a second, and
//! every one costs the target a new screen. The first is told at once, the
//! next when the target has had a moment, and the last always.

use std::time::{Duration, Instant};

use causeway_target::desktop::DesktopSize;

/// How far two sizes are apart at least.
const INTERVAL: Duration = Duration::from_millis(40);

/// The sizes that are to be told.
#[derive(Debug, Default)]
pub(crate) struct Resizes {
    allowed: bool,
    wanted: Option<DesktopSize>,
    told_at: Option<Instant>,
}

impl Resizes {
    /// The target can, or cannot, take another size.
    pub(crate) fn set_allowed(&mut self, allowed: bool) {
        self.allowed = allowed;
    }

    /// The viewer has room for this.
    pub(crate) fn want(&mut self, size: DesktopSize) {
        self.wanted = Some(size);
    }

    /// When [`Resizes::poll`] may give something next.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.wanted.filter(|_| self.allowed)?;
        Some(self.told_at.map_or_else(Instant::now, |at| at + INTERVAL))
    }

    /// The size to tell the target now.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<DesktopSize> {
        let is_early = self.told_at.is_some_and(|at| now < at + INTERVAL);
        if is_early || !self.allowed {
            return None;
        }
        let size = self.wanted.take()?;
        self.told_at = Some(now);
        Some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(width: u32) -> DesktopSize {
        DesktopSize::clamped(width, 600, 100)
    }

    #[test]
    fn the_first_is_told_at_once_and_the_last_always() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut resizes = Resizes::default();
        resizes.set_allowed(true);
        resizes.want(size(800));
        assert_eq!(resizes.poll(at(0)), Some(size(800)));
        assert_eq!(resizes.due(), None);
        for ms in 1..40 {
            resizes.want(size(800 + 2 * ms));
            assert_eq!(resizes.poll(at(u64::from(ms))), None);
        }
        assert_eq!(resizes.due(), Some(at(40)));
        assert_eq!(resizes.poll(at(40)), Some(size(878)));
        assert_eq!(resizes.poll(at(500)), None);
    }

    #[test]
    fn nothing_is_told_before_the_target_can_take_it() {
        let now = Instant::now();
        let mut resizes = Resizes::default();
        resizes.want(size(800));
        assert_eq!((resizes.poll(now), resizes.due()), (None, None));
        resizes.set_allowed(true);
        assert!(resizes.due().is_some());
        assert_eq!(resizes.poll(now), Some(size(800)));
    }
}
