//! A control plane's keys, an edge and a node, as the tests need them.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use causeway_model::id::{EdgeId, NodeId};
use causeway_trust::{KeyRing, MemberId, Pass, SigningKey, token};
use causeway_tunnel::{
    DialError, Dialer, EdgePeer, EdgeTunnel, GreetError, Greeted, Listener, NodeTunnel, TunnelEvent,
};
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Bound of every wait of a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const HOUR: Duration = Duration::from_secs(3600);

pub(crate) struct World {
    pub(crate) control_plane: SigningKey,
    pub(crate) node: NodeId,
    pub(crate) node_key: SigningKey,
    pub(crate) edge: EdgeId,
    pub(crate) edge_key: SigningKey,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            control_plane: SigningKey::generate().unwrap(),
            node: NodeId::new(Uuid::from_u128(1)),
            node_key: SigningKey::generate().unwrap(),
            edge: EdgeId::new(Uuid::from_u128(2)),
            edge_key: SigningKey::generate().unwrap(),
        }
    }

    pub(crate) fn keys(&self) -> KeyRing {
        [self.control_plane.verifying_key()].into_iter().collect()
    }

    /// The node's own pass, good for `life`.
    pub(crate) fn pass(&self, life: Duration) -> String {
        self.pass_of(self.node.into(), &self.node_key, Timestamp::now() + life)
    }

    pub(crate) fn pass_of(
        &self,
        member: MemberId,
        key: &SigningKey,
        expires_at: Timestamp,
    ) -> String {
        let pass = Pass {
            member,
            public_key: key.verifying_key(),
            expires_at,
        };
        token::sign(&self.control_plane, &pass).unwrap()
    }

    pub(crate) fn listener(&self) -> Listener {
        Listener::new(loopback(), &self.edge_key).unwrap()
    }

    pub(crate) fn dialer(&self) -> Dialer {
        Dialer::new(loopback(), self.node_key.clone()).unwrap()
    }

    pub(crate) fn peer(&self, address: SocketAddr) -> EdgePeer {
        EdgePeer {
            id: self.edge,
            public_key: self.edge_key.verifying_key(),
            address: address.to_string(),
        }
    }

    /// Both ends of an attempt to set up a tunnel.
    pub(crate) async fn meet(&self, pass: &str) -> Met {
        let (listener, dialer) = (self.listener(), self.dialer());
        let peer = self.peer(listener.local_addr().unwrap());
        let keys = self.keys();
        let (at_edge, at_node) = bounded(async {
            tokio::join!(
                async { listener.accept().await.unwrap().greet(&keys).await },
                dialer.dial(&peer, pass)
            )
        })
        .await;
        Met {
            at_edge,
            at_node,
            listener,
            dialer,
        }
    }

    /// A served tunnel.
    pub(crate) async fn tunnel(&self) -> Tunnel {
        let met = self.meet(&self.pass(HOUR)).await;
        let Greeted { tunnel, control } = met.at_edge.unwrap();
        let (passes, pass_changes) = watch::channel(String::new());
        let (keys, key_changes) = watch::channel(self.keys());
        let (sender, events) = mpsc::channel(8);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            control.run(key_changes).await;
        });
        let at_node = met.at_node.unwrap();
        tasks.spawn(async move {
            let Err(_end) = at_node.run(pass_changes, sender).await;
        });
        Tunnel {
            tunnel,
            events,
            _held: (passes, keys, tasks, met.listener, met.dialer),
        }
    }
}

/// Both ends, and what keeps them.
pub(crate) struct Met {
    pub(crate) at_edge: Result<Greeted, GreetError>,
    pub(crate) at_node: Result<NodeTunnel, DialError>,
    pub(crate) listener: Listener,
    pub(crate) dialer: Dialer,
}

pub(crate) struct Tunnel {
    pub(crate) tunnel: EdgeTunnel,
    pub(crate) events: mpsc::Receiver<TunnelEvent>,
    _held: (
        watch::Sender<String>,
        watch::Sender<KeyRing>,
        JoinSet<()>,
        Listener,
        Dialer,
    ),
}

pub(crate) fn loopback() -> UdpSocket {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

pub(crate) async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .expect("the test waited too long")
}
