//! Sound on its way to one viewer: on time, or not at all.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use causeway_target::desktop::Sound;
use causeway_wire::message::{AudioChunk, AudioCodec};

/// Sound that may wait for one viewer. Older sound is dropped: it would be
/// heard too late.
pub(super) const WAITING_MAX: Duration = Duration::from_millis(400);
/// Longest piece of sound in one message.
const CHUNK_MAX: Duration = Duration::from_millis(100);
/// A pause longer than this is a silence; a shorter one is the target's way
/// of sending.
const SILENCE_MIN: Duration = Duration::from_millis(200);
/// Samples a second that are believed.
const SAMPLE_RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// Gives sound its place in time: pieces follow one another, unless the
/// target was silent for a while.
#[derive(Debug, Default)]
pub struct SoundClock {
    started_at: Option<Instant>,
    next: Duration,
}

impl SoundClock {
    /// When `sound` is to be heard, since the session's first sound; and cuts
    /// it into messages. Nothing comes of sound in a form that is none.
    pub fn chunks(&mut self, sound: &Sound, now: Instant) -> Vec<AudioChunk> {
        let sample_bytes = usize::from(sound.channels) * 2;
        if !SAMPLE_RATES.contains(&sound.sample_rate) || !(1..=2).contains(&sound.channels) {
            return Vec::new();
        }
        let since_start = now - *self.started_at.get_or_insert(now);
        if since_start > self.next + SILENCE_MIN {
            self.next = since_start;
        }
        let samples_max = samples_in(CHUNK_MAX, sound.sample_rate);
        let whole = sound.pcm.len() - sound.pcm.len() % sample_bytes;
        let mut pcm = sound.pcm.slice(..whole);
        let mut chunks = Vec::new();
        while !pcm.is_empty() {
            let data = pcm.split_to(pcm.len().min(samples_max * sample_bytes));
            let timestamp = self.next;
            self.next += duration(data.len() / sample_bytes, sound.sample_rate);
            chunks.push(AudioChunk {
                codec: AudioCodec::PcmS16le.into(),
                sample_rate: sound.sample_rate,
                channels: sound.channels.into(),
                timestamp_us: u64::try_from(timestamp.as_micros()).unwrap_or(u64::MAX),
                data,
            });
        }
        chunks
    }
}

/// Sound that waits for one viewer.
#[derive(Debug, Default)]
pub struct SoundQueue {
    chunks: VecDeque<AudioChunk>,
    waiting: Duration,
}

impl SoundQueue {
    /// Takes a piece of sound. How many older ones were dropped for it.
    pub fn push(&mut self, chunk: AudioChunk) -> usize {
        self.waiting += length(&chunk);
        self.chunks.push_back(chunk);
        let mut dropped = 0;
        while self.waiting > WAITING_MAX && self.pop().is_some() {
            dropped += 1;
        }
        dropped
    }

    /// The next piece.
    pub fn pop(&mut self) -> Option<AudioChunk> {
        let chunk = self.chunks.pop_front()?;
        self.waiting = self.waiting.saturating_sub(length(&chunk));
        Some(chunk)
    }
}

fn length(chunk: &AudioChunk) -> Duration {
    let samples = chunk.data.len() / (chunk.channels.max(1) as usize * 2);
    duration(samples, chunk.sample_rate)
}

fn duration(samples: usize, sample_rate: u32) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(sample_rate.max(1)))
}

fn samples_in(duration: Duration, sample_rate: u32) -> usize {
    let samples = duration.as_millis() * u128::from(sample_rate) / 1000;
    usize::try_from(samples).unwrap_or(usize::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn sound(milliseconds: usize) -> Sound {
        Sound {
            sample_rate: 48_000,
            channels: 2,
            pcm: Bytes::from(vec![1; milliseconds * 48 * 4]),
        }
    }

    fn timestamps_ms(chunks: &[AudioChunk]) -> Vec<u64> {
        chunks
            .iter()
            .map(|chunk| chunk.timestamp_us / 1000)
            .collect()
    }

    #[test]
    fn pieces_follow_one_another_until_there_is_a_silence() {
        let mut clock = SoundClock::default();
        let now = Instant::now();
        assert_eq!(
            timestamps_ms(&clock.chunks(&sound(250), now)),
            [0, 100, 200]
        );
        let soon = now + Duration::from_millis(300);
        assert_eq!(timestamps_ms(&clock.chunks(&sound(20), soon)), [250]);
        let later = now + Duration::from_secs(2);
        assert_eq!(timestamps_ms(&clock.chunks(&sound(20), later)), [2000]);
    }

    #[test]
    fn no_sample_is_lost_but_half_a_one() {
        let mut clock = SoundClock::default();
        let mut odd = sound(250);
        odd.pcm = odd.pcm.slice(..odd.pcm.len() - 3);
        let chunks = clock.chunks(&odd, Instant::now());
        let bytes: usize = chunks.iter().map(|chunk| chunk.data.len()).sum();
        assert_eq!(bytes, odd.pcm.len() - 1);
        assert!(chunks.iter().all(|chunk| chunk.data.len() % 4 == 0));
    }

    #[test]
    fn sound_that_is_none_gives_nothing() {
        let mut clock = SoundClock::default();
        for (sample_rate, channels) in [(0, 2), (u32::MAX, 2), (48_000, 0), (48_000, 3)] {
            let odd = Sound {
                sample_rate,
                channels,
                ..sound(10)
            };
            assert_eq!(clock.chunks(&odd, Instant::now()), []);
        }
    }

    #[test]
    fn late_sound_is_dropped_and_the_rest_is_the_latest() {
        let mut clock = SoundClock::default();
        let mut queue = SoundQueue::default();
        let chunks = clock.chunks(&sound(1000), Instant::now());
        let dropped: usize = chunks.into_iter().map(|chunk| queue.push(chunk)).sum();
        assert_eq!(dropped, 6);
        let left: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(timestamps_ms(&left), [600, 700, 800, 900]);
        assert_eq!(queue.waiting, Duration::ZERO);
    }
}
