//! Sound from the target (MS-RDPEA): the best format that it offers, decoded
//! to 16-bit samples.

use std::borrow::Cow;

use bytes::Bytes;
use causeway_target::desktop::Sound;
use ironrdp_rdpsnd::client::RdpsndClientHandler;
use ironrdp_rdpsnd::codec::AudioDecoder;
use ironrdp_rdpsnd::pdu::{AudioFormat, PitchPdu, VolumePdu, WaveFormat};

use crate::channels::{Teller, Told, tell};

/// Sampling rates that are taken, in hertz.
const RATES: std::ops::RangeInclusive<u32> = 8_000..=48_000;
/// Longest piece of sound, in samples: ten seconds of stereo.
const SAMPLES_MAX: usize = 48_000 * 2 * 10;

/// What the target plays to.
pub(crate) struct Player {
    told: Teller,
    decoder: Option<(AudioFormat, AudioDecoder)>,
}

impl Player {
    pub(crate) const fn new(told: Teller) -> Self {
        Self {
            told,
            decoder: None,
        }
    }

    fn decode(&mut self, format: &AudioFormat, data: &[u8]) -> Option<Vec<i16>> {
        if self.decoder.as_ref().is_none_or(|(of, _)| of != format) {
            self.decoder = Some((format.clone(), AudioDecoder::new(format).ok()?));
        }
        let (_, decoder) = self.decoder.as_mut()?;
        let mut samples = Vec::new();
        if let Err(error) = decoder.decode(data, &mut samples) {
            tracing::debug!(%error, "sound that cannot be decoded");
        }
        samples.truncate(SAMPLES_MAX);
        Some(samples)
    }
}

impl std::fmt::Debug for Player {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Player").finish_non_exhaustive()
    }
}

impl RdpsndClientHandler for Player {
    fn get_formats(&self) -> &[AudioFormat] {
        &[]
    }

    fn choose_formats(&self, server_formats: &[AudioFormat]) -> Vec<AudioFormat> {
        // One only, so that it does not change in the middle.
        best(server_formats).cloned().into_iter().collect()
    }

    fn wave(&mut self, format: &AudioFormat, _: u32, data: Cow<'_, [u8]>) {
        let Some(samples) = self.decode(format, &data) else {
            return;
        };
        let pcm: Vec<u8> = samples.into_iter().flat_map(i16::to_le_bytes).collect();
        if pcm.is_empty() {
            return;
        }
        let sound = Sound {
            sample_rate: format.n_samples_per_sec,
            channels: u8::try_from(format.n_channels).unwrap_or(1),
            pcm: Bytes::from(pcm),
        };
        tell(&self.told, Told::Sound(sound));
    }

    fn set_volume(&mut self, _: VolumePdu) {}

    fn set_pitch(&mut self, _: PitchPdu) {}

    fn close(&mut self) {
        self.decoder = None;
    }
}

/// The format that sounds best: samples as they are before coded ones, two
/// channels before one, the higher rate.
fn best(offered: &[AudioFormat]) -> Option<&AudioFormat> {
    let can = |format: &&AudioFormat| {
        RATES.contains(&format.n_samples_per_sec)
            && (1..=2).contains(&format.n_channels)
            && AudioDecoder::supports(format)
    };
    offered.iter().filter(can).max_by_key(|format| {
        let is_pcm16 = format.format == WaveFormat::PCM && format.bits_per_sample == 16;
        (is_pcm16, format.n_channels, format.n_samples_per_sec)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format(tag: WaveFormat, channels: u16, rate: u32, bits: u16) -> AudioFormat {
        let block = channels * bits.div_ceil(8);
        AudioFormat {
            format: tag,
            n_channels: channels,
            n_samples_per_sec: rate,
            n_avg_bytes_per_sec: rate * u32::from(block),
            n_block_align: block,
            bits_per_sample: bits,
            data: None,
        }
    }

    #[test]
    fn the_best_format_is_chosen() {
        let stereo = format(WaveFormat::PCM, 2, 44_100, 16);
        let offered = [
            format(WaveFormat::ALAW, 2, 48_000, 8),
            format(WaveFormat::PCM, 1, 48_000, 16),
            stereo.clone(),
            format(WaveFormat::PCM, 2, 22_050, 16),
            format(WaveFormat::PCM, 2, 192_000, 16),
            format(WaveFormat::PCM, 6, 48_000, 16),
        ];
        assert_eq!(best(&offered), Some(&stereo));
        let coded = [format(WaveFormat::MULAW, 1, 8_000, 8)];
        assert_eq!(best(&coded), Some(&coded[0]));
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn samples_pass_as_they_are() {
        let (teller, told) = std::sync::mpsc::channel();
        let mut player = Player::new(teller);
        let data = [1, 0, 255, 255, 0, 128, 9];
        player.wave(
            &format(WaveFormat::PCM, 2, 44_100, 16),
            0,
            Cow::Borrowed(&data),
        );
        let Ok(Told::Sound(sound)) = told.try_recv() else {
            panic!("no sound");
        };
        assert_eq!((sound.sample_rate, sound.channels), (44_100, 2));
        assert_eq!(&sound.pcm[..], &data[..6]);
    }

    #[test]
    fn a_format_that_is_none_makes_no_sound() {
        let (teller, told) = std::sync::mpsc::channel();
        let mut player = Player::new(teller);
        player.wave(
            &format(WaveFormat::PCM, 0, 0, 16),
            0,
            Cow::Borrowed(&[1, 2]),
        );
        assert!(told.try_recv().is_err());
    }
}
