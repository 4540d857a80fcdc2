//! Whether the picture moves: only then is a server that may lose something
//! asked to, because a still text is worth its bytes and a film is not.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many updates within so long are motion: a film, a window that is
/// dragged, a page that is scrolled. Somebody who types or turns pages makes
/// fewer.
const UPDATES: usize = 5;
const WITHIN: Duration = Duration::from_millis(500);
/// Updates of fewer pixels do not count: a letter, a caret that blinks.
const PIXELS_MIN: u64 = 16 * 1024;
/// Each of so many bytes counts like one more: what is hard to compress makes
/// updates few, and is what loss is for.
const BYTES: usize = 256 * 1024;
/// Motion is over when no update came for so long.
const CALM: Duration = Duration::from_millis(300);

/// The updates of late.
#[derive(Debug, Default)]
pub(crate) struct Motion {
    /// Pixels of the update that is being read.
    pixels: u64,
    /// Its bytes, and those of messages before it.
    bytes: usize,
    /// Updates that count, since the clock was looked at.
    updates: usize,
    /// When the latest of those were that count.
    recent: VecDeque<Instant>,
    moving: bool,
}

impl Motion {
    /// So many pixels were drawn.
    pub(crate) const fn handle_pixels(&mut self, count: u64) {
        self.pixels = self.pixels.saturating_add(count);
    }

    /// So many bytes came.
    pub(crate) const fn handle_bytes(&mut self, count: usize) {
        self.bytes = self.bytes.saturating_add(count);
    }

    /// An update is over.
    pub(crate) const fn handle_update(&mut self) {
        if self.pixels >= PIXELS_MIN {
            self.updates += 1 + self.bytes / BYTES;
        }
        self.pixels = 0;
        self.bytes = 0;
    }

    /// Whether the picture moves at the moment.
    pub(crate) fn poll(&mut self, now: Instant) -> bool {
        for _ in 0..std::mem::take(&mut self.updates).min(UPDATES) {
            self.recent.push_back(now);
        }
        let surplus = self.recent.len().saturating_sub(UPDATES);
        self.recent.drain(..surplus);
        if self.calm_at().is_some_and(|at| now >= at) {
            self.recent.clear();
            self.moving = false;
        }
        let first = self.recent.front();
        if self.recent.len() == UPDATES && first.is_some_and(|first| now < *first + WITHIN) {
            self.moving = true;
        }
        self.moving
    }

    /// When motion is over unless it goes on; none when there is none.
    pub(crate) fn calm_at(&self) -> Option<Instant> {
        let latest = self.recent.back().filter(|_| self.moving);
        latest.map(|latest| *latest + CALM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether updates of so many pixels, so far apart, are motion in the end.
    fn moves(pixels: u64, count: u32, apart: Duration) -> bool {
        let mut motion = Motion::default();
        let begin = Instant::now();
        (0..count).fold(false, |_, turn| {
            motion.handle_pixels(pixels);
            motion.handle_update();
            motion.poll(begin + apart * turn)
        })
    }

    #[test]
    fn a_film_moves_and_pages_do_not() {
        let screen = 1280 * 720;
        assert!(moves(screen, 5, Duration::from_millis(33)));
        assert!(!moves(screen, 4, Duration::from_millis(33)));
        assert!(!moves(screen, 50, Duration::from_millis(200)));
        assert!(!moves(9 * 18, 50, Duration::from_millis(33)));
    }

    #[test]
    fn what_is_hard_to_compress_moves_though_it_is_slow() {
        let mut motion = Motion::default();
        motion.handle_pixels(1920 * 1080);
        motion.handle_bytes(4 * BYTES);
        motion.handle_update();
        assert!(motion.poll(Instant::now()));
    }

    #[test]
    fn motion_is_over_once_nothing_came_for_a_while() {
        let mut motion = Motion::default();
        let now = Instant::now();
        for _ in 0..UPDATES {
            motion.handle_pixels(PIXELS_MIN);
            motion.handle_update();
        }
        assert!(motion.poll(now));
        let Some(calm_at) = motion.calm_at() else {
            panic!("it moves without an end");
        };
        assert!(motion.poll(calm_at - Duration::from_millis(1)));
        assert!(!motion.poll(calm_at));
        assert_eq!(motion.calm_at(), None);
        assert!(!motion.poll(calm_at + CALM), "old updates are no motion");
    }
}
