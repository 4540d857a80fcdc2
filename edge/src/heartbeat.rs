//! Tells the control plane that the edge lives, and takes what it answers.

use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::{
    CallError, ControlPlane, EdgeStatus, Heartbeat, HeartbeatAnswer, MemberStatus,
};
use causeway_tunnel::backoff::Backoff;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::config::FRESH_FOR;
use crate::shared::Shared;

/// Between heartbeats until the control plane has told its wish.
const INTERVAL_AT_FIRST: Duration = Duration::from_secs(1);
/// Bounds of the interval that the control plane may wish for.
const INTERVAL_MIN: Duration = Duration::from_millis(100);
const INTERVAL_MAX: Duration = Duration::from_secs(60);

/// The edge's standing with the control plane.
pub(crate) struct Membership {
    pub(crate) shared: Arc<Shared>,
    pub(crate) control_plane: Arc<dyn ControlPlane>,
    /// Where browsers reach the edge; may differ from one run to the next.
    pub(crate) public_url: String,
    /// Where nodes dial it.
    pub(crate) tunnel_address: String,
}

impl Membership {
    /// Beats until `stop`. Without the control plane the edge goes on with
    /// what it was told last: carrying needs nobody's leave but the tickets'.
    /// That the edge drains is told at once.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        let mut interval = INTERVAL_AT_FIRST;
        let mut answered_at: Option<Instant> = None;
        loop {
            let draining = self.shared.draining.is_cancelled();
            let answered = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                answered = self.beat(draining) => answered,
            };
            let wait = match answered {
                Ok(answer) => {
                    backoff.reset();
                    answered_at = Some(Instant::now());
                    interval = interval_of(&answer);
                    self.take_over(answer);
                    if draining {
                        self.shared.drain_told.send_replace(true);
                    }
                    interval
                }
                Err(error) => {
                    self.shared.metrics.heartbeats_failed.add(1);
                    tracing::warn!(error = &error as &dyn std::error::Error, "no heartbeat");
                    backoff.wait(fastrand::f64()).min(interval)
                }
            };
            let fresh = answered_at.is_some_and(|at| at.elapsed() < FRESH_FOR);
            self.shared
                .set_ready(fresh && !self.shared.draining.is_cancelled());
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                () = self.shared.draining.cancelled(), if !draining => {}
                () = sleep(wait) => {}
            }
        }
    }

    async fn beat(&self, draining: bool) -> Result<HeartbeatAnswer, CallError> {
        let status = EdgeStatus {
            draining,
            nodes: u32::try_from(self.shared.tunnels.nodes()).unwrap_or(u32::MAX),
            public_url: self.public_url.clone(),
            tunnel_address: self.tunnel_address.clone(),
        };
        let heartbeat = Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            status: MemberStatus::Edge(status),
        };
        self.control_plane.heartbeat(&heartbeat).await
    }

    fn take_over(&self, answer: HeartbeatAnswer) {
        self.shared.origins.name(&answer.allowed_origins);
        let keys = answer.verifying_keys.into_iter().collect();
        self.shared.keys.send_if_modified(|held| {
            let changed = *held != keys;
            *held = keys;
            changed
        });
    }
}

fn interval_of(answer: &HeartbeatAnswer) -> Duration {
    Duration::from_millis(answer.heartbeat_interval_ms).clamp(INTERVAL_MIN, INTERVAL_MAX)
}
