//! What a listener puts up with.

use std::time::Duration;

/// What becomes of a connection beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// It waits in the kernel's queue until a place is free.
    Wait,
    /// It is closed unread, so that its program can try another server.
    Close,
}

/// What a listener puts up with.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// TCP connections at once.
    pub connections_max: usize,
    /// How many of them may be strangers: those that
    /// [`Place::is_known`](crate::Place::is_known) was not called for.
    pub strangers_max: usize,
    /// What becomes of those beyond.
    pub beyond: Beyond,
    /// From the TCP connection to the end of the TLS handshake.
    pub handshake_max: Duration,
}
