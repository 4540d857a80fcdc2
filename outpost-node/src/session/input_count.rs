//! How much of a viewer's input was taken, so that a viewer whose way was lost
//! knows what to send again: each message arrives once. Pure.
//!
//! It knows nothing of what input says, and keeps none of it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use causeway_wire::InputPart;
use causeway_wire::message::InputStream;

use super::viewer_state::ViewerId;

/// Streams whose counts are remembered: a person may go to and fro between a few
/// tabs. Of an older one nothing is sent twice, and what was lost stays lost.
const STREAMS_MAX: usize = 4;
/// A viewer is told what was taken at the latest after this time.
pub(super) const TELL_WITHIN: Duration = Duration::from_millis(100);
/// A viewer is told at once when so many messages were taken.
const TELL_AFTER: u64 = 8;

/// The counts of a session's viewers.
#[derive(Debug)]
pub(super) struct InputCounts {
    /// The newest last.
    streams: VecDeque<Stream>,
}

#[derive(Debug)]
struct Stream {
    id: u64,
    /// Who sends it now, or did last.
    viewer: ViewerId,
    /// Messages that came.
    come: u64,
    /// Messages up to the last of a whole text.
    taken: u64,
    /// What the viewer was told last.
    told: u64,
    tell_at: Option<Instant>,
    is_due: bool,
}

impl InputCounts {
    /// No streams yet.
    pub(super) const fn new() -> Self {
        Self {
            streams: VecDeque::new(),
        }
    }

    /// `viewer` goes on with a stream, or begins one; how many of its messages
    /// were taken.
    pub(super) fn begin(&mut self, viewer: ViewerId, stream: &InputStream) -> u64 {
        let known = self.streams.iter().position(|known| known.id == stream.id);
        let known = known.and_then(|at| self.streams.remove(at));
        let taken = known.map_or(stream.sent, |known| known.taken);
        if self.streams.len() >= STREAMS_MAX {
            self.streams.pop_front();
        }
        self.streams.push_back(Stream {
            id: stream.id,
            viewer,
            come: taken,
            taken,
            told: taken,
            tell_at: None,
            is_due: false,
        });
        taken
    }

    /// A message of input came from `viewer`.
    pub(super) fn handle_input(&mut self, viewer: ViewerId, part: InputPart, now: Instant) {
        let Some(stream) = self.of(viewer) else {
            return;
        };
        stream.come = stream.come.saturating_add(1);
        if part == InputPart::Last {
            stream.taken = stream.come;
            stream.tell_at.get_or_insert(now + TELL_WITHIN);
            stream.is_due |= stream.taken.saturating_sub(stream.told) >= TELL_AFTER;
        }
    }

    pub(super) fn next_timeout(&self) -> Option<Instant> {
        self.streams
            .iter()
            .filter_map(|stream| stream.tell_at)
            .min()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for stream in &mut self.streams {
            stream.is_due |= stream.tell_at.take_if(|at| now >= *at).is_some();
        }
    }

    /// What `viewer` is to be told was taken, if it is due.
    pub(super) fn poll(&mut self, viewer: ViewerId) -> Option<u64> {
        let stream = self.of(viewer)?;
        if !std::mem::take(&mut stream.is_due) {
            return None;
        }
        stream.tell_at = None;
        stream.told = stream.taken;
        Some(stream.taken)
    }

    fn of(&mut self, viewer: ViewerId) -> Option<&mut Stream> {
        self.streams
            .iter_mut()
            .rfind(|stream| stream.viewer == viewer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ViewerId = ViewerId(1);
    const TWO: ViewerId = ViewerId(2);

    const fn stream(id: u64, sent: u64) -> InputStream {
        InputStream { id, sent }
    }

    #[test]
    fn who_comes_back_is_told_what_was_taken() {
        let (mut counts, now) = (InputCounts::new(), Instant::now());
        assert_eq!(counts.begin(ONE, &stream(7, 0)), 0);
        for _ in 0..3 {
            counts.handle_input(ONE, InputPart::Last, now);
        }
        assert_eq!(counts.begin(TWO, &stream(7, 5)), 3);
        counts.handle_input(TWO, InputPart::Last, now);
        // What still comes over the old way is nobody's.
        counts.handle_input(ONE, InputPart::Last, now);
        assert_eq!(counts.begin(ViewerId(3), &stream(7, 5)), 4);
    }

    #[test]
    fn of_a_stream_that_is_not_known_nothing_is_taken_twice() {
        let mut counts = InputCounts::new();
        assert_eq!(counts.begin(ONE, &stream(7, 9)), 9);
        for other in 0..STREAMS_MAX {
            counts.begin(TWO, &stream(100 + other as u64, 0));
        }
        assert_eq!(counts.begin(ONE, &stream(7, 12)), 12);
        assert!(counts.streams.len() <= STREAMS_MAX);
    }

    #[test]
    fn a_text_in_pieces_is_taken_when_its_last_has_come() {
        let (mut counts, now) = (InputCounts::new(), Instant::now());
        counts.begin(ONE, &stream(7, 0));
        counts.handle_input(ONE, InputPart::Last, now);
        counts.handle_input(ONE, InputPart::Piece, now);
        counts.handle_input(ONE, InputPart::Piece, now);
        assert_eq!(counts.begin(ONE, &stream(7, 3)), 1);
        for part in [InputPart::Piece, InputPart::Piece, InputPart::Last] {
            counts.handle_input(ONE, part, now);
        }
        assert_eq!(counts.begin(ONE, &stream(7, 4)), 4);
    }

    #[test]
    fn it_is_told_soon_and_not_each_time() {
        let (mut counts, now) = (InputCounts::new(), Instant::now());
        counts.begin(ONE, &stream(7, 0));
        counts.handle_input(ONE, InputPart::Last, now);
        assert_eq!(counts.poll(ONE), None);
        assert_eq!(counts.next_timeout(), Some(now + TELL_WITHIN));
        counts.handle_timeout(now + TELL_WITHIN);
        // Nothing is left to wait for while the viewer's socket is full.
        assert_eq!(counts.next_timeout(), None);
        assert_eq!((counts.poll(ONE), counts.poll(ONE)), (Some(1), None));
        for _ in 0..TELL_AFTER {
            counts.handle_input(ONE, InputPart::Last, now);
        }
        assert_eq!(counts.poll(ONE), Some(1 + TELL_AFTER));
        assert_eq!(counts.next_timeout(), None);
    }

    #[test]
    fn what_a_hostile_viewer_says_overflows_nothing() {
        let (mut counts, now) = (InputCounts::new(), Instant::now());
        counts.begin(ONE, &stream(0, u64::MAX));
        counts.handle_input(ONE, InputPart::Last, now);
        counts.handle_timeout(now + TELL_WITHIN);
        assert_eq!(counts.poll(ONE), Some(u64::MAX));
        counts.handle_input(TWO, InputPart::Last, now);
        assert_eq!(counts.poll(TWO), None);
    }
}
