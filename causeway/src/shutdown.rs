//! Signals: the first one drains, a later one quits.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Signals that come so soon after the first are the same wish, sent to the
/// process and to its group, as `timeout` and some supervisors do.
const SAME_WISH: Duration = Duration::from_secs(1);

/// Exit code after a later signal, as a shell reports SIGINT.
const EXIT_CODE_QUIT: i32 = 130;

/// Cancels the returned token at the first SIGTERM or SIGINT. One that comes
/// later than [`SAME_WISH`] after it ends the process at once.
///
/// # Errors
/// When the handlers cannot be installed.
pub(crate) fn on_signal() -> std::io::Result<CancellationToken> {
    let mut signals = Signals::new()?;
    let stop = CancellationToken::new();
    let cancelled = stop.clone();
    // Owned by the process: it ends with it, never before.
    tokio::spawn(async move {
        let first = signals.next().await;
        tracing::info!(signal = first, "draining");
        cancelled.cancel();
        let drained_since = Instant::now();
        let mut later = signals.next().await;
        while drained_since.elapsed() < SAME_WISH {
            later = signals.next().await;
        }
        tracing::warn!(signal = later, "quitting at once");
        std::process::exit(EXIT_CODE_QUIT);
    });
    Ok(stop)
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
