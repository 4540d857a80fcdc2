//! The edge's end of a tunnel.

use std::net::SocketAddr;
use std::time::Duration;

use causeway_model::id::NodeId;
use causeway_trust::{KeyRing, MemberId, Pass, VerifyingKey};
use jiff::Timestamp;
use quinn::{Connection, ConnectionError, RecvStream, SendStream};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use crate::frame::{Frame, Preamble, Refusal, Text};
use crate::frame_io::{FrameIoError, read_frame, write_frame};
use crate::listener::{PassError, judge, read_greeting};
use crate::stream::TunnelStream;
use crate::transport::CloseReason;

/// From the preamble to the node's answer; the node asks the control plane
/// meanwhile.
pub const OPEN_DEADLINE: Duration = Duration::from_secs(10);

/// From an order's first byte to the node's acknowledgement.
pub const ORDER_DEADLINE: Duration = Duration::from_secs(2);

/// A live tunnel to a node. Cheap to clone; all clones are the same tunnel.
#[derive(Debug, Clone)]
pub struct EdgeTunnel {
    connection: Connection,
    node: NodeId,
}

/// Why no stream was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The tunnel is lost.
    #[error("the tunnel is lost")]
    Lost(#[from] ConnectionError),
    /// The node's answer took longer than [`OPEN_DEADLINE`].
    #[error("no answer to the preamble within {} s", OPEN_DEADLINE.as_secs())]
    Deadline,
    /// The node said no.
    #[error(transparent)]
    Refused(Refusal),
    /// The stream broke or carries something else than an answer.
    #[error("no answer to the preamble")]
    Answer(#[from] FrameIoError),
}

/// Why an order was not delivered.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// The tunnel is lost.
    #[error("the tunnel is lost")]
    Lost(#[from] ConnectionError),
    /// The node did not acknowledge within [`ORDER_DEADLINE`].
    #[error("the order was not acknowledged within {} s", ORDER_DEADLINE.as_secs())]
    Deadline,
    /// The stream broke, or the node wants no orders.
    #[error("the order was not taken")]
    NotTaken,
}

impl EdgeTunnel {
    pub(crate) const fn new(connection: Connection, node: NodeId) -> Self {
        Self { connection, node }
    }

    /// The node at the other end.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// Tells tunnels apart, also two of the same node.
    #[must_use]
    pub fn id(&self) -> usize {
        self.connection.stable_id()
    }

    /// Where the node dials from.
    #[must_use]
    pub fn remote_address(&self) -> SocketAddr {
        self.connection.remote_address()
    }

    /// Whether it can still carry anything.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.connection.close_reason().is_none()
    }

    /// Offers a browser to the node; returns when the node has taken it.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(&self, preamble: Preamble) -> Result<TunnelStream, OpenError> {
        timeout(OPEN_DEADLINE, self.offer(preamble))
            .await
            .map_err(|_| OpenError::Deadline)?
    }

    async fn offer(&self, preamble: Preamble) -> Result<TunnelStream, OpenError> {
        let (mut send, mut recv) = self.connection.open_bi().await?;
        write_frame(&mut send, &Frame::Preamble(preamble)).await?;
        match read_frame(&mut recv).await? {
            Frame::Accepted => Ok(TunnelStream::new(send, recv)),
            Frame::Refused(refusal) => Err(OpenError::Refused(refusal)),
            other => Err(FrameIoError::Unexpected(other.name()).into()),
        }
    }

    /// Delivers an order; returns when the node's end of the tunnel has it.
    ///
    /// # Errors
    /// See [`OrderError`].
    pub async fn order(&self, order: Text) -> Result<(), OrderError> {
        timeout(ORDER_DEADLINE, self.deliver(order))
            .await
            .map_err(|_| OrderError::Deadline)?
    }

    async fn deliver(&self, order: Text) -> Result<(), OrderError> {
        let mut send = self.connection.open_uni().await?;
        write_frame(&mut send, &Frame::Order(order))
            .await
            .map_err(|_| OrderError::NotTaken)?;
        send.finish().map_err(|_| OrderError::NotTaken)?;
        match send.stopped().await {
            Ok(None) => Ok(()),
            Ok(Some(_)) | Err(_) => Err(OrderError::NotTaken),
        }
    }

    /// Closes the tunnel and all that it carries.
    pub fn close(&self, reason: CloseReason) {
        self.connection.close(reason.code(), reason.text());
    }
}

/// The control stream of a tunnel; whoever holds it keeps the tunnel honest.
#[derive(Debug)]
pub struct EdgeControl {
    tunnel: EdgeTunnel,
    key: VerifyingKey,
    pass: Pass,
    send: SendStream,
    recv: RecvStream,
}

/// Why a tunnel ended.
#[derive(Debug, thiserror::Error)]
pub enum TunnelEnd {
    /// Its pass lapsed.
    #[error("the pass was not renewed in time")]
    PassLapsed,
    /// A fresh pass does not admit its bearer.
    #[error("the renewed pass is refused")]
    Pass(#[source] PassError),
    /// The connection or the control stream ended.
    #[error("the connection ended")]
    Connection(#[source] FrameIoError),
}

impl EdgeControl {
    pub(crate) const fn new(
        tunnel: EdgeTunnel,
        key: VerifyingKey,
        pass: Pass,
        send: SendStream,
        recv: RecvStream,
    ) -> Self {
        Self {
            tunnel,
            key,
            pass,
            send,
            recv,
        }
    }

    /// Takes renewed passes until the tunnel ends, and ends it when none comes
    /// in time. `keys` are the control plane's keys of the moment. Dropping
    /// the future closes the tunnel.
    pub async fn run(self, keys: watch::Receiver<KeyRing>) -> TunnelEnd {
        let guard = CloseOnDrop(self.tunnel.clone());
        let end = self.serve(&keys).await;
        let reason = match &end {
            TunnelEnd::PassLapsed => CloseReason::PassLapsed,
            TunnelEnd::Pass(_) => CloseReason::Refused,
            TunnelEnd::Connection(_) => CloseReason::Protocol,
        };
        guard.0.close(reason);
        end
    }

    async fn serve(mut self, keys: &watch::Receiver<KeyRing>) -> TunnelEnd {
        loop {
            let lapses_at = instant_of(&self.pass);
            match timeout_at(lapses_at, self.renew(keys)).await {
                Err(_elapsed) => return TunnelEnd::PassLapsed,
                Ok(Err(end)) => return end,
                Ok(Ok(pass)) => self.pass = pass,
            }
        }
    }

    async fn renew(&mut self, keys: &watch::Receiver<KeyRing>) -> Result<Pass, TunnelEnd> {
        let text = read_greeting(&mut self.recv)
            .await
            .map_err(TunnelEnd::Connection)?;
        let verdict = self.judge(&keys.borrow(), &text);
        let answer = match &verdict {
            Ok(_) => Frame::Accepted,
            Err(error) => Frame::Refused(error.refusal()),
        };
        write_frame(&mut self.send, &answer)
            .await
            .map_err(TunnelEnd::Connection)?;
        verdict.map_err(TunnelEnd::Pass)
    }

    fn judge(&self, keys: &KeyRing, text: &Text) -> Result<Pass, PassError> {
        let pass = judge(keys, text, self.key)?;
        if pass.member == MemberId::Node(self.tunnel.node) {
            Ok(pass)
        } else {
            Err(PassError::NotYours)
        }
    }
}

fn instant_of(pass: &Pass) -> Instant {
    let left = pass.expires_at.duration_since(Timestamp::now());
    Instant::now() + Duration::try_from(left).unwrap_or_default()
}

struct CloseOnDrop(EdgeTunnel);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        // The first reason given counts; after `run` this changes nothing.
        self.0.close(CloseReason::Done);
    }
}
