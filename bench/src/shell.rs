//! A shell at the far end of something that is measured.

use std::time::{Duration, Instant};

use anyhow::Result;
use async_trait::async_trait;

/// What the shell of the test account greets with.
pub(crate) const PROMPT: &str = "$ ";

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A shell, its output read and thrown away.
#[async_trait]
pub(crate) trait Shell: Send {
    /// Types.
    async fn send(&mut self, text: &str) -> Result<()>;

    /// Throws output away up to and with a text.
    async fn discard_until(&mut self, text: &str) -> Result<()>;
}

/// How long a line takes from the Enter key to its answer, which must differ
/// from what the line shows when typed.
pub(crate) async fn time_of(shell: &mut dyn Shell, line: &str, answer: &str) -> Result<Duration> {
    shell.send(line).await?;
    shell.discard_until(line).await?;
    let entered = Instant::now();
    shell.send("\r").await?;
    shell.discard_until(answer).await?;
    Ok(entered.elapsed())
}

/// Milliseconds, as the table has them.
pub(crate) fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
