//! Sound in memory, and which tone it is.

use std::f64::consts::TAU;

use anyhow::{Result, ensure};

/// Tones that [`Sound::dominant_hertz`] tells apart: from, to, step.
const HERTZ: std::ops::Range<u32> = 100..2_000;
const HERTZ_STEP: usize = 5;
/// Quieter samples are silence.
const SILENCE: i16 = 200;
/// How many samples of a channel are looked at, at most.
const WINDOW: usize = 22_050;

/// Samples of sixteen bits, one channel beside the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sound {
    /// Samples of a channel in a second; 0 while there is none.
    pub rate: u32,
    /// How many channels.
    pub channels: u32,
    samples: Vec<i16>,
}

impl Sound {
    /// Adds what follows, samples in little-endian form.
    ///
    /// # Errors
    /// When it is of another kind than before, or not whole.
    pub fn append(&mut self, rate: u32, channels: u32, bytes: &[u8]) -> Result<()> {
        ensure!(
            rate > 0 && (1..=2).contains(&channels),
            "sound of {rate} Hz with {channels} channels"
        );
        ensure!(
            self.rate == 0 || (self.rate, self.channels) == (rate, channels),
            "sound changes from {} to {rate} Hz or from {} to {channels} channels",
            self.rate,
            self.channels
        );
        let (samples, rest) = bytes.as_chunks::<2>();
        ensure!(
            rest.is_empty() && samples.len().is_multiple_of(channels as usize),
            "{} bytes are no whole samples of {channels} channels",
            bytes.len()
        );
        (self.rate, self.channels) = (rate, channels);
        self.samples
            .extend(samples.iter().map(|sample| i16::from_le_bytes(*sample)));
        Ok(())
    }

    /// How long it is, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let per_second = f64::from(self.rate.max(1)) * f64::from(self.channels.max(1));
        self.samples.len() as f64 / per_second
    }

    /// How much of it is not silence, in seconds.
    #[must_use]
    pub fn audible_seconds(&self) -> f64 {
        self.audible().len() as f64 / f64::from(self.rate.max(1))
    }

    /// The strongest tone in the middle of what is not silence, to the next
    /// five hertz; `None` for silence.
    #[must_use]
    pub fn dominant_hertz(&self) -> Option<u32> {
        let audible = self.audible();
        let start = audible.len().saturating_sub(WINDOW) / 2;
        let window = &audible[start..audible.len().min(start + WINDOW)];
        if window.len() < WINDOW / 10 {
            return None;
        }
        HERTZ
            .step_by(HERTZ_STEP)
            .map(|hertz| (hertz, self.power(window, hertz)))
            .max_by(|(_, one), (_, two)| one.total_cmp(two))
            .map(|(hertz, _)| hertz)
    }

    /// The first channel without silence before and after it.
    fn audible(&self) -> Vec<f64> {
        let channel: Vec<i16> = self
            .samples
            .iter()
            .step_by(self.channels.max(1) as usize)
            .copied()
            .collect();
        let is_loud = |sample: &i16| sample.unsigned_abs() > SILENCE.unsigned_abs();
        let first = channel.iter().position(is_loud).unwrap_or(channel.len());
        let last = channel.iter().rposition(is_loud).map_or(first, |at| at + 1);
        channel[first..last]
            .iter()
            .copied()
            .map(f64::from)
            .collect()
    }

    /// Power of one tone in a Hann window (a single bin of a Fourier
    /// transform).
    fn power(&self, window: &[f64], hertz: u32) -> f64 {
        let turn = TAU * f64::from(hertz) / f64::from(self.rate);
        let bow = TAU / window.len() as f64;
        let (mut real, mut imaginary) = (0.0, 0.0);
        for (at, sample) in window.iter().enumerate() {
            let at = at as f64;
            let weighted = sample * (1.0 - (bow * at).cos());
            real += weighted * (turn * at).cos();
            imaginary += weighted * (turn * at).sin();
        }
        real.hypot(imaginary)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_tone_is_recognised_between_silence() {
        let mut sound = Sound::default();
        let silence = vec![0; 44_100];
        sound.append(44_100, 2, &silence).unwrap();
        let tone: Vec<u8> = (0..20_000)
            .map(|at| (9_000.0 * (TAU * 440.0 * f64::from(at) / 44_100.0).sin()) as i16)
            .flat_map(|sample| [sample.to_le_bytes(), sample.to_le_bytes()].concat())
            .collect();
        sound.append(44_100, 2, &tone).unwrap();
        sound.append(44_100, 2, &silence).unwrap();
        assert_eq!(sound.dominant_hertz(), Some(440));
        assert!((sound.audible_seconds() - 0.45).abs() < 0.01);
        assert!(sound.append(48_000, 2, &tone).is_err());
        assert!(sound.append(44_100, 2, &[0; 3]).is_err());
        assert_eq!(Sound::default().dominant_hertz(), None);
    }
}
