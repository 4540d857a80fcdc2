//! The life of an edge: bind, serve, drain.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::ControlPlane;
use causeway_trust::MemberId;
use causeway_tunnel::{BindError, Listener};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::{EdgeConfig, Limits, STOP_DEADLINE};
use crate::heartbeat::Membership;
use crate::http_server::HttpServer;
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
    tls: Option<TlsAcceptor>,
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
            end_sessions: CancellationToken::new(),
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
            tls: sockets.tls.map(TlsAcceptor::from),
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

    /// Serves until `stop`, then drains: takes nobody in any more, lets
    /// sessions run for the time that the configuration gives, ends the rest.
    /// Dropping the future ends everything at once.
    pub async fn run(self, stop: CancellationToken) {
        let (browsers, tunnels, loops) =
            (TaskTracker::new(), TaskTracker::new(), TaskTracker::new());
        let http = HttpServer::new(
            Arc::clone(&self.shared),
            self.tls,
            self.limits,
            browsers.clone(),
        );
        let nodes = Nodes::new(Arc::clone(&self.shared), self.limits, tunnels.clone());
        let listener = Arc::new(self.listener);
        // Tunnels are let in and kept while sessions drain.
        let (draining, closing) = (stop.child_token(), CancellationToken::new());
        let end_sessions = self.shared.end_sessions.clone();
        let _guards = [&draining, &closing, &end_sessions].map(|token| token.clone().drop_guard());
        loops.spawn(http.run(self.tcp, draining.clone()));
        loops.spawn(nodes.run(Arc::clone(&listener), closing.clone()));
        loops.spawn(self.membership.run(draining));

        stop.cancelled().await;
        self.shared.set_ready(false);
        tracing::info!(
            sessions = self.shared.metrics.sessions.value(),
            "edge drains"
        );
        if !finish(&browsers, self.drain).await {
            end_sessions.cancel();
            finish(&browsers, STOP_DEADLINE).await;
        }
        closing.cancel();
        listener.close().await;
        finish(&tunnels, STOP_DEADLINE).await;
        finish(&loops, STOP_DEADLINE).await;
        tracing::info!("edge stopped");
    }
}

/// Whether all tasks ended within `grace`.
async fn finish(tasks: &TaskTracker, grace: Duration) -> bool {
    tasks.close();
    timeout(grace, tasks.wait()).await.is_ok()
}
