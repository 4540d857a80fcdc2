//! Memory for pixels on their way to an encoder. While frames come one after
//! the other the same memory serves all of them; an idle screen keeps none.

use std::time::{Duration, Instant};

/// Kept in all, in bytes: two frames of 1280x720.
const BYTES_MAX: usize = 8 * 1024 * 1024;
/// After a time without a frame all is given back.
const IDLE: Duration = Duration::from_secs(1);

/// Buffers that nobody uses now.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    spare: Vec<Vec<u8>>,
    bytes: usize,
    used_at: Option<Instant>,
}

impl Buffers {
    /// An empty buffer with room for so many bytes.
    pub(crate) fn take(&mut self, bytes: usize, now: Instant) -> Vec<u8> {
        self.used_at = Some(now);
        let fitting = self
            .spare
            .iter()
            .enumerate()
            .filter(|(_, buffer)| buffer.capacity() >= bytes)
            .min_by_key(|(_, buffer)| buffer.capacity())
            // A letter does not get the memory of a film.
            .filter(|(_, buffer)| buffer.capacity() / 4 <= bytes);
        let Some((at, _)) = fitting else {
            return Vec::with_capacity(bytes);
        };
        let buffer = self.spare.swap_remove(at);
        self.bytes -= buffer.capacity();
        buffer
    }

    /// Takes back a buffer.
    pub(crate) fn give(&mut self, mut buffer: Vec<u8>) {
        buffer.clear();
        if self.bytes + buffer.capacity() <= BYTES_MAX {
            self.bytes += buffer.capacity();
            self.spare.push(buffer);
        }
    }

    /// When there will be something to give back.
    pub(crate) fn next_timeout(&self) -> Option<Instant> {
        let used_at = self.used_at.filter(|_| !self.spare.is_empty())?;
        Some(used_at + IDLE)
    }

    /// Gives back what was not used for long.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        if self.next_timeout().is_some_and(|at| at <= now) {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_memory_serves_frame_after_frame_and_goes_when_idle() {
        let (mut buffers, now) = (Buffers::default(), Instant::now());
        let first = buffers.take(100_000, now);
        let place = first.as_ptr();
        buffers.give(first);
        let second = buffers.take(90_000, now);
        assert_eq!(second.as_ptr(), place);
        assert_eq!(buffers.next_timeout(), None);
        buffers.give(second);
        let third = buffers.take(10, now);
        assert!(third.capacity() < 1000, "a letter in the memory of a film");
        assert_eq!(buffers.next_timeout(), Some(now + IDLE));
        buffers.handle_timeout(now + IDLE);
        assert_eq!((buffers.next_timeout(), buffers.bytes), (None, 0));
    }

    #[test]
    fn no_more_is_kept_than_the_most() {
        let mut buffers = Buffers::default();
        for _ in 0..9 {
            buffers.give(Vec::with_capacity(1024 * 1024));
        }
        assert_eq!(buffers.spare.len(), 8);
    }
}
