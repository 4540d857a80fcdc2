//! What an opening tells on its way, whatever the protocol.

use std::time::Duration;

use causeway_fleet::HostKey;
use causeway_wire::message::Step;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::failure::{Failure, FailureCode};
use crate::question::Question;

/// How long the control plane may take to remember a key, in seconds.
pub const REMEMBER_DEADLINE: Duration = Duration::from_secs(10);

/// What happens while a target is being opened.
#[derive(Debug)]
pub enum OpenEvent {
    /// A step begins.
    Step(Step),
    /// The target wants to know something from the viewer.
    Question(Question),
    /// A target was seen for the first time: its key is to be remembered
    /// before it is told any secret.
    HostKey(HostKeySeen),
}

/// A key that was seen for the first time.
#[derive(Debug)]
pub struct HostKeySeen {
    /// The key: an SSH host key, or what a certificate is known by.
    pub key: HostKey,
    /// To be answered once the key is remembered, or cannot be.
    pub remembered: oneshot::Sender<Result<(), Failure>>,
}

/// Tells that a step begins.
pub async fn begin(events: &mpsc::Sender<OpenEvent>, step: Step) {
    if events.send(OpenEvent::Step(step)).await.is_err() {
        tracing::debug!(step = step.as_str_name(), "nobody listens to the opening");
    }
}

/// Has a key remembered that was seen for the first time.
///
/// # Errors
/// When the control plane does not remember it in time: nothing secret may be
/// told to the target then.
pub async fn remember(events: &mpsc::Sender<OpenEvent>, key: HostKey) -> Result<(), Failure> {
    let failed = || Failure::new(FailureCode::HostKeyNotRemembered, Step::VerifyHost);
    let (remembered, answer) = oneshot::channel();
    let seen = HostKeySeen { key, remembered };
    if events.send(OpenEvent::HostKey(seen)).await.is_err() {
        return Err(failed());
    }
    match timeout(REMEMBER_DEADLINE, answer).await {
        Err(_) => Err(failed().with("deadline", "remember")),
        Ok(Err(_)) => Err(failed()),
        Ok(Ok(result)) => result,
    }
}
