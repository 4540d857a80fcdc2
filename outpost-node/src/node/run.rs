//! From a bound socket to the last goodbye.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::{ControlPlane, Identity};
use causeway_model::id::NodeId;
use causeway_model::object::EndReason;
use causeway_tunnel::{BindError, Dialer, TunnelEvent};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::membership::Membership;
use super::reception::Reception;
use super::registry::Registry;
use super::ticket::Burnt;
use super::tunnels::Tunnels;
use crate::compute::Compute;
use crate::metrics::Metrics;

/// Viewers and orders that may wait for the reception.
const TUNNEL_EVENTS_MAX: usize = 256;
/// How long sessions may take to end and to be reported once they are told to.
const END_DEADLINE: Duration = Duration::from_secs(5);

/// How a node is set up.
pub struct NodeConfig {
    /// Who it is.
    pub identity: Identity,
    /// How many connections it takes at once.
    pub capacity: u32,
    /// How long sessions may go on after the node is told to stop.
    pub drain: Duration,
}

/// How a node is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status {
    /// The control plane has answered lately and a tunnel is up.
    pub ready: bool,
    /// Edges with a live tunnel.
    pub tunnels: usize,
    /// Sessions, as of the last heartbeat.
    pub sessions: usize,
}

/// Why a node could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The identity is an edge's.
    #[error("the identity is not a node's")]
    NotANode,
    /// No tunnels from this socket.
    #[error("the tunnel socket cannot be used")]
    Tunnel(#[from] BindError),
}

/// A node, ready to [`run`](Self::run).
pub struct Node {
    membership: Membership,
    reception: Arc<Reception>,
    events: mpsc::Receiver<TunnelEvent>,
    status: watch::Receiver<Status>,
    drain: Duration,
}

impl Node {
    /// Sets a node up on a bound socket. Call it inside a runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn new(
        config: NodeConfig,
        udp: UdpSocket,
        control_plane: Arc<dyn ControlPlane>,
    ) -> Result<Self, StartError> {
        let node = config.identity.member.node().ok_or(StartError::NotANode)?;
        let dialer = Arc::new(Dialer::new(udp, config.identity.key)?);
        let registry = Arc::new(Registry::default());
        let (keys, keys_seen) = watch::channel(config.identity.verifying_keys);
        let (passes, passes_seen) = watch::channel(String::new());
        let (status, status_seen) = watch::channel(Status::default());
        let (tunnel_events, events) = mpsc::channel(TUNNEL_EVENTS_MAX);
        let changed = Arc::new(Notify::new());
        let membership = Membership {
            control_plane: Arc::clone(&control_plane),
            capacity: config.capacity,
            registry: Arc::clone(&registry),
            tunnels: Tunnels::new(dialer, passes_seen, tunnel_events, Arc::clone(&changed)),
            passes,
            keys,
            status,
            changed,
        };
        let reception = Arc::new(Reception {
            node,
            capacity: config.capacity,
            keys: keys_seen,
            control_plane,
            registry,
            metrics: Arc::default(),
            compute: Compute::of_machine(),
            burnt: Burnt::default(),
        });
        Ok(Self {
            membership,
            reception,
            events,
            status: status_seen,
            drain: config.drain,
        })
    }

    /// Who it is.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.reception.node
    }

    /// How it is doing, from now on.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// How many sessions live on it, from now on.
    #[must_use]
    pub fn sessions(&self) -> watch::Receiver<usize> {
        self.reception.registry.count()
    }

    /// What it counts.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.reception.metrics)
    }

    /// Runs until `stop`; then takes nothing new, hands over what is not opened
    /// yet, gives sessions the drain period, ends the rest, and says so to the
    /// control plane.
    pub async fn run(self, stop: CancellationToken) {
        let tasks = TaskTracker::new();
        let draining = CancellationToken::new();
        let over = CancellationToken::new();
        let registry = Arc::clone(&self.reception.registry);
        tasks.spawn(self.membership.run(draining.clone(), over.clone()));
        tasks.spawn(Arc::clone(&self.reception).run(self.events, over.clone()));
        stop.cancelled().await;

        draining.cancel();
        registry.drain();
        if timeout(self.drain, registry.wait()).await.is_err() {
            tracing::info!(
                sessions = registry.len(),
                "ending the sessions that still live"
            );
            registry.end_all(EndReason::NodeShutdown);
            if timeout(END_DEADLINE, registry.wait()).await.is_err() {
                tracing::warn!(sessions = registry.len(), "sessions did not end in time");
            }
        }
        over.cancel();
        tasks.close();
        tasks.wait().await;
    }
}
