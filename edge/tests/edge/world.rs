//! An edge that runs, and everything around it.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use causeway_edge::{Edge, EdgeConfig, Limits, Metrics, Sockets, Status};
use causeway_fleet::{
    CallError, Claim, Claimed, ControlPlane, Heartbeat, HeartbeatAnswer, Identity, MemberStatus,
    Problem, Report, ReportAnswer,
};
use causeway_model::id::{ConnectionId, EdgeId, NodeId, SessionId, TicketId, UserId};
use causeway_trust::{KeyRing, Pass, SigningKey, Ticket, token};
use causeway_tunnel::{Dialer, EdgePeer, Keep, Offer, TunnelEvent, TunnelState, TunnelStream};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::http::{Answer, Request};

/// Bound of every wait of a test.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) const PAGE: &str = "https://causeway.example";

pub(crate) async fn bounded<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work)
        .await
        .expect("the test waited too long")
}

/// Answers heartbeats with whatever the test wishes; nothing else is asked.
pub(crate) struct FakeControlPlane {
    pub(crate) keys: Mutex<Vec<SigningKey>>,
    pub(crate) origins: Mutex<Vec<String>>,
    pub(crate) reachable: Mutex<bool>,
    pub(crate) heard: watch::Sender<Option<Heartbeat>>,
}

#[async_trait]
impl ControlPlane for FakeControlPlane {
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatAnswer, CallError> {
        if !*self.reachable.lock().unwrap() {
            let problem = Box::new(Problem::new(503, "away", "Away", ""));
            return Err(CallError::Refused { problem });
        }
        self.heard.send_replace(Some(heartbeat.clone()));
        let keys = self.keys.lock().unwrap();
        Ok(HeartbeatAnswer {
            pass: "not needed".to_owned(),
            verifying_keys: keys.iter().map(|key| key.verifying_key().into()).collect(),
            heartbeat_interval_ms: 100,
            heartbeat_deadline_ms: 1000,
            edges: Vec::new(),
            allowed_origins: self.origins.lock().unwrap().clone(),
            end: Vec::new(),
        })
    }

    async fn claim(&self, _claim: &Claim) -> Result<Claimed, CallError> {
        unreachable!("an edge claims nothing")
    }

    async fn report(&self, _report: &Report) -> Result<ReportAnswer, CallError> {
        unreachable!("an edge reports nothing")
    }
}

/// How the edge is set up.
#[derive(Default)]
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) drain: Duration,
    pub(crate) tls: Option<Arc<ServerConfig>>,
}

pub(crate) struct World {
    pub(crate) signing: SigningKey,
    pub(crate) control_plane: Arc<FakeControlPlane>,
    pub(crate) id: EdgeId,
    pub(crate) http: SocketAddr,
    pub(crate) status: watch::Receiver<Status>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) stop: CancellationToken,
    pub(crate) running: JoinHandle<()>,
    pub(crate) peer: EdgePeer,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let (signing, key) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let id = EdgeId::new(Uuid::from_u128(100));
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (http, tunnel) = (tcp.local_addr().unwrap(), udp.local_addr().unwrap());
        let peer = EdgePeer {
            id,
            public_key: key.verifying_key(),
            address: tunnel.to_string(),
        };
        let control_plane = Arc::new(FakeControlPlane {
            keys: Mutex::new(vec![signing.clone()]),
            origins: Mutex::new(vec![PAGE.to_owned()]),
            reachable: Mutex::new(true),
            heard: watch::Sender::new(None),
        });
        let config = EdgeConfig {
            identity: Identity {
                member: id.into(),
                key,
                control_plane: "http://control.example/".parse().unwrap(),
                verifying_keys: KeyRing::default(),
            },
            public_url: format!("ws://{http}"),
            tunnel_address: tunnel.to_string(),
            own_origins: Vec::new(),
            drain: setup.drain,
        };
        let sockets = Sockets {
            tcp,
            udp,
            tls: setup.tls,
        };
        let edge = Edge::new(
            config,
            sockets,
            Arc::clone(&control_plane) as Arc<dyn ControlPlane>,
        )
        .unwrap()
        .with_limits(setup.limits);
        let (mut status, metrics) = (edge.status(), edge.metrics());
        let stop = CancellationToken::new();
        let running = tokio::spawn(edge.run(stop.clone()));
        bounded(status.wait_for(|status| status.ready))
            .await
            .unwrap();
        Self {
            signing,
            control_plane,
            id,
            http,
            status,
            metrics,
            stop,
            running,
            peer,
        }
    }

    /// A node with a tunnel that is up.
    pub(crate) async fn node(&self, number: u128) -> Node {
        let id = NodeId::new(Uuid::from_u128(number));
        let key = SigningKey::generate().unwrap();
        let pass = Pass {
            member: id.into(),
            public_key: key.verifying_key(),
            expires_at: Timestamp::now() + Duration::from_secs(600),
        };
        let (passes, pass_changes) = watch::channel(token::sign(&self.signing, &pass).unwrap());
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (sender, events) = mpsc::channel(8);
        let (state, mut states) = watch::channel(TunnelState::Down);
        let keep = Keep {
            dialer: Arc::new(Dialer::new(socket, key).unwrap()),
            edge: self.peer.clone(),
            passes: pass_changes,
            events: sender,
            state,
        };
        let stop = CancellationToken::new();
        let keeping = tokio::spawn(keep.run(stop.clone()));
        bounded(states.wait_for(|state| *state == TunnelState::Up))
            .await
            .unwrap();
        let node = Node {
            id,
            events,
            stop,
            keeping,
            _passes: passes,
        };
        let mut status = self.status.clone();
        bounded(status.wait_for(|status| status.nodes > 0))
            .await
            .unwrap();
        node
    }

    /// A good ticket for a node.
    pub(crate) fn ticket(&self, node: NodeId) -> String {
        self.ticket_with(node, |_| {})
    }

    /// A ticket that is good but for `change`.
    pub(crate) fn ticket_with(&self, node: NodeId, change: impl FnOnce(&mut Ticket)) -> String {
        let mut ticket = Ticket {
            id: TicketId::new(Uuid::new_v4()),
            connection: ConnectionId::new(Uuid::from_u128(1)),
            node,
            edge: self.id,
            user: UserId::new(Uuid::from_u128(2)),
            session: SessionId::new(Uuid::from_u128(3)),
            issued_at: Timestamp::now(),
            expires_at: Timestamp::now() + Duration::from_secs(60),
            trace: None,
        };
        change(&mut ticket);
        token::sign(&self.signing, &ticket).unwrap()
    }

    /// A browser that its node has taken: both ends.
    pub(crate) async fn session(&self, node: &mut Node) -> (TcpStream, TunnelStream) {
        let request = Request::websocket(&self.ticket(node.id));
        let ((answer, browser), at_node) = tokio::join!(request.send(self.http), async {
            node.offer().await.accept().await.unwrap()
        });
        assert_eq!(answer.status, 101, "{answer:?}");
        (browser, at_node)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Request::new(&format!("GET {path}")).send(self.http).await.0
    }

    /// Waits until a line of the metrics is there.
    pub(crate) async fn metric(&self, line: &str) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let text = self.metrics.render(0);
            if text.lines().any(|found| found == line) {
                return;
            }
            assert!(
                tokio::time::Instant::now() < deadline,
                "{line} is not in\n{text}"
            );
            tokio::task::yield_now().await;
        }
    }

    /// What the control plane heard last.
    pub(crate) fn last_heartbeat(&self) -> MemberStatus {
        let heard = self.control_plane.heard.borrow();
        heard.as_ref().unwrap().status.clone()
    }

    /// The next heartbeat of the edge, as the control plane heard it.
    pub(crate) async fn heartbeat(&self) -> MemberStatus {
        let mut heard = self.control_plane.heard.subscribe();
        bounded(heard.changed()).await.unwrap();
        let heartbeat = heard.borrow().clone().unwrap();
        heartbeat.status
    }
}

pub(crate) struct Node {
    pub(crate) id: NodeId,
    pub(crate) events: mpsc::Receiver<TunnelEvent>,
    pub(crate) stop: CancellationToken,
    pub(crate) keeping: JoinHandle<()>,
    _passes: watch::Sender<String>,
}

impl Node {
    /// The next browser.
    pub(crate) async fn offer(&mut self) -> Offer {
        match bounded(self.events.recv()).await {
            Some(TunnelEvent::Offer(offer)) => offer,
            other => panic!("expected a browser, got {other:?}"),
        }
    }
}
