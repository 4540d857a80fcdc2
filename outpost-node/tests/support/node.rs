//! A whole node between a fake control plane and the tunnel end of an edge.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use causeway_fleet::{Claimed, EdgeAddress, HeartbeatAnswer, Identity, ToEnd};
use causeway_model::id::{ConnectionId, EdgeId, NodeId, SessionId, TicketId, UserId};
use causeway_model::object::EndReason;
use causeway_outpost_node::{Node, NodeConfig, Status};
use causeway_trust::{KeyRing, Order, OrderAction, OrderId, Pass, SigningKey, Ticket, token};
use causeway_tunnel::{
    CloseReason, EdgeTunnel, Listener, OpenError, Preamble, Refusal, Text, TunnelStream, socket,
};
use jiff::{Timestamp, ToSpan as _};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::control_plane::FakeControlPlane;
use super::session::Setup;
use super::viewer::{TestViewer, within_patience};

/// Connections that the node takes at once.
const CAPACITY: u32 = 2;

/// A node that runs, with one edge.
pub(crate) struct NodeUnderTest {
    pub(crate) control_plane: Arc<FakeControlPlane>,
    pub(crate) status: watch::Receiver<Status>,
    pub(crate) node: NodeId,
    pub(crate) edge: EdgeId,
    key: SigningKey,
    tunnel: EdgeTunnel,
    _edge_control: JoinHandle<()>,
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl NodeUnderTest {
    /// Starts a node whose sessions may go on for `drain`.
    pub(crate) async fn start(drain: Duration) -> Self {
        Self::start_with(drain, false).await
    }

    /// The same; whether another node takes over what this one gives away.
    pub(crate) async fn start_with(drain: Duration, takes_over: bool) -> Self {
        let key = SigningKey::generate().unwrap();
        let node_key = SigningKey::generate().unwrap();
        let edge_key = SigningKey::generate().unwrap();
        let node = NodeId::new(Uuid::from_u128(10));
        let edge = EdgeId::new(Uuid::from_u128(11));
        let ring: KeyRing = [key.verifying_key()].into_iter().collect();

        let localhost = (Ipv4Addr::LOCALHOST, 0).into();
        let listener = Listener::new(socket::bind(localhost).unwrap(), &edge_key).unwrap();
        let pass = Pass {
            member: node.into(),
            public_key: node_key.verifying_key(),
            expires_at: Timestamp::now() + 10.minutes(),
        };
        let mut control_plane = FakeControlPlane::new(None);
        control_plane.takes_over = takes_over;
        let control_plane = Arc::new(control_plane);
        *control_plane.answer.lock().unwrap() = Some(HeartbeatAnswer {
            pass: token::sign(&key, &pass).unwrap(),
            verifying_keys: ring.published().collect(),
            heartbeat_interval_ms: 100,
            heartbeat_deadline_ms: 1000,
            edges: vec![EdgeAddress {
                id: edge,
                public_key: edge_key.verifying_key(),
                tunnel_address: listener.local_addr().unwrap().to_string(),
            }],
            allowed_origins: Vec::new(),
            end: Vec::new(),
        });

        let identity = Identity {
            member: node.into(),
            key: node_key,
            control_plane: "http://control-plane.invalid/".parse().unwrap(),
            verifying_keys: ring.clone(),
        };
        let config = NodeConfig {
            identity,
            capacity: CAPACITY,
            drain,
        };
        let udp = socket::bind(localhost).unwrap();
        let running = Node::new(config, udp, Arc::clone(&control_plane) as _).unwrap();
        let status = running.status();
        let stop = CancellationToken::new();
        let running = tokio::spawn(running.run(stop.clone()));

        let arrival = within_patience("the node to dial", listener.accept())
            .await
            .unwrap();
        let greeted = arrival.greet(&ring).await.unwrap();
        let edge_control = tokio::spawn(async move {
            let keys = watch::Sender::new(ring);
            greeted.control.run(keys.subscribe()).await;
            listener.close().await;
        });
        Self {
            control_plane,
            status,
            node,
            edge,
            key,
            tunnel: greeted.tunnel,
            _edge_control: edge_control,
            stop,
            running,
        }
    }

    /// A ticket of this control plane for this node and edge.
    pub(crate) fn ticket(&self, connection: u128) -> Ticket {
        let now = Timestamp::now();
        Ticket {
            id: TicketId::new(Uuid::new_v4()),
            connection: ConnectionId::new(Uuid::from_u128(connection)),
            node: self.node,
            edge: self.edge,
            user: UserId::new(Uuid::from_u128(3)),
            session: SessionId::new(Uuid::from_u128(4)),
            issued_at: now,
            expires_at: now + 60.seconds(),
            trace: None,
        }
    }

    /// What the next claims are answered with.
    pub(crate) fn grant(&self, connection: u128, setup: Setup) {
        let connection = ConnectionId::new(Uuid::from_u128(connection));
        let claimed = Claimed {
            connection,
            ..setup.claimed()
        };
        *self.control_plane.claimed.lock().unwrap() = Some(claimed);
    }

    /// Offers a viewer with a ticket.
    pub(crate) async fn offer(&self, ticket: &Ticket) -> Result<TunnelStream, Refusal> {
        self.offer_text(&token::sign(&self.key, ticket).unwrap())
            .await
    }

    /// Offers a viewer with whatever text.
    pub(crate) async fn offer_text(&self, ticket: &str) -> Result<TunnelStream, Refusal> {
        let preamble = Preamble {
            ticket: Text::new(ticket).unwrap(),
            client_address: Ipv4Addr::LOCALHOST.into(),
            request_id: "test".parse().unwrap(),
        };
        match self.tunnel.open(preamble).await {
            Ok(stream) => Ok(stream),
            Err(OpenError::Refused(refusal)) => Err(refusal),
            Err(other) => panic!("{other}"),
        }
    }

    /// Lets a viewer in and says hello.
    pub(crate) async fn viewer(&self, connection: u128) -> TestViewer {
        let stream = self.offer(&self.ticket(connection)).await.unwrap();
        let mut viewer = TestViewer::over(Box::new(stream)).await;
        viewer.hello(None).await;
        viewer
    }

    /// Orders a connection to end.
    pub(crate) async fn order_end(&self, node: NodeId, connection: u128, reason: EndReason) {
        let order = Order {
            id: OrderId::new(Uuid::new_v4()),
            node,
            connection: ConnectionId::new(Uuid::from_u128(connection)),
            action: OrderAction::End { reason },
            expires_at: Timestamp::now() + 60.seconds(),
        };
        let text = token::sign(&self.key, &order).unwrap();
        self.tunnel.order(Text::new(&text).unwrap()).await.unwrap();
    }

    /// Tells a connection's end by heartbeat.
    pub(crate) fn tell_end(&self, connection: u128, reason: EndReason) {
        let connection = ConnectionId::new(Uuid::from_u128(connection));
        let mut answer = self.control_plane.answer.lock().unwrap();
        answer
            .as_mut()
            .unwrap()
            .end
            .push(ToEnd { connection, reason });
    }

    /// Waits until the node counts this many sessions.
    pub(crate) async fn has_sessions(&self, sessions: usize) {
        self.control_plane
            .beat(|beat| beat.connections.len() == sessions)
            .await;
    }

    /// Sets the time between heartbeats from the next answer on.
    pub(crate) fn beat_every(&self, interval: Duration) {
        let mut answer = self.control_plane.answer.lock().unwrap();
        answer.as_mut().unwrap().heartbeat_interval_ms =
            u64::try_from(interval.as_millis()).unwrap();
    }

    /// Ends the node's only tunnel, for good.
    pub(crate) fn lose_edge(&self) {
        self.tunnel.close(CloseReason::Done);
    }

    /// Tells the node that the edge sends a viewer on to another edge.
    pub(crate) fn send_on(stream: TunnelStream) {
        let (reader, writer) = stream.into_split();
        writer.send_on();
        reader.send_on();
    }

    /// Tells the node to stop.
    pub(crate) fn stop(&self) {
        self.stop.cancel();
    }

    /// Waits until the node has stopped.
    pub(crate) async fn stopped(self) {
        within_patience("the node to stop", self.running)
            .await
            .unwrap();
    }
}
