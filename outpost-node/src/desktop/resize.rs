//! The viewer's size on its way to the target: the newest wins, and a target
//! is not asked more often than it can follow.

use std::time::{Duration, Instant};

use causeway_target::desktop::DesktopSize;

/// Shortest time between two sizes that a target is told.
pub(super) const INTERVAL: Duration = Duration::from_millis(100);

/// Sizes on their way to the target.
#[derive(Debug, Default)]
pub struct ResizeQueue {
    latest: Option<DesktopSize>,
    opened: bool,
    told: Option<DesktopSize>,
    told_at: Option<Instant>,
}

impl ResizeQueue {
    /// A viewer told its size. The first one is what the target is opened
    /// with, unless it was open before.
    pub fn push(&mut self, size: DesktopSize) {
        self.latest = Some(size);
        if !self.opened {
            self.told.get_or_insert(size);
        }
    }

    /// The target is open, at the first size if there was one.
    pub const fn handle_opened(&mut self) {
        self.opened = true;
    }

    /// The size that a viewer told last.
    #[must_use]
    pub const fn latest(&self) -> Option<DesktopSize> {
        self.latest
    }

    /// The size to tell the target, if it is time.
    pub fn pop(&mut self, now: Instant) -> Option<DesktopSize> {
        let latest = self.latest.filter(|_| self.is_waiting())?;
        if self.told_at.is_some_and(|at| now < at + INTERVAL) {
            return None;
        }
        self.told = Some(latest);
        self.told_at = Some(now);
        Some(latest)
    }

    /// When [`ResizeQueue::pop`] gives something, if it is not now.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Instant> {
        let at = self.told_at? + INTERVAL;
        self.is_waiting().then_some(at)
    }

    fn is_waiting(&self) -> bool {
        self.latest != self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(width: u32) -> DesktopSize {
        DesktopSize::clamped(width, 600, 100)
    }

    #[test]
    fn the_first_size_opens_and_later_ones_are_told_the_newest_at_its_time() {
        let mut queue = ResizeQueue::default();
        let now = Instant::now();
        queue.push(wide(800));
        assert_eq!((queue.pop(now), queue.latest()), (None, Some(wide(800))));
        queue.push(wide(900));
        assert_eq!(queue.pop(now), Some(wide(900)));
        assert_eq!(queue.next_timeout(), None);
        queue.push(wide(1000));
        queue.push(wide(1100));
        assert_eq!(queue.pop(now), None);
        assert_eq!(queue.next_timeout(), Some(now + INTERVAL));
        assert_eq!(queue.pop(now + INTERVAL), Some(wide(1100)));
        assert_eq!(queue.pop(now + 2 * INTERVAL), None);
    }

    #[test]
    fn a_target_that_was_open_before_the_first_size_is_told_it() {
        let mut queue = ResizeQueue::default();
        queue.handle_opened();
        queue.push(wide(800));
        assert_eq!(queue.pop(Instant::now()), Some(wide(800)));
    }

    #[test]
    fn a_size_that_was_taken_back_is_not_told() {
        let mut queue = ResizeQueue::default();
        queue.push(wide(800));
        queue.push(wide(900));
        queue.push(wide(800));
        assert_eq!(queue.pop(Instant::now()), None);
        assert_eq!(queue.next_timeout(), None);
    }
}
