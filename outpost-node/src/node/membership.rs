//! The node's standing with the control plane: heartbeats, and what their
//! answers change.

use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::{
    CallError, ControlPlane, Heartbeat, HeartbeatAnswer, MemberStatus, NodeStatus,
};
use causeway_trust::KeyRing;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::registry::Registry;
use super::run::Status;
use super::tunnels::Tunnels;

/// Between heartbeats until the control plane has told its own wish.
const INTERVAL_AT_FIRST: Duration = Duration::from_secs(1);
/// Bounds of the interval that the control plane may ask for.
const INTERVAL_MIN: Duration = Duration::from_millis(100);
const INTERVAL_MAX: Duration = Duration::from_secs(60);
/// Between heartbeats while sessions live that no order reaches: what ends one of
/// them is only told by an answer, and is to be carried out within a second.
const INTERVAL_UNREACHED: Duration = Duration::from_millis(400);
/// A node without an answer for this long is not ready.
const FRESH_FOR: Duration = Duration::from_secs(30);

/// Sends heartbeats and carries out what they answer.
pub(super) struct Membership {
    pub(super) control_plane: Arc<dyn ControlPlane>,
    pub(super) capacity: u32,
    pub(super) registry: Arc<Registry>,
    pub(super) tunnels: Tunnels,
    pub(super) passes: watch::Sender<String>,
    pub(super) keys: watch::Sender<KeyRing>,
    pub(super) status: watch::Sender<Status>,
    /// A tunnel came up or went down: worth a heartbeat at once.
    pub(super) changed: Arc<Notify>,
}

impl Membership {
    /// Runs until `stop`, the last while with `draining`; then closes the
    /// tunnels.
    pub(super) async fn run(mut self, draining: CancellationToken, stop: CancellationToken) {
        let mut interval = INTERVAL_AT_FIRST;
        let mut answered_at: Option<Instant> = None;
        let mut drain_told = false;
        while !stop.is_cancelled() {
            drain_told |= draining.is_cancelled();
            let answer = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                answer = self.beat(drain_told) => answer,
            };
            match answer {
                Ok(answer) => {
                    interval = interval_of(&answer);
                    answered_at = Some(Instant::now());
                    self.take(answer);
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "no answer to the node's heartbeat"
                    );
                }
            }
            let fresh = answered_at.is_some_and(|at| at.elapsed() < FRESH_FOR);
            self.tell(fresh && !drain_told);
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = draining.cancelled(), if !drain_told => {}
                () = self.changed.notified() => self.tell(fresh && !drain_told),
                () = sleep(self.wait(interval)) => {}
            }
        }
        // Without sessions the drain is over before the loop has told of it;
        // the node must not be chosen until its heartbeat is overdue.
        if !drain_told && let Err(error) = self.beat(true).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the control plane was not told that this node stops"
            );
        }
        self.tunnels.close().await;
    }

    fn wait(&self, interval: Duration) -> Duration {
        if self.registry.len() == 0 || self.tunnels.is_reached() {
            interval
        } else {
            interval.min(INTERVAL_UNREACHED)
        }
    }

    async fn beat(&self, draining: bool) -> Result<HeartbeatAnswer, CallError> {
        let status = NodeStatus {
            draining,
            capacity: self.capacity,
            connections: self.registry.held(),
            edges: self.tunnels.up(),
        };
        let heartbeat = Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            status: MemberStatus::Node(status),
        };
        self.control_plane.heartbeat(&heartbeat).await
    }

    fn take(&mut self, answer: HeartbeatAnswer) {
        let keys: KeyRing = answer.verifying_keys.into_iter().collect();
        self.keys
            .send_if_modified(|current| replace_if_new(current, keys));
        self.passes
            .send_if_modified(|current| replace_if_new(current, answer.pass));
        self.tunnels.keep(&answer.edges);
        for over in answer.end {
            if self.registry.end(over.connection, over.reason) {
                tracing::info!(connection = %over.connection, "told to end by the heartbeat's answer");
            }
        }
    }

    fn tell(&self, ready: bool) {
        let tunnels = self.tunnels.up().len();
        let status = Status {
            ready: ready && tunnels > 0,
            tunnels,
            sessions: self.registry.len(),
        };
        self.status
            .send_if_modified(|current| replace_if_new(current, status));
    }
}

fn replace_if_new<T: PartialEq>(current: &mut T, new: T) -> bool {
    let is_new = *current != new;
    *current = new;
    is_new
}

fn interval_of(answer: &HeartbeatAnswer) -> Duration {
    Duration::from_millis(answer.heartbeat_interval_ms).clamp(INTERVAL_MIN, INTERVAL_MAX)
}
