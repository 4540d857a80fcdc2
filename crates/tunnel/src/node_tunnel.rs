//! The node's end of a tunnel.

use std::net::IpAddr;
use std::time::Duration;

use causeway_model::id::EdgeId;
use causeway_trust::token::PASS_LIFE;
use quinn::{Connection, ConnectionError, RecvStream, SendStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::frame::{Frame, Preamble, Refusal, RequestId, Text};
use crate::frame_io::{FrameIoError, read_frame, write_frame};
use crate::stream::TunnelStream;
use crate::transport::{ABORTED, CloseReason, STREAMS_MAX};

/// From a stream's first byte to its whole preamble or order.
pub const PREAMBLE_DEADLINE: Duration = Duration::from_secs(5);

/// How long a pass that was just told is left alone, although every heartbeat
/// brings a fresher one: a tenth of a pass's life.
const RENEWAL_INTERVAL: Duration = Duration::from_secs(PASS_LIFE.as_secs() / 10);

/// From a renewed pass to the edge's answer.
const RENEWAL_DEADLINE: Duration = Duration::from_secs(10);

/// What comes through a tunnel.
#[derive(Debug)]
pub enum TunnelEvent {
    /// A browser wants in.
    Offer(Offer),
    /// A signed order of the control plane, not yet verified.
    Order(Text),
}

/// A browser that an edge offers: to be accepted or refused. Dropping it gives
/// the browser up without a reason.
#[derive(Debug)]
pub struct Offer {
    edge: EdgeId,
    preamble: Preamble,
    send: SendStream,
    recv: RecvStream,
}

impl Offer {
    /// The edge that offers it.
    #[must_use]
    pub const fn edge(&self) -> EdgeId {
        self.edge
    }

    /// The ticket as the browser brought it; the edge says that it is good,
    /// which the node checks again.
    #[must_use]
    pub fn ticket(&self) -> &str {
        self.preamble.ticket.as_str()
    }

    /// Where the browser comes from, as the edge saw it.
    #[must_use]
    pub const fn client_address(&self) -> IpAddr {
        self.preamble.client_address
    }

    /// Names the request in logs.
    #[must_use]
    pub const fn request_id(&self) -> &RequestId {
        &self.preamble.request_id
    }

    /// Takes the browser: only now does the edge let it in.
    ///
    /// # Errors
    /// When the edge or the browser is gone.
    pub async fn accept(mut self) -> Result<TunnelStream, FrameIoError> {
        write_frame(&mut self.send, &Frame::Accepted).await?;
        Ok(TunnelStream::new(self.send, self.recv))
    }

    /// Turns the browser away; the edge tells it why.
    ///
    /// # Errors
    /// When the edge or the browser is gone.
    pub async fn refuse(mut self, refusal: Refusal) -> Result<(), FrameIoError> {
        write_frame(&mut self.send, &Frame::Refused(refusal)).await?;
        // An error says that the stream is over already.
        let _over = self.send.finish();
        let _over = self.recv.stop(ABORTED);
        Ok(())
    }
}

/// A live tunnel to an edge; [`NodeTunnel::run`] serves it.
#[derive(Debug)]
pub struct NodeTunnel {
    connection: Connection,
    edge: EdgeId,
    send: SendStream,
    recv: RecvStream,
}

impl NodeTunnel {
    pub(crate) const fn new(
        connection: Connection,
        edge: EdgeId,
        send: SendStream,
        recv: RecvStream,
    ) -> Self {
        Self {
            connection,
            edge,
            send,
            recv,
        }
    }

    /// The edge at the other end.
    #[must_use]
    pub const fn edge(&self) -> EdgeId {
        self.edge
    }

    /// Passes on what comes through the tunnel and greets anew with the passes
    /// that `passes` brings, long before the last one told lapses, until the
    /// tunnel ends. Dropping the future closes the tunnel and every stream on it.
    ///
    /// # Errors
    /// Always: why the tunnel ended.
    pub async fn run(
        self,
        passes: watch::Receiver<String>,
        events: mpsc::Sender<TunnelEvent>,
    ) -> Result<std::convert::Infallible, NodeTunnelEnd> {
        let _guard = CloseOnDrop(self.connection.clone());
        let streams = Streams {
            connection: self.connection,
            edge: self.edge,
            events,
        };
        tokio::select! {
            end = renew(self.send, self.recv, passes) => Err(end),
            end = streams.serve() => Err(NodeTunnelEnd::Connection(end)),
        }
    }
}

/// Why a tunnel ended, as the node sees it.
#[derive(Debug, thiserror::Error)]
pub enum NodeTunnelEnd {
    /// The connection ended.
    #[error("the connection ended")]
    Connection(#[source] ConnectionError),
    /// The edge does not take a renewed pass.
    #[error("the renewed pass is refused: {0}")]
    Refused(Refusal),
    /// The control stream broke or is silent.
    #[error("the control stream broke")]
    Control(#[source] FrameIoError),
    /// The edge did not answer to a renewed pass in time.
    #[error("no answer to a renewed pass within {} s", RENEWAL_DEADLINE.as_secs())]
    Deadline,
    /// Nobody brings passes any more.
    #[error("there are no more passes")]
    NoPasses,
}

async fn renew(
    mut send: SendStream,
    mut recv: RecvStream,
    mut passes: watch::Receiver<String>,
) -> NodeTunnelEnd {
    loop {
        if passes.changed().await.is_err() {
            return NodeTunnelEnd::NoPasses;
        }
        let Some(pass) = Text::new(&passes.borrow_and_update()) else {
            tracing::warn!("a pass that is too long is not sent");
            continue;
        };
        match timeout(RENEWAL_DEADLINE, greet_again(&mut send, &mut recv, pass)).await {
            Ok(Ok(Ok(()))) => sleep(RENEWAL_INTERVAL).await,
            Ok(Ok(Err(refusal))) => return NodeTunnelEnd::Refused(refusal),
            Ok(Err(broken)) => return NodeTunnelEnd::Control(broken),
            Err(_elapsed) => return NodeTunnelEnd::Deadline,
        }
    }
}

async fn greet_again(
    send: &mut SendStream,
    recv: &mut RecvStream,
    pass: Text,
) -> Result<Result<(), Refusal>, FrameIoError> {
    write_frame(send, &Frame::Greeting(pass)).await?;
    match read_frame(recv).await? {
        Frame::Accepted => Ok(Ok(())),
        Frame::Refused(refusal) => Ok(Err(refusal)),
        other => Err(FrameIoError::Unexpected(other.name())),
    }
}

/// Takes in the streams that the edge opens.
struct Streams {
    connection: Connection,
    edge: EdgeId,
    events: mpsc::Sender<TunnelEvent>,
}

impl Streams {
    async fn serve(self) -> ConnectionError {
        // QUIC's limit on open streams bounds this set, too.
        let mut readers = JoinSet::new();
        loop {
            tokio::select! {
                stream = self.connection.accept_bi() => match stream {
                    Ok((send, recv)) => {
                        readers.spawn(offer(self.edge, send, recv, self.events.clone()));
                    }
                    Err(end) => return end,
                },
                stream = self.connection.accept_uni() => match stream {
                    Ok(recv) => {
                        readers.spawn(order(recv, self.events.clone()));
                    }
                    Err(end) => return end,
                },
                Some(_done) = readers.join_next() => {}
            }
            debug_assert!(
                readers.len() <= 2 * STREAMS_MAX as usize,
                "streams are bounded"
            );
        }
    }
}

async fn offer(
    edge: EdgeId,
    mut send: SendStream,
    mut recv: RecvStream,
    events: mpsc::Sender<TunnelEvent>,
) {
    let preamble = match timeout(PREAMBLE_DEADLINE, read_preamble(&mut recv)).await {
        Ok(Ok(preamble)) => preamble,
        Ok(Err(error)) => {
            tracing::warn!(%edge, error = &error as &dyn std::error::Error, "no preamble");
            let refusal = Refusal::new(502, "preamble_malformed");
            // The edge may be gone; the stream is given up in any case.
            let _gone = write_frame(&mut send, &Frame::Refused(refusal)).await;
            return;
        }
        Err(_elapsed) => {
            tracing::warn!(%edge, "a stream without a preamble in time");
            return;
        }
    };
    let offer = Offer {
        edge,
        preamble,
        send,
        recv,
    };
    if events.send(TunnelEvent::Offer(offer)).await.is_err() {
        tracing::debug!(%edge, "a browser came while nobody takes browsers");
    }
}

async fn read_preamble(recv: &mut RecvStream) -> Result<Preamble, FrameIoError> {
    match read_frame(recv).await? {
        Frame::Preamble(preamble) => Ok(preamble),
        other => Err(FrameIoError::Unexpected(other.name())),
    }
}

async fn order(mut recv: RecvStream, events: mpsc::Sender<TunnelEvent>) {
    match timeout(PREAMBLE_DEADLINE, read_frame(&mut recv)).await {
        Ok(Ok(Frame::Order(text))) => {
            if events.send(TunnelEvent::Order(text)).await.is_err() {
                tracing::debug!("an order came while nobody takes orders");
            }
        }
        Ok(Ok(other)) => tracing::warn!(frame = other.name(), "a stream without an order"),
        Ok(Err(error)) => tracing::warn!(%error, "a malformed order"),
        Err(_elapsed) => tracing::warn!("an order was not whole in time"),
    }
}

struct CloseOnDrop(Connection);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0
            .close(CloseReason::Done.code(), CloseReason::Done.text());
    }
}
