//! The life of an edge: bind, serve, drain.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::ControlPlane;
use causeway_serve::{Acceptor, Beyond};
use causeway_trust::MemberId;
use causeway_tunnel::{BindError, Listener};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::carried::Carried;
use crate::config::{DRAIN_TOLD_MAX, EdgeConfig, Limits, STOP_DEADLINE};
use crate::heartbeat::Membership;
use crate::http_server;
use crate::metrics::Metrics;
use crate::nodes::Nodes;
use crate::origins::Origins;
use crate::shared::{Shared, Status};
use crate::tunnels::Tunnels;

/// Why an edge does not come up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The identity is a node's.
    #[error("{0} is not an edge")]
    NotAnEdge(MemberId),
    /// The tunnels' socket cannot be used.
    #[error("the tunnel socket cannot be used")]
    Tunnel(#[from] BindError),
}

/// The sockets of an edge, bound by the caller.
#[derive(Debug)]
pub struct Sockets {
    /// For browsers, and for the control plane's orders.
    pub tcp: TcpListener,
    /// For nodes.
    pub udp: UdpSocket,
    /// Certificate and key for browsers; none for plain HTTP. Only HTTP/1.1 is
    /// spoken.
    pub tls: Option<Arc<ServerConfig>>,
}

/// An edge, ready to [`run`](Self::run).
pub struct Edge {
    shared: Arc<Shared>,
    membership: Membership,
    listener: Listener,
    tcp: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    limits: Limits,
    drain: Duration,
}

impl Edge {
    /// Sets an edge up on bound sockets; it speaks through `control_plane`.
    /// Call it inside a runtime.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn new(
        config: EdgeConfig,
        sockets: Sockets,
        control_plane: Arc<dyn ControlPlane>,
    ) -> Result<Self, StartError> {
        let member = config.identity.member;
        let shared = Arc::new(Shared {
            edge: member.edge().ok_or(StartError::NotAnEdge(member))?,
            keys: watch::Sender::new(config.identity.verifying_keys),
            origins: Origins::new(&config.own_origins),
            tunnels: Tunnels::default(),
            metrics: Arc::new(Metrics::default()),
            status: watch::Sender::new(Status::default()),
            carried: Carried::default(),
            draining: CancellationToken::new(),
            turned_away: CancellationToken::new(),
            drain_told: watch::Sender::new(false),
        });
        let membership = Membership {
            shared: Arc::clone(&shared),
            control_plane,
            public_url: config.public_url,
            tunnel_address: config.tunnel_address,
        };
        Ok(Self {
            shared,
            membership,
            listener: Listener::new(sockets.udp, &config.identity.key)?,
            tcp: sockets.tcp,
            tls: sockets.tls,
            limits: Limits::default(),
            drain: config.drain,
        })
    }

    /// The same edge with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How it is doing, from now on.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.shared.status.subscribe()
    }

    /// What it counts.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.shared.metrics)
    }

    /// Serves until `stop`, then drains: tells the control plane, takes nobody
    /// in any more, and sends browsers on to other edges, evenly over the time
    /// that the configuration gives. Orders are carried until the tunnels are
    /// closed: this may be the only edge that reaches their node. Dropping the
    /// future ends everything at once.
    pub async fn run(self, stop: CancellationToken) {
        let (browsers, tunnels, loops) =
            (TaskTracker::new(), TaskTracker::new(), TaskTracker::new());
        let shared = self.shared;
        let nodes = Nodes::new(Arc::clone(&shared), self.limits, tunnels.clone());
        let listener = Arc::new(self.listener);
        // Requests and tunnels are let in while browsers are sent on.
        let closing = CancellationToken::new();
        let cut = shared.carried.cut().clone();
        let _guards = [&closing, &cut].map(|token| token.clone().drop_guard());
        let acceptor = Acceptor {
            listener: self.tcp,
            tls: self.tls,
            limits: accept_limits(&self.limits),
            load: shared.metrics.load.clone(),
            tasks: browsers.clone(),
            cut: cut.clone(),
        };
        let (of_all, limits) = (Arc::clone(&shared), Arc::new(self.limits));
        let serve =
            move |arrival| http_server::serve(Arc::clone(&of_all), Arc::clone(&limits), arrival);
        loops.spawn(acceptor.run(closing.clone(), serve));
        loops.spawn(nodes.run(Arc::clone(&listener), closing.clone()));
        loops.spawn(self.membership.run(closing.clone()));

        stop.cancelled().await;
        shared.set_ready(false);
        let sessions = shared.metrics.sessions.value();
        tracing::info!(sessions, "edge drains");
        tell_of_drain(&shared).await;
        shared.turned_away.cancel();
        shared.carried.send_on(self.drain).await;
        finish(&browsers, STOP_DEADLINE).await;
        closing.cancel();
        cut.cancel();
        finish(&browsers, STOP_DEADLINE).await;
        listener.close().await;
        finish(&tunnels, STOP_DEADLINE).await;
        finish(&loops, STOP_DEADLINE).await;
        tracing::info!("edge stopped");
    }
}

fn accept_limits(limits: &Limits) -> causeway_serve::Limits {
    causeway_serve::Limits {
        connections_max: limits.connections_max,
        strangers_max: limits.strangers_max,
        // So that the browser can try another edge.
        beyond: Beyond::Close,
        handshake_max: limits.head_deadline,
    }
}

/// From when this returns on, the control plane sends browsers elsewhere; or it
/// could not be told.
async fn tell_of_drain(shared: &Shared) {
    shared.draining.cancel();
    let mut told = shared.drain_told.subscribe();
    if timeout(DRAIN_TOLD_MAX, told.wait_for(|told| *told))
        .await
        .is_err()
    {
        tracing::warn!("the control plane was not told in time that this edge stops");
    }
}

/// Whether all tasks ended within `grace`.
async fn finish(tasks: &TaskTracker, grace: Duration) -> bool {
    tasks.close();
    timeout(grace, tasks.wait()).await.is_ok()
}
