//! The node's side: dials edges and greets them.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use causeway_model::id::EdgeId;
use causeway_trust::{SigningKey, VerifyingKey};
use quinn::{ConnectError, Connection, ConnectionError, Endpoint};
use tokio::time::timeout;

use crate::frame::{Frame, Refusal, Text};
use crate::frame_io::{FrameIoError, read_frame, write_frame};
use crate::node_tunnel::NodeTunnel;
use crate::transport::{BindError, CloseReason, client_config, endpoint};

/// From the first packet to an address to the edge's answer to the greeting.
pub const DIAL_DEADLINE: Duration = Duration::from_secs(10);

/// How long an edge's name may take to resolve.
const RESOLVE_DEADLINE: Duration = Duration::from_secs(5);
/// How many of an edge's addresses are tried.
const ADDRESSES_MAX: usize = 4;
/// How long closed tunnels are given to hear of it.
const CLOSE_DEADLINE: Duration = Duration::from_secs(1);
/// TLS wants a name; what counts is the key.
const SERVER_NAME: &str = "causeway";

/// An edge as it is dialled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EdgePeer {
    /// Its id.
    pub id: EdgeId,
    /// The only key that it may show.
    pub public_key: VerifyingKey,
    /// `host:port`; the host is resolved at each dial.
    pub address: String,
}

/// A node's UDP socket, from which it dials every edge.
#[derive(Debug)]
pub struct Dialer {
    endpoint: Endpoint,
    key: SigningKey,
}

/// Why there is no tunnel.
#[derive(Debug, thiserror::Error)]
pub enum DialError {
    /// The edge's name does not resolve.
    #[error("the edge's address does not resolve")]
    Resolve(#[source] std::io::Error),
    /// It resolves to nothing.
    #[error("the edge's address is nothing")]
    NoAddress,
    /// It took longer than [`DIAL_DEADLINE`], or its address than 5 s to
    /// resolve.
    #[error("the edge did not answer in time")]
    Deadline,
    /// The address cannot be dialled from this socket.
    #[error("the edge's address cannot be dialled")]
    Dial(#[from] ConnectError),
    /// The handshake failed, among others because the edge shows another key.
    #[error("the handshake with the edge failed")]
    Connection(#[from] ConnectionError),
    /// The edge does not take the pass.
    #[error(transparent)]
    Refused(Refusal),
    /// The edge answers something else.
    #[error("the edge's answer to the greeting does not read")]
    Answer(#[from] FrameIoError),
    /// The pass is longer than any token.
    #[error("the pass is too long")]
    Pass,
    /// Our own fault.
    #[error(transparent)]
    Config(#[from] BindError),
}

impl Dialer {
    /// Dials from `socket` with the node's key. Call it inside a runtime.
    ///
    /// # Errors
    /// See [`BindError`].
    pub fn new(socket: UdpSocket, key: SigningKey) -> Result<Self, BindError> {
        let endpoint = endpoint(socket, None)?;
        Ok(Self { endpoint, key })
    }

    /// Opens a tunnel: tries the edge's addresses in turn, then greets.
    ///
    /// # Errors
    /// See [`DialError`]; of several addresses, that of the last.
    pub async fn dial(&self, edge: &EdgePeer, pass: &str) -> Result<NodeTunnel, DialError> {
        let pass = Text::new(pass).ok_or(DialError::Pass)?;
        let mut last = DialError::NoAddress;
        for address in resolve(&edge.address).await? {
            match timeout(DIAL_DEADLINE, self.dial_address(edge, address, &pass)).await {
                Ok(Ok(tunnel)) => return Ok(tunnel),
                Ok(Err(refused @ DialError::Refused(_))) => return Err(refused),
                Ok(Err(error)) => last = error,
                Err(_elapsed) => last = DialError::Deadline,
            }
        }
        Err(last)
    }

    async fn dial_address(
        &self,
        edge: &EdgePeer,
        address: SocketAddr,
        pass: &Text,
    ) -> Result<NodeTunnel, DialError> {
        let config = client_config(&self.key, edge.public_key)?;
        let connection = self
            .endpoint
            .connect_with(config, address, SERVER_NAME)?
            .await?;
        match greet(&connection, edge, pass).await {
            Ok(tunnel) => Ok(tunnel),
            Err(error) => {
                connection.close(CloseReason::Protocol.code(), CloseReason::Protocol.text());
                Err(error)
            }
        }
    }

    /// Closes every tunnel and gives the edges a moment to hear of it.
    pub async fn close(&self) {
        self.endpoint
            .close(CloseReason::Done.code(), CloseReason::Done.text());
        if timeout(CLOSE_DEADLINE, self.endpoint.wait_idle())
            .await
            .is_err()
        {
            tracing::debug!("some edges did not acknowledge that the tunnels are closed");
        }
    }
}

async fn resolve(address: &str) -> Result<Vec<SocketAddr>, DialError> {
    let found = timeout(RESOLVE_DEADLINE, tokio::net::lookup_host(address))
        .await
        .map_err(|_| DialError::Deadline)?
        .map_err(DialError::Resolve)?;
    Ok(found.take(ADDRESSES_MAX).collect())
}

async fn greet(
    connection: &Connection,
    edge: &EdgePeer,
    pass: &Text,
) -> Result<NodeTunnel, DialError> {
    let (mut send, mut recv) = connection.open_bi().await?;
    write_frame(&mut send, &Frame::Greeting(pass.clone())).await?;
    match read_frame(&mut recv).await? {
        Frame::Accepted => Ok(NodeTunnel::new(connection.clone(), edge.id, send, recv)),
        Frame::Refused(refusal) => Err(DialError::Refused(refusal)),
        other => Err(FrameIoError::Unexpected(other.name()).into()),
    }
}
