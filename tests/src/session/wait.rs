//! Waiting, with a bound: for what a node says, and for what a shell shows.
//! Every failure tells what was heard last.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use causeway_wire::message::{CredentialRequest, Ended, Failure};

use super::{PATIENCE, Viewer};

impl Viewer {
    /// Hears until a condition holds.
    ///
    /// # Errors
    /// When the session ends or [`PATIENCE`] does before; the error tells
    /// what was heard last.
    pub async fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, self.hear()).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) if holds(self) => {}
                Ok(Ok(false)) => bail!("the socket closed before {what}; {}", self.last_words()),
                Ok(Err(error)) => return Err(error.context(format!("waiting for {what}"))),
                Err(_) => bail!("no {what} within {PATIENCE:?}; {}", self.last_words()),
            }
        }
        Ok(())
    }

    /// Hears until a text is in the output that no earlier call has found.
    ///
    /// # Errors
    /// As [`Self::wait_until`].
    pub async fn wait_for(&mut self, text: &str) -> Result<()> {
        let mut from = self.searched;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = find(&self.transcript[from..], text.as_bytes()) {
                self.searched = from + at + text.len();
                return Ok(());
            }
            from = from.max((self.transcript.len() + 1).saturating_sub(text.len()));
            let left = deadline.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, self.hear()).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => bail!(
                    "the socket closed before {text:?} came; {}",
                    self.last_words()
                ),
                Ok(Err(error)) => return Err(error.context(format!("waiting for {text:?}"))),
                Err(_) => bail!("no {text:?} within {PATIENCE:?}; {}", self.last_words()),
            }
        }
    }

    /// Hears until a text is in the output, and throws away all output up to
    /// and with it: for floods.
    ///
    /// # Errors
    /// As [`Self::wait_until`], with its own patience.
    pub async fn discard_until(&mut self, text: &str, patience: Duration) -> Result<()> {
        let deadline = Instant::now() + patience;
        self.searched = 0;
        loop {
            if let Some(at) = find(&self.transcript, text.as_bytes()) {
                self.transcript.drain(..at + text.len());
                return Ok(());
            }
            let keep = (self.transcript.len() + 1).saturating_sub(text.len());
            self.transcript.drain(..keep);
            let left = deadline.saturating_duration_since(Instant::now());
            match tokio::time::timeout(left, self.hear()).await {
                Ok(Ok(true)) => {}
                Ok(Ok(false)) => bail!(
                    "the socket closed before {text:?} came; {}",
                    self.last_words()
                ),
                Ok(Err(error)) => return Err(error.context(format!("waiting for {text:?}"))),
                Err(_) => bail!("no {text:?} within {patience:?}; {}", self.last_words()),
            }
        }
    }

    /// Waits for the session's failure.
    ///
    /// # Errors
    /// When it does not fail.
    pub async fn failure(&mut self) -> Result<Failure> {
        self.wait_until("a failure", |viewer| viewer.heard.failure.is_some())
            .await?;
        self.heard.failure.clone().context("a failure")
    }

    /// Waits for the session's end.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn ended(&mut self) -> Result<Ended> {
        self.wait_until("an end", |viewer| viewer.heard.ended.is_some())
            .await?;
        self.heard.ended.clone().context("an end")
    }

    /// Waits until the target asks for credentials.
    ///
    /// # Errors
    /// When it does not ask.
    pub async fn request(&mut self) -> Result<CredentialRequest> {
        self.wait_until("a request for credentials", |viewer| {
            !viewer.heard.requests.is_empty()
        })
        .await?;
        Ok(self.heard.requests[0].clone())
    }

    pub(super) fn last_words(&self) -> String {
        let tail = self.transcript.len().saturating_sub(400);
        format!(
            "heard {:?}; output ends with {:?}",
            self.heard,
            String::from_utf8_lossy(&self.transcript[tail..])
        )
    }
}

fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len())
        .position(|window| window == needle)
}
