//! What is known of the way to a viewer: its round trip, its bandwidth, and the
//! quality that they have room for. Learnt from acknowledgements alone.

use std::time::{Duration, Instant};

use crate::quality::Quality;

/// A frame so small that its acknowledgement tells the round trip, in bytes.
const SMALL_BYTES: usize = 8 * 1024;
/// A frame from which on its acknowledgement tells bandwidth, in bytes.
const LARGE_BYTES: usize = 24 * 1024;
/// How long the shortest round trip seen is believed.
const ROUND_TRIP_BELIEVED: Duration = Duration::from_secs(20);
/// Beyond the round trip, a frame that took longer met a full link.
const QUEUED: Duration = Duration::from_millis(15);
/// A link is filled for no longer than that beyond the round trip.
const QUEUE_MAX: Duration = Duration::from_millis(60);
/// The round trip from which on a third frame may be on its way.
const LONG_ROUND_TRIP: Duration = Duration::from_millis(25);
/// A frame of motion may take the link for so long: fifteen frames a second.
const FRAME_TIME: Duration = Duration::from_millis(66);
/// What refinement may take of the link in a frame.
const REFINE_TIME: Duration = Duration::from_millis(40);
/// Bytes a thousand pixels that refinement is likely to take.
const REFINE_BYTES: u64 = 2300;
/// Pixels refined in a frame as long as no limit of the link is known.
const REFINED_PIXELS_UNKNOWN: usize = 96 * 1024;
/// How much more room than needed there has to be for a better quality.
const ROOM_TO_RISE_PERCENT: usize = 140;

/// A frame as it left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Departure {
    pub(crate) at: Instant,
    pub(crate) bytes: usize,
}

/// What was learnt.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    round_trip: Option<(Duration, Instant)>,
    /// Bytes a second; none as long as nothing met a limit or tells one.
    bandwidth: Option<f64>,
    last_ack: Option<Instant>,
    last_departure: Option<Instant>,
    quality: Quality,
    /// What photographs take, as a share of what [`Quality::bytes`] expects.
    photo_factor: f64,
    /// Pixels of the last frame of motion.
    photo_pixels: usize,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            round_trip: None,
            bandwidth: None,
            last_ack: None,
            last_departure: None,
            quality: Quality::BEST,
            photo_factor: 1.0,
            photo_pixels: 0,
        }
    }
}

impl Link {
    /// A frame was presented, `present` after it had arrived.
    pub(crate) fn handle_ack(&mut self, frame: Departure, present: Duration, now: Instant) {
        let taken = now.saturating_duration_since(frame.at);
        // A viewer can claim what it likes: no more than the time that passed.
        let travelled = taken.saturating_sub(present.min(taken / 2));
        if frame.bytes <= SMALL_BYTES {
            self.note_round_trip(travelled, now);
        }
        if frame.bytes >= LARGE_BYTES {
            self.note_bandwidth(frame, travelled, now);
        }
        self.last_ack = Some(now);
        self.last_departure = Some(frame.at);
        self.settle();
    }

    /// A frame with photographs was encoded.
    pub(crate) fn handle_photographs(&mut self, pixels: usize, bytes: usize) {
        let expected = self.quality.bytes(pixels);
        if expected > 0 {
            #[allow(clippy::cast_precision_loss)]
            let factor = (bytes as f64 / expected as f64).clamp(0.1, 6.0);
            self.photo_factor += (factor - self.photo_factor) / 4.0;
        }
        self.photo_pixels = pixels;
    }

    pub(crate) const fn quality(&self) -> Quality {
        self.quality
    }

    /// How many frames may be on their way: one on the wire and one that is
    /// presented or encoded meanwhile; one more if the way is long.
    pub(crate) fn frames_max(&self) -> usize {
        if self.round_trip() >= LONG_ROUND_TRIP {
            3
        } else {
            2
        }
    }

    /// Whether the link takes more, with so many bytes on their way.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        bytes == 0
            || self
                .capacity(self.round_trip() + QUEUE_MAX)
                .is_none_or(|room| bytes < room)
    }

    /// Pixels that may be refined in a frame.
    pub(crate) fn refined_pixels_max(&self) -> usize {
        self.capacity(REFINE_TIME)
            .map_or(REFINED_PIXELS_UNKNOWN, |bytes| {
                let pixels = bytes as u64 * 1000 / REFINE_BYTES;
                // In steps, so that viewers of like links share work.
                usize::try_from(pixels.next_power_of_two() / 2).unwrap_or(usize::MAX)
            })
    }

    fn round_trip(&self) -> Duration {
        self.round_trip.map_or(Duration::ZERO, |(least, _)| least)
    }

    fn note_round_trip(&mut self, travelled: Duration, now: Instant) {
        let old = |at: Instant| now.saturating_duration_since(at) > ROUND_TRIP_BELIEVED;
        match self.round_trip {
            Some((least, at)) if least < travelled && !old(at) => {}
            _ => self.round_trip = Some((travelled, now)),
        }
    }

    /// Learns from a large frame. If it left before the one before was
    /// acknowledged, the link carried it between the two acknowledgements;
    /// else since it left, less the round trip.
    fn note_bandwidth(&mut self, frame: Departure, travelled: Duration, now: Instant) {
        let since_departure = travelled.saturating_sub(self.round_trip());
        let (time, full) = match self.last_ack {
            Some(ack) if ack > frame.at => {
                let between = now.saturating_duration_since(ack);
                let apart = self
                    .last_departure
                    .map_or(Duration::ZERO, |at| frame.at.saturating_duration_since(at));
                let full = since_departure > QUEUED && between > apart + apart / 8;
                (between.min(since_departure), full)
            }
            _ => (since_departure, since_departure > QUEUED),
        };
        let seconds = time.max(Duration::from_millis(1)).as_secs_f64();
        #[allow(clippy::cast_precision_loss)]
        let sample = frame.bytes as f64 / seconds;
        self.bandwidth = match self.bandwidth {
            None if full => Some(sample),
            None => None,
            Some(known) if sample > known => Some(known + (sample - known) / 4.0),
            Some(known) if full => Some(known + (sample - known) / 3.0),
            Some(known) => Some(known),
        };
    }

    /// Bytes that the link carries in a time, if a limit is known.
    fn capacity(&self, time: Duration) -> Option<usize> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        self.bandwidth
            .map(|bandwidth| (bandwidth * time.as_secs_f64()) as usize)
    }

    /// Takes the quality for which there is room.
    fn settle(&mut self) {
        let Some(room) = self.capacity(FRAME_TIME) else {
            return;
        };
        let needed = |quality: Quality| {
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss
            )]
            let bytes = (quality.bytes(self.photo_pixels) as f64 * self.photo_factor) as usize;
            bytes
        };
        if needed(self.quality) > room {
            self.quality = self.quality.worse().unwrap_or(self.quality);
        } else if let Some(better) = self.quality.better()
            && needed(better) * ROOM_TO_RISE_PERCENT / 100 <= room
        {
            self.quality = better;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// Sends `frames` frames of `bytes` one after the other, each acknowledged
    /// before the next.
    fn send(link: &mut Link, now: &mut Instant, frames: usize, bytes: usize, taken: Duration) {
        for _ in 0..frames {
            let frame = Departure { at: *now, bytes };
            *now += taken;
            link.handle_ack(frame, Duration::ZERO, *now);
        }
    }

    #[test]
    fn a_quick_link_keeps_the_best_quality_and_no_limit() {
        let (mut link, mut now) = (Link::default(), Instant::now());
        link.handle_photographs(921_600, 180_000);
        send(&mut link, &mut now, 20, 180_000, 6 * MS);
        assert_eq!(link.quality(), Quality::BEST);
        assert!(link.has_room(50_000_000));
        assert_eq!(link.frames_max(), 2);
    }

    #[test]
    fn a_full_link_lowers_quality_and_an_emptier_one_raises_it() {
        let (mut link, mut now) = (Link::default(), Instant::now());
        link.handle_photographs(921_600, 180_000);
        // A megabyte a second.
        send(&mut link, &mut now, 10, 180_000, 180 * MS);
        assert!(link.quality() < Quality::BEST);
        assert!(!link.has_room(200_000));
        assert!(link.has_room(0), "one frame may always go");
        assert!(link.refined_pixels_max() < 32 * 1024);
        send(&mut link, &mut now, 40, 180_000, 10 * MS);
        assert_eq!(link.quality(), Quality::BEST);
    }

    #[test]
    fn a_long_way_is_not_a_narrow_one() {
        let (mut link, mut now) = (Link::default(), Instant::now());
        link.handle_photographs(921_600, 180_000);
        send(&mut link, &mut now, 3, 1000, 100 * MS);
        send(&mut link, &mut now, 10, 180_000, 108 * MS);
        assert_eq!(link.quality(), Quality::BEST);
        assert_eq!(link.frames_max(), 3);
    }

    #[test]
    fn what_a_viewer_claims_cannot_hide_its_link() {
        let (mut link, mut now) = (Link::default(), Instant::now());
        for _ in 0..10 {
            let frame = Departure {
                at: now,
                bytes: 100_000,
            };
            now += 400 * MS;
            link.handle_ack(frame, Duration::MAX, now);
        }
        assert!(!link.has_room(1_000_000));
    }
}
