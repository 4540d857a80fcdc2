//! The edge's side: waits for nodes and has them greet.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use causeway_trust::token::TokenError;
use causeway_trust::{KeyRing, MemberId, Pass, SigningKey, VerifyingKey, tls};
use jiff::Timestamp;
use quinn::{Connection, ConnectionError, Endpoint, Incoming, RecvStream, SendStream};
use rustls_pki_types::CertificateDer;
use tokio::time::timeout;

use crate::edge_tunnel::{EdgeControl, EdgeTunnel};
use crate::frame::{Frame, Refusal, Text};
use crate::frame_io::{FrameIoError, read_frame, write_frame};
use crate::transport::{BindError, CloseReason, endpoint, server_config};

/// From a node's first packet to its accepted greeting.
pub const GREETING_DEADLINE: Duration = Duration::from_secs(10);

/// How long closed tunnels are given to hear of it.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);

/// An edge's UDP socket, open for nodes.
#[derive(Debug)]
pub struct Listener {
    endpoint: Endpoint,
}

impl Listener {
    /// Listens on `socket` with the edge's key. Call it inside a runtime.
    ///
    /// # Errors
    /// See [`BindError`].
    pub fn new(socket: UdpSocket, key: &SigningKey) -> Result<Self, BindError> {
        let endpoint = endpoint(socket, Some(server_config(key)?))?;
        Ok(Self { endpoint })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.endpoint.local_addr()
    }

    /// The next node that knocks; `None` when the listener is closed.
    pub async fn accept(&self) -> Option<Arrival> {
        self.endpoint.accept().await.map(Arrival)
    }

    /// Closes every tunnel and gives the nodes a moment to hear of it.
    pub async fn close(&self) {
        self.endpoint
            .close(CloseReason::Done.code(), CloseReason::Done.text());
        if timeout(CLOSE_DEADLINE, self.endpoint.wait_idle())
            .await
            .is_err()
        {
            tracing::debug!("some nodes did not acknowledge that the tunnels are closed");
        }
    }
}

/// Somebody's first packet; costs next to nothing until it is greeted.
#[derive(Debug)]
pub struct Arrival(Incoming);

impl Arrival {
    /// Where it says that it comes from.
    #[must_use]
    pub fn remote_address(&self) -> SocketAddr {
        self.0.remote_address()
    }

    /// Whether it has shown that it receives packets there.
    #[must_use]
    pub fn address_is_proven(&self) -> bool {
        self.0.remote_address_validated()
    }

    /// Has it show that it receives packets where it says (RFC 9000 section
    /// 8.1.2); it comes again then.
    pub fn challenge(self) {
        // The error hands the arrival back: it has been challenged already.
        if let Err(proven) = self.0.retry() {
            proven.into_incoming().refuse();
        }
    }

    /// Turns it away.
    pub fn refuse(self) {
        self.0.refuse();
    }

    /// Finishes the handshake and reads the greeting: who comes out of it is a
    /// node that the control plane vouches for.
    ///
    /// # Errors
    /// See [`GreetError`]; the connection is closed then.
    pub async fn greet(self, keys: &KeyRing) -> Result<Greeted, GreetError> {
        timeout(GREETING_DEADLINE, greet(self.0, keys))
            .await
            .map_err(|_| GreetError::Deadline)?
    }
}

/// A node that was let in: the tunnel, and the control stream to be served by
/// [`EdgeControl::run`].
#[derive(Debug)]
pub struct Greeted {
    /// The tunnel.
    pub tunnel: EdgeTunnel,
    /// Its control stream.
    pub control: EdgeControl,
}

/// Why a node was not let in.
#[derive(Debug, thiserror::Error)]
pub enum GreetError {
    /// It took longer than [`GREETING_DEADLINE`].
    #[error("no greeting within {} s", GREETING_DEADLINE.as_secs())]
    Deadline,
    /// The handshake failed or the connection broke.
    #[error("the handshake failed")]
    Connection(#[from] ConnectionError),
    /// It shows no Ed25519 key.
    #[error("the peer shows no key")]
    NoKey,
    /// The control stream carries no greeting.
    #[error("the greeting does not read")]
    Greeting(#[from] FrameIoError),
    /// Its pass does not admit it.
    #[error("the pass is refused")]
    Pass(#[from] PassError),
}

/// Why a pass does not admit its bearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    /// It is not good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// It is of a member that is not a node.
    #[error("the pass is not a node's")]
    NotANode,
    /// It is of another key, or of another node than before.
    #[error("the pass is another node's")]
    NotYours,
}

impl PassError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Token(TokenError::Expired) => "pass_expired",
            Self::Token(
                TokenError::TooLong
                | TokenError::Malformed
                | TokenError::UnknownKey
                | TokenError::BadSignature,
            ) => "pass_invalid",
            Self::NotANode => "pass_not_a_node",
            Self::NotYours => "pass_not_yours",
        }
    }

    pub(crate) fn refusal(self) -> Refusal {
        Refusal::new(403, self.code())
    }
}

async fn greet(incoming: Incoming, keys: &KeyRing) -> Result<Greeted, GreetError> {
    let connection = incoming.accept()?.await?;
    match greet_connected(&connection, keys).await {
        Ok(greeted) => Ok(greeted),
        Err(error) => {
            let reason = match &error {
                GreetError::Greeting(_) => CloseReason::Protocol,
                GreetError::Deadline
                | GreetError::Connection(_)
                | GreetError::NoKey
                | GreetError::Pass(_) => CloseReason::Refused,
            };
            connection.close(reason.code(), reason.text());
            Err(error)
        }
    }
}

async fn greet_connected(connection: &Connection, keys: &KeyRing) -> Result<Greeted, GreetError> {
    let key = peer_key(connection).ok_or(GreetError::NoKey)?;
    let (mut send, mut recv) = connection.accept_bi().await?;
    let text = read_greeting(&mut recv).await?;
    let pass = match judge(keys, &text, key) {
        Ok(pass) => pass,
        Err(error) => return Err(refuse(send, error).await),
    };
    let MemberId::Node(node) = pass.member else {
        return Err(refuse(send, PassError::NotANode).await);
    };
    write_frame(&mut send, &Frame::Accepted).await?;
    let tunnel = EdgeTunnel::new(connection.clone(), node);
    let control = EdgeControl::new(tunnel.clone(), key, pass, send, recv);
    Ok(Greeted { tunnel, control })
}

/// Reads the pass from a control stream.
pub(crate) async fn read_greeting(recv: &mut RecvStream) -> Result<Text, FrameIoError> {
    match read_frame(recv).await? {
        Frame::Greeting(pass) => Ok(pass),
        other => Err(FrameIoError::Unexpected(other.name())),
    }
}

/// A pass admits the holder of the key that it names.
pub(crate) fn judge(keys: &KeyRing, pass: &Text, key: VerifyingKey) -> Result<Pass, PassError> {
    let pass: Pass = keys.verify(pass.as_str(), Timestamp::now())?;
    if pass.public_key == key {
        Ok(pass)
    } else {
        Err(PassError::NotYours)
    }
}

/// Says no and waits until the node has heard it, within the deadline of the
/// greeting.
async fn refuse(mut send: SendStream, error: PassError) -> GreetError {
    match write_frame(&mut send, &Frame::Refused(error.refusal())).await {
        Ok(()) => {
            let _over = send.finish();
            let _heard_or_gone = send.stopped().await;
            GreetError::Pass(error)
        }
        Err(gone) => GreetError::Greeting(gone),
    }
}

fn peer_key(connection: &Connection) -> Option<VerifyingKey> {
    let identity = connection.peer_identity()?;
    let shown = identity.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    tls::peer_key(&shown)
}
