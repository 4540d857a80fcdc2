//! Signals: the first one drains, the second one quits.

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Exit code after a second signal, as a shell reports SIGINT.
const EXIT_CODE_QUIT: i32 = 130;

/// Cancels the returned token at the first SIGTERM or SIGINT. A second one
/// ends the process at once.
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
        let second = signals.next().await;
        tracing::warn!(signal = second, "quitting at once");
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
