//! The latest output of a terminal, addressed by offset.
//!
//! Offset 0 is the first byte that the session ever put out. The ring keeps
//! the last bytes so that a viewer that comes back can go on where it was,
//! and a new one can rebuild the screen. It allocates nothing until the first
//! byte, and holds no more than its capacity and what viewers still need.

use std::collections::VecDeque;

/// Output kept for a viewer that comes back, in bytes.
pub(super) const RING_BYTES_MAX: usize = 256 * 1024;

/// The last bytes of an endless stream.
#[derive(Debug)]
pub struct OutputRing {
    bytes: VecDeque<u8>,
    start: u64,
    capacity: usize,
}

impl Default for OutputRing {
    fn default() -> Self {
        Self::new(RING_BYTES_MAX)
    }
}

impl OutputRing {
    /// A ring that keeps the last `capacity` bytes.
    #[must_use]
    pub const fn new(capacity: usize) -> Self {
        Self {
            bytes: VecDeque::new(),
            start: 0,
            capacity,
        }
    }

    /// Offset of the oldest byte still kept.
    #[must_use]
    pub const fn start(&self) -> u64 {
        self.start
    }

    /// Offset of the byte that comes next: all bytes ever pushed.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Appends output; the oldest bytes give way, but none from `needed` on,
    /// the offset that the slowest viewer has drawn up to. Flow control bounds
    /// what is needed.
    pub fn push(&mut self, output: &[u8], needed: Option<u64>) {
        self.bytes.extend(output);
        self.trim(needed);
    }

    /// Gives up what is neither among the last bytes nor needed.
    pub fn trim(&mut self, needed: Option<u64>) {
        let beyond = self.bytes.len().saturating_sub(self.capacity);
        let dispensable = match needed {
            Some(needed) => usize::try_from(needed.saturating_sub(self.start)).unwrap_or(0),
            None => beyond,
        };
        let given_up = beyond.min(dispensable);
        if given_up > 0 {
            self.bytes.drain(..given_up);
            self.start += given_up as u64;
        }
        if self.bytes.len() <= self.capacity && self.bytes.capacity() > 2 * self.capacity {
            self.bytes.shrink_to(self.capacity);
        }
    }

    /// Copies up to `length` bytes that begin at `offset`. Nothing is copied
    /// when `offset` is not kept any more, or not written yet.
    #[must_use]
    pub fn read(&self, offset: u64, length: usize) -> Vec<u8> {
        let Some(from) = self.index(offset) else {
            return Vec::new();
        };
        let to = self.bytes.len().min(from.saturating_add(length));
        let (front, back) = self.bytes.as_slices();
        let mut copy = Vec::with_capacity(to - from);
        copy.extend_from_slice(&front[from.min(front.len())..to.min(front.len())]);
        copy.extend_from_slice(
            &back[from.saturating_sub(front.len())..to.saturating_sub(front.len())],
        );
        copy
    }

    /// Where a viewer that has drawn everything before `drawn` goes on:
    /// there, if it is kept; otherwise at the oldest line kept whole.
    #[must_use]
    pub fn resume_from(&self, drawn: Option<u64>) -> u64 {
        match drawn {
            Some(drawn) if (self.start..=self.end()).contains(&drawn) => drawn,
            Some(_) | None => self.first_line(),
        }
    }

    /// Offset of the first byte after the first line break, so that a replay
    /// does not begin inside an escape sequence; the start when nothing was
    /// lost or no line break is kept.
    fn first_line(&self) -> u64 {
        if self.start == 0 {
            return 0;
        }
        let line_break = self.bytes.iter().position(|byte| *byte == b'\n');
        self.start + line_break.map_or(0, |index| index as u64 + 1)
    }

    fn index(&self, offset: u64) -> Option<usize> {
        let distance = offset.checked_sub(self.start)?;
        usize::try_from(distance)
            .ok()
            .filter(|index| *index < self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_unused_ring_holds_no_memory() {
        assert_eq!(OutputRing::default().bytes.capacity(), 0);
    }

    #[test]
    fn a_replay_after_a_loss_begins_with_a_whole_line() {
        let mut ring = OutputRing::new(8);
        ring.push(b"one\ntwo\nthree", None);
        assert_eq!(ring.read(ring.start(), 99), b"wo\nthree");
        let from = ring.resume_from(None);
        assert_eq!(ring.read(from, 99), b"three");
    }

    #[test]
    fn a_known_offset_is_resumed_from_exactly() {
        let mut ring = OutputRing::new(8);
        ring.push(b"0123456789", None);
        for (drawn, expected) in [(2, 2), (10, 10), (1, 2), (11, 2)] {
            assert_eq!(ring.resume_from(Some(drawn)), expected, "drawn {drawn}");
        }
    }

    #[test]
    fn what_a_viewer_needs_is_kept() {
        let mut ring = OutputRing::new(4);
        ring.push(b"0123456789", Some(1));
        assert_eq!(ring.read(1, 99), b"123456789");
        ring.trim(Some(8));
        assert_eq!((ring.start(), ring.end()), (6, 10));
    }

    #[test]
    fn memory_of_a_flood_is_given_back() {
        let mut ring = OutputRing::new(1024);
        ring.push(&[b'x'; 100_000], Some(0));
        ring.trim(Some(100_000));
        assert!(ring.bytes.capacity() <= 2048, "{}", ring.bytes.capacity());
    }

    proptest! {
        /// The reference model is the whole stream.
        #[test]
        fn the_ring_is_the_end_of_the_stream(
            capacity in 1_usize..40,
            pushes in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 0..12),
            probe in 0_u64..200,
            length in 0_usize..80,
        ) {
            let mut ring = OutputRing::new(capacity);
            let mut stream = Vec::new();
            for push in &pushes {
                ring.push(push, None);
                stream.extend_from_slice(push);
            }
            let kept = stream.len().min(capacity);
            prop_assert_eq!(ring.end(), stream.len() as u64);
            prop_assert_eq!(ring.start(), (stream.len() - kept) as u64);
            let expected: Vec<u8> = if probe < ring.start() {
                Vec::new()
            } else {
                stream.iter().skip(probe as usize).take(length).copied().collect()
            };
            prop_assert_eq!(ring.read(probe, length), expected);
            let resumed = ring.resume_from(Some(probe));
            prop_assert!((ring.start()..=ring.end()).contains(&resumed));
        }
    }
}
