//! A tone played into a session of xrdp, without a sound server: xrdp's
//! channel server takes samples on a local socket, as the PulseAudio module
//! of xrdp gives them.

use std::f64::consts::TAU;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::io::AsyncWriteExt;
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep_until, timeout};

/// Samples of a channel in a second.
pub const SAMPLE_RATE: u32 = 44_100;

const CHUNK_SAMPLES: u32 = 2048;
const AMPLITUDE: f64 = 12_000.0;
/// The socket is there only while a client is connected.
const SOCKET_WITHIN: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(20);

// Heads of the socket's messages: what it is, and its length with the head.
const DATA: u32 = 0;
const CLOSE: u32 = 1;
const HEAD_BYTES: u32 = 8;

/// A tone of one frequency.
#[derive(Debug, Clone, Copy)]
pub struct Sine {
    /// Oscillations in a second.
    pub hertz: f64,
    /// How long it sounds.
    pub duration: Duration,
}

impl Sine {
    /// Plays it into a channel server's socket in its own time.
    pub(super) async fn play(self, socket: &Path) -> Result<()> {
        let mut channel = timeout(SOCKET_WITHIN, connect(socket))
            .await
            .with_context(|| format!("no {} within {SOCKET_WITHIN:?}", socket.display()))?;
        let started = Instant::now();
        let total = (self.duration.as_secs_f64() * f64::from(SAMPLE_RATE)) as u32;
        for first in (0..total).step_by(CHUNK_SAMPLES as usize) {
            let samples: Vec<u8> = (first..first + CHUNK_SAMPLES)
                .map(|at| self.sample(at))
                .flat_map(|value| [value.to_le_bytes(), value.to_le_bytes()].concat())
                .collect();
            let length = u32::try_from(samples.len())? + HEAD_BYTES;
            channel.write_all(&head(DATA, length)).await?;
            channel.write_all(&samples).await?;
            let played = f64::from(first + CHUNK_SAMPLES) / f64::from(SAMPLE_RATE);
            sleep_until(started + Duration::from_secs_f64(played)).await;
        }
        Ok(channel.write_all(&head(CLOSE, HEAD_BYTES)).await?)
    }

    fn sample(self, at: u32) -> i16 {
        let time = f64::from(at) / f64::from(SAMPLE_RATE);
        (AMPLITUDE * (TAU * self.hertz * time).sin()) as i16
    }
}

async fn connect(socket: &Path) -> UnixStream {
    loop {
        if let Ok(stream) = UnixStream::connect(socket).await {
            return stream;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn head(kind: u32, length: u32) -> Vec<u8> {
    [kind.to_le_bytes(), length.to_le_bytes()].concat()
}
