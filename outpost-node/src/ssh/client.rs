//! What russh asks while it speaks to a target: is this the machine?
//!
//! The verdict is left where the sequence of [`super::open()`] finds it, since
//! russh itself only learns yes or no.

use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{DisconnectReason, Handler};
use russh::keys::PublicKeyOrCertificate;

use super::host_key::{HostKeyPolicy, Verdict};

/// What was seen of the target.
#[derive(Debug, Default)]
pub(super) struct Seen {
    inner: Mutex<SeenInner>,
}

#[derive(Debug, Default)]
struct SeenInner {
    verdict: Option<Verdict>,
    disconnect: Option<String>,
}

impl Seen {
    /// The verdict about the host key, once.
    pub(super) fn take_verdict(&self) -> Option<Verdict> {
        self.lock().verdict.take()
    }

    /// Why the target closed the connection, in its own words.
    pub(super) fn disconnect(&self) -> Option<String> {
        self.lock().disconnect.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, SeenInner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's handler.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) host_keys: HostKeyPolicy,
    pub(super) seen: Arc<Seen>,
}

impl Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        key: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        let verdict = self.host_keys.judge(&key.public_key());
        let accepted = matches!(verdict, Verdict::Trusted | Verdict::FirstUse(_));
        self.seen.lock().verdict = Some(verdict);
        Ok(accepted)
    }

    async fn disconnected(
        &mut self,
        reason: DisconnectReason<Self::Error>,
    ) -> Result<(), Self::Error> {
        match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                let words: String = info
                    .message
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(200)
                    .collect();
                self.seen.lock().disconnect = Some(words);
                Ok(())
            }
            DisconnectReason::Error(error) => {
                // Nobody else hears of it once the session is open; an end in
                // good order is no news.
                if !matches!(error, russh::Error::Disconnect) {
                    tracing::info!(%error, "the connection to the target broke");
                }
                Err(error)
            }
        }
    }
}
