//! Keeps one tunnel up: dials, serves, and dials again when it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::dialer::{Dialer, EdgePeer};
use crate::node_tunnel::TunnelEvent;

/// A tunnel that lived this long was a good one: the next failure is a first.
const STEADY: Duration = Duration::from_secs(10);

/// Whether a tunnel is up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TunnelState {
    /// Not now: being dialled, or waiting to be.
    Down,
    /// The edge has taken the greeting.
    Up,
}

/// One edge to be kept in touch with.
#[derive(Debug)]
pub struct Keep {
    /// Where to dial from.
    pub dialer: Arc<Dialer>,
    /// Whom to dial.
    pub edge: EdgePeer,
    /// The node's pass of the moment; each change is told to the edge.
    pub passes: watch::Receiver<String>,
    /// Takes what comes through the tunnel.
    pub events: mpsc::Sender<TunnelEvent>,
    /// Is told whether the tunnel is up.
    pub state: watch::Sender<TunnelState>,
}

impl Keep {
    /// Keeps the tunnel until `stop`; then closes it.
    pub async fn run(self, stop: CancellationToken) {
        let mut backoff = Backoff::default();
        loop {
            let began = Instant::now();
            let was_up = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                was_up = self.once() => was_up,
            };
            self.state.send_replace(TunnelState::Down);
            if was_up && began.elapsed() >= STEADY {
                backoff.reset();
            }
            let wait = backoff.wait(fastrand::f64());
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = sleep(wait) => {}
            }
        }
        self.state.send_replace(TunnelState::Down);
    }

    /// One tunnel from dial to end; whether it was ever up.
    async fn once(&self) -> bool {
        let edge = self.edge.id;
        let mut passes = self.passes.clone();
        let pass = passes.borrow_and_update().clone();
        let tunnel = match self.dialer.dial(&self.edge, &pass).await {
            Ok(tunnel) => tunnel,
            Err(error) => {
                tracing::warn!(%edge, error = &error as &dyn std::error::Error, "no tunnel");
                return false;
            }
        };
        tracing::info!(%edge, "tunnel up");
        self.state.send_replace(TunnelState::Up);
        let Err(end) = tunnel.run(passes, self.events.clone()).await;
        tracing::info!(%edge, error = &end as &dyn std::error::Error, "tunnel down");
        true
    }
}
