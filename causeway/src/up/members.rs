//! The built-in edge and node: enrolled the first time, themselves ever after.

use std::net::UdpSocket;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use causeway_edge::{Edge, EdgeConfig, Sockets};
use causeway_fleet::http::client_builder;
use causeway_fleet::{Admission, EnrolledAs, HttpControlPlane, Identity, Joining, identity};
use causeway_functions::access::Admin;
use causeway_functions::{App, use_case};
use causeway_model::id::NodeId;
use causeway_outpost_node::{Node, NodeConfig};
use causeway_trust::MemberId;
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ready;
use super::sockets::Urls;
use crate::cli::UpArgs;
use crate::data_dir::DataDir;
use crate::serve::bind_dialer;

/// Name of the built-in edge and node.
const NAME: &str = "built-in";
/// How long the edge may take to be known to the control plane.
const EDGE_DEADLINE: Duration = Duration::from_secs(15);
/// How long websockets may stay open once the node has ended their sessions.
const EDGE_DRAIN: Duration = Duration::from_secs(1);

/// The edge's sockets.
pub(super) struct MemberSockets {
    pub(super) edge: TcpListener,
    pub(super) tunnel: UdpSocket,
    pub(super) tls: Option<Arc<ServerConfig>>,
}

/// The running edge and node.
pub(super) struct Members {
    edge: Running,
    node: Running,
}

struct Running {
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Running {
    fn new<F: Future<Output = ()> + Send + 'static>(
        task: impl FnOnce(CancellationToken) -> F,
    ) -> Self {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        tasks.spawn(task(stop.clone()));
        tasks.close();
        Self { tasks, stop }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Members {
    /// Starts both and waits until launches work.
    ///
    /// # Errors
    /// When one cannot enrol or does not come up in time.
    pub(super) async fn start(
        app: &App,
        data: &DataDir,
        args: &UpArgs,
        urls: &Urls,
        outpost: &str,
        sockets: MemberSockets,
    ) -> anyhow::Result<Self> {
        let member = Member {
            app,
            urls,
            client: client_builder().no_proxy().build()?,
        };
        let edge = member.edge(&data.edge(), sockets).await?;
        let (node, id) = member.node(&data.node(), args, outpost).await?;
        ready::wait(app, id).await?;
        Ok(Self { edge, node })
    }

    /// Ends the node's sessions first, then the edge that carries them.
    pub(super) async fn stop(self) {
        self.node.stop().await;
        self.edge.stop().await;
    }
}

/// What both need to become members and to speak to the control plane.
struct Member<'a> {
    app: &'a App,
    urls: &'a Urls,
    client: reqwest::Client,
}

impl Member<'_> {
    async fn edge(&self, directory: &Path, sockets: MemberSockets) -> anyhow::Result<Running> {
        let token = match self.is_enrolled(directory).await? {
            true => None,
            false => Some(
                use_case::enrolment::join_edge(self.app, &Admin::operator())
                    .await?
                    .token,
            ),
        };
        let joining = Joining {
            directory: directory.to_owned(),
            control_plane: self.urls.members.clone(),
            admission: token.map(Admission::Token),
            name: NAME.to_owned(),
            role: EnrolledAs::Edge {
                public_url: self.urls.edge.public_url.clone(),
                tunnel_address: self.urls.edge.tunnel.clone(),
            },
        };
        let identity = self.moved_here(joining.join(&self.client).await?);
        let control_plane = Arc::new(HttpControlPlane::new(self.client.clone(), &identity));
        let config = EdgeConfig {
            identity,
            public_url: self.urls.edge.public_url.clone(),
            tunnel_address: self.urls.edge.tunnel.clone(),
            own_origins: self.urls.origins.clone(),
            drain: EDGE_DRAIN,
        };
        let MemberSockets {
            edge: tcp,
            tunnel: udp,
            tls,
        } = sockets;
        let edge = Edge::new(config, Sockets { tcp, udp, tls }, control_plane)?;
        let mut status = edge.status();
        let running = Running::new(|stop| edge.run(stop));
        // Its address may have changed; nodes are to dial the new one.
        timeout(EDGE_DEADLINE, status.wait_for(|status| status.ready))
            .await
            .map_err(|_| anyhow!("the control plane does not answer the built-in edge"))?
            .context("the built-in edge ended")?;
        Ok(running)
    }

    async fn node(
        &self,
        directory: &Path,
        args: &UpArgs,
        outpost: &str,
    ) -> anyhow::Result<(Running, NodeId)> {
        let operator = Admin::operator();
        let token = match self.is_enrolled(directory).await? {
            true => None,
            false => Some(
                use_case::enrolment::join_node(self.app, &operator, outpost)
                    .await?
                    .token,
            ),
        };
        let joining = Joining {
            directory: directory.to_owned(),
            control_plane: self.urls.members.clone(),
            admission: token.map(Admission::Token),
            name: NAME.to_owned(),
            role: EnrolledAs::Node {
                capacity: args.capacity,
            },
        };
        let identity = self.moved_here(joining.join(&self.client).await?);
        let control_plane = Arc::new(HttpControlPlane::new(self.client.clone(), &identity));
        let drain = Duration::from_secs(args.drain_seconds);
        let config = NodeConfig {
            identity,
            capacity: args.capacity,
            drain,
        };
        let node = Node::new(config, bind_dialer()?, control_plane)?;
        let id = node.id();
        Ok((Running::new(|stop| node.run(stop)), id))
    }

    /// Whether the kept identity is one that the store knows. One that it does
    /// not (a store restored from elsewhere) is removed: it opens nothing.
    async fn is_enrolled(&self, directory: &Path) -> anyhow::Result<bool> {
        let Some(identity) = Identity::load(directory)? else {
            return Ok(false);
        };
        let snapshot = self.app.table().config().current().await?;
        let known = match identity.member {
            MemberId::Node(id) => snapshot.nodes().get(id.uuid()).is_some(),
            MemberId::Edge(id) => snapshot.edges().get(id.uuid()).is_some(),
        };
        if !known {
            tracing::warn!(member = %identity.member, "the store does not know it: enrolling anew");
            std::fs::remove_file(directory.join(identity::FILE_NAME))?;
        }
        Ok(known)
    }

    /// The control plane's loopback port is another at each start.
    fn moved_here(&self, mut identity: Identity) -> Identity {
        identity.control_plane = self.urls.members.clone();
        identity
    }
}
