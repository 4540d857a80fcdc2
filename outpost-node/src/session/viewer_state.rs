//! One viewer, as its session sees it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use causeway_wire::message::to_viewer::Body;

/// How long a viewer may take to say hello.
pub const HELLO_DEADLINE: Duration = Duration::from_secs(10);
/// How often a viewer is asked for a sign of life.
pub const PING_INTERVAL: Duration = Duration::from_secs(15);
/// Silence after which a viewer is taken for gone.
pub const SILENCE_MAX: Duration = Duration::from_secs(45);
/// Messages besides the content's that may wait for one viewer. One that asks more
/// than it reads is closed.
pub const CONTROL_MESSAGES_MAX: usize = 64;

/// Names a viewer within its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewerId(pub u64);

/// Why the node closes a viewer's socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// Everything was said.
    Done,
    /// It did not keep to the protocol.
    ProtocolError,
    /// It said nothing for too long.
    Silent,
}

/// What is to go out on a viewer's socket.
#[derive(Debug, Clone, PartialEq)]
pub enum ViewerOut {
    /// A message.
    Message(Body),
    /// A question for a sign of life.
    Ping,
    /// The end.
    Close(CloseReason),
}

#[derive(Debug)]
pub(super) struct Viewer {
    /// Whether it has said hello.
    pub(super) greeted: bool,
    pub(super) control: VecDeque<Body>,
    /// Set when nothing but what is queued shall be sent.
    pub(super) close: Option<CloseReason>,
    pub(super) close_sent: bool,
    pub(super) heard_at: Instant,
    ping_at: Instant,
    ping_due: bool,
}

impl Viewer {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            greeted: false,
            control: VecDeque::new(),
            close: None,
            close_sent: false,
            heard_at: now,
            ping_at: now + PING_INTERVAL,
            ping_due: false,
        }
    }

    /// Whether it takes part in the session.
    pub(super) const fn is_attached(&self) -> bool {
        self.greeted && self.close.is_none()
    }

    pub(super) fn send(&mut self, body: Body) {
        if self.close.is_some() {
            return;
        }
        if self.control.len() >= CONTROL_MESSAGES_MAX {
            self.control.clear();
            self.close = Some(CloseReason::ProtocolError);
            return;
        }
        self.control.push_back(body);
    }

    /// Sends a last message and closes.
    pub(super) fn finish(&mut self, last: Body, reason: CloseReason) {
        if self.close.is_none() {
            self.control.push_back(last);
            self.close = Some(reason);
        }
    }

    pub(super) fn next_timeout(&self) -> Instant {
        let silent_at = self.heard_at + self.patience();
        silent_at.min(self.ping_at)
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if now >= self.heard_at + self.patience() && self.close.is_none() {
            self.control.clear();
            self.close = Some(CloseReason::Silent);
        }
        if now >= self.ping_at {
            self.ping_at = now + PING_INTERVAL;
            self.ping_due = true;
        }
    }

    /// The next message besides the content's.
    pub(super) fn poll_control(&mut self) -> Option<ViewerOut> {
        if let Some(body) = self.control.pop_front() {
            return Some(ViewerOut::Message(body));
        }
        if std::mem::take(&mut self.ping_due) {
            return Some(ViewerOut::Ping);
        }
        None
    }

    const fn patience(&self) -> Duration {
        if self.greeted {
            SILENCE_MAX
        } else {
            HELLO_DEADLINE
        }
    }
}
