//! Waiting for what comes about by itself.

use std::fmt::Display;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

/// How often it is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until a state has come about; the last look is in the error.
///
/// # Errors
/// When it does not come about `within`, or a look fails.
pub async fn eventually<T, S, F>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> F,
) -> Result<T>
where
    S: Display,
    F: Future<Output = Result<Result<T, S>>>,
{
    let deadline = Instant::now() + within;
    loop {
        let found = match look().await? {
            Ok(found) => return Ok(found),
            Err(found) => found,
        };
        ensure!(
            Instant::now() < deadline,
            "{what} did not come about in {within:?}, but {found}"
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
