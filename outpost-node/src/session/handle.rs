//! How the rest of the node reaches a session.

use causeway_model::object::EndReason;
use tokio::sync::{mpsc, watch};

use crate::viewer::ViewerStream;

/// Viewers that may wait for one session.
const ARRIVALS_MAX: usize = 4;

/// The outside of a session. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SessionHandle {
    arrivals: mpsc::Sender<Box<dyn ViewerStream>>,
    end: watch::Sender<Option<EndReason>>,
    drain: watch::Sender<bool>,
}

/// The inside of it.
#[derive(Debug)]
pub struct SessionInbox {
    pub(super) arrivals: mpsc::Receiver<Box<dyn ViewerStream>>,
    pub(super) end: watch::Receiver<Option<EndReason>>,
    pub(super) drain: watch::Receiver<bool>,
}

/// Ready once: when a reason is told. Cancel-safe.
pub(super) async fn told_to_end(end: &mut watch::Receiver<Option<EndReason>>) -> EndReason {
    loop {
        // Nobody is left to tell one.
        if end.changed().await.is_err() {
            return std::future::pending().await;
        }
        if let Some(reason) = *end.borrow_and_update() {
            return reason;
        }
    }
}

/// Ready once: when the node drains. Cancel-safe.
pub(super) async fn told_to_drain(drain: &mut watch::Receiver<bool>) {
    // Nobody is left to tell it.
    if drain.changed().await.is_err() {
        std::future::pending().await
    }
}

impl SessionHandle {
    /// A handle, and what the session's task listens to.
    #[must_use]
    pub fn new() -> (Self, SessionInbox) {
        let (arrivals, arriving) = mpsc::channel(ARRIVALS_MAX);
        let (end, ending) = watch::channel(None);
        let (drain, draining) = watch::channel(false);
        let inbox = SessionInbox {
            arrivals: arriving,
            end: ending,
            drain: draining,
        };
        let handle = Self {
            arrivals,
            end,
            drain,
        };
        (handle, inbox)
    }

    /// Brings a viewer. One that comes too late finds its stream closed.
    pub async fn attach(&self, stream: Box<dyn ViewerStream>) {
        if self.arrivals.send(stream).await.is_err() {
            tracing::debug!("a viewer came to a session that is over");
        }
    }

    /// Hands the session over to another node, if there is none yet to lose.
    pub fn drain(&self) {
        self.drain
            .send_if_modified(|told| !std::mem::replace(told, true));
    }

    /// Ends the session. The first reason counts.
    pub fn end(&self, reason: EndReason) {
        self.end.send_if_modified(|current| {
            let is_first = current.is_none();
            current.get_or_insert(reason);
            is_first
        });
    }
}
