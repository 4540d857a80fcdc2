//! One viewer's websocket, as bytes come out of a tunnel.
//!
//! Reading never waits for writing: a viewer that does not read can still be
//! heard. Writing is taken in only while the last batch is out, so that
//! output gathers into large messages exactly when the viewer is slow. A large
//! message leaves in fragments (RFC 6455, section 5.4), so that no buffer
//! grows to its size and stays there.

use std::collections::BTreeMap;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use causeway_tunnel::is_way_lost;
use causeway_wire::limits::MESSAGE_BYTES_MAX;
use causeway_wire::message::ToViewer;
use causeway_wire::message::to_viewer::Body;
use futures_util::{Sink as _, Stream as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::Sleep;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::session::{CloseReason, ViewerId, ViewerOut};

/// What a websocket runs on: a stream of a tunnel.
pub trait ViewerStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> ViewerStream for S {}

impl std::fmt::Debug for dyn ViewerStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ViewerStream")
    }
}

/// Read buffer of one websocket, in bytes; held for as long as it lives.
const READ_BUFFER_BYTES: usize = 4 * 1024;
/// Bytes taken in before the next flush.
const BATCH_BYTES_MAX: usize = 64 * 1024;
/// Longest fragment of a message, in bytes.
const FRAGMENT_BYTES_MAX: usize = 64 * 1024;
/// How long a viewer may take to answer a goodbye. Until then what it still
/// sends is taken in, so that nobody between us takes the end for a fault.
const GOODBYE_DEADLINE: Duration = Duration::from_secs(1);
/// Bytes that may wait to be written: a batch, a fragment on top, pongs.
const WRITE_BUFFER_BYTES_MAX: usize = BATCH_BYTES_MAX + 2 * FRAGMENT_BYTES_MAX;

/// What came from a viewer.
#[derive(Debug)]
pub enum ViewerEvent {
    /// A message of the session protocol.
    Message(Bytes),
    /// Something that is none.
    Unexpected,
    /// A sign of life.
    Heard,
    /// What was taken in is out; there is room for more.
    Flushed,
    /// The socket is gone.
    Gone(Departure),
}

/// Why a socket is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Departure {
    /// The viewer closed it, or was lost.
    Left,
    /// The edge or the tunnel was lost; the viewer may well be on its way back.
    WayLost,
}

impl Departure {
    /// What a socket's error says about it.
    #[must_use]
    pub fn of(error: &tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Io(error) if is_way_lost(error) => Self::WayLost,
            _ => Self::Left,
        }
    }
}

/// One viewer's socket.
pub struct ViewerSocket {
    websocket: WebSocketStream<Box<dyn ViewerStream>>,
    /// What is left of a message whose fragments are going out.
    rest: Bytes,
    /// Bytes taken in since the last flush.
    batch: usize,
    flushing: bool,
    closing: Option<Closing>,
}

/// The closing handshake (RFC 6455, section 7.1.2).
struct Closing {
    /// The other side has said goodbye: nothing but our own is left.
    heard: bool,
    deadline: Pin<Box<Sleep>>,
}

impl ViewerSocket {
    /// Takes over a stream whose websocket handshake is done.
    pub async fn new(stream: Box<dyn ViewerStream>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .write_buffer_size(BATCH_BYTES_MAX)
            .max_write_buffer_size(WRITE_BUFFER_BYTES_MAX)
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let websocket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        Self {
            websocket,
            rest: Bytes::new(),
            batch: 0,
            flushing: false,
            closing: None,
        }
    }

    /// Whether it takes a message now.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        !self.flushing
            && self.closing.is_none()
            && self.rest.is_empty()
            && self.batch < BATCH_BYTES_MAX
    }

    /// Takes a message in; it goes out with the next [`ViewerSocket::poll_event`].
    ///
    /// # Errors
    /// When the socket is broken.
    pub fn send(&mut self, out: ViewerOut) -> Result<(), tungstenite::Error> {
        let message = match out {
            ViewerOut::Message(body) => {
                self.rest = encode(body);
                return self.send_fragments(Data::Binary);
            }
            ViewerOut::Ping => Message::Ping(Bytes::new()),
            ViewerOut::Close(reason) => {
                self.begin_closing(false);
                Message::Close(Some(close_frame(reason)))
            }
        };
        self.batch += message.len().max(1);
        Pin::new(&mut self.websocket).start_send(message)
    }

    /// Takes in as much of the rest as one batch holds; the first fragment
    /// names `kind`.
    fn send_fragments(&mut self, mut kind: Data) -> Result<(), tungstenite::Error> {
        if self.closing.is_some() {
            // Nobody waits for it after a goodbye.
            self.rest.clear();
        }
        while !self.rest.is_empty() && self.batch < BATCH_BYTES_MAX {
            let length = self.rest.len().min(FRAGMENT_BYTES_MAX);
            let fragment = self.rest.split_to(length);
            let frame = Frame::message(fragment, OpCode::Data(kind), self.rest.is_empty());
            kind = Data::Continue;
            self.batch += length;
            Pin::new(&mut self.websocket).start_send(Message::Frame(frame))?;
        }
        Ok(())
    }

    /// Writes what was taken in and reads what comes.
    pub fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<ViewerEvent> {
        if let Err(error) = self.poll_flushed(cx) {
            return Poll::Ready(ViewerEvent::Gone(Departure::of(&error)));
        }
        if self.poll_closed(cx) {
            return Poll::Ready(ViewerEvent::Gone(Departure::Left));
        }
        loop {
            let message = ready!(Pin::new(&mut self.websocket).poll_next(cx));
            if self.closing.is_none() {
                return Poll::Ready(self.event(message));
            }
            // What comes after a goodbye is of no interest any more.
            if matches!(message, None | Some(Err(_) | Ok(Message::Close(_)))) {
                return Poll::Ready(ViewerEvent::Gone(Departure::Left));
            }
        }
    }

    /// Writes on; an error says that the socket is gone.
    fn poll_flushed(&mut self, cx: &mut Context<'_>) -> Result<(), tungstenite::Error> {
        while self.batch > 0 || self.flushing {
            if Pin::new(&mut self.websocket).poll_flush(cx)?.is_pending() {
                self.flushing = true;
                break;
            }
            self.batch = 0;
            self.flushing = false;
            self.send_fragments(Data::Continue)?;
        }
        Ok(())
    }

    /// Whether the goodbye is over.
    fn poll_closed(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(closing) = &mut self.closing else {
            return false;
        };
        (closing.heard && !self.flushing) || closing.deadline.as_mut().poll(cx).is_ready()
    }

    fn event(&mut self, message: Option<Result<Message, tungstenite::Error>>) -> ViewerEvent {
        match message {
            None => ViewerEvent::Gone(Departure::Left),
            Some(Err(error)) => ViewerEvent::Gone(Departure::of(&error)),
            Some(Ok(Message::Binary(bytes))) => ViewerEvent::Message(bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                // A pong of ours waits in the write buffer.
                self.flushing = true;
                ViewerEvent::Heard
            }
            Some(Ok(Message::Close(_))) => {
                // Our own goodbye waits in the write buffer.
                self.flushing = true;
                self.begin_closing(true);
                ViewerEvent::Heard
            }
            Some(Ok(Message::Text(_) | Message::Frame(_))) => ViewerEvent::Unexpected,
        }
    }

    fn begin_closing(&mut self, heard: bool) {
        self.closing.get_or_insert_with(|| Closing {
            heard,
            deadline: Box::pin(tokio::time::sleep(GOODBYE_DEADLINE)),
        });
    }
}

fn encode(body: Body) -> Bytes {
    causeway_wire::encode(&ToViewer::from(body))
}

fn close_frame(reason: CloseReason) -> CloseFrame {
    let (code, reason) = match reason {
        CloseReason::Done => (CloseCode::Normal, "done"),
        CloseReason::ProtocolError => (CloseCode::Policy, "protocol error"),
        CloseReason::Silent => (CloseCode::Away, "silent"),
    };
    CloseFrame {
        code,
        reason: reason.into(),
    }
}

/// The sockets of one session.
#[derive(Default)]
pub struct ViewerSockets {
    sockets: BTreeMap<ViewerId, ViewerSocket>,
}

impl ViewerSockets {
    /// Adds a socket.
    pub fn insert(&mut self, id: ViewerId, socket: ViewerSocket) {
        self.sockets.insert(id, socket);
    }

    /// Drops a socket.
    pub fn remove(&mut self, id: ViewerId) {
        self.sockets.remove(&id);
    }

    /// Every socket that takes messages now.
    pub fn ready(&mut self) -> impl Iterator<Item = (ViewerId, &mut ViewerSocket)> {
        self.sockets
            .iter_mut()
            .filter(|(_, socket)| socket.is_ready())
            .map(|(id, socket)| (*id, socket))
    }

    /// What comes next from any of them, or that a batch is out. Never ready
    /// while there are none. Cancel-safe.
    pub async fn next_event(&mut self) -> (ViewerId, ViewerEvent) {
        std::future::poll_fn(|cx| self.poll_event(cx)).await
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<(ViewerId, ViewerEvent)> {
        for (id, socket) in &mut self.sockets {
            let was_ready = socket.is_ready();
            if let Poll::Ready(event) = socket.poll_event(cx) {
                return Poll::Ready((*id, event));
            }
            // It takes messages again: look whether there are any.
            if socket.is_ready() && !was_ready {
                return Poll::Ready((*id, ViewerEvent::Flushed));
            }
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use causeway_wire::message::TerminalOutput;
    use tokio::io::AsyncReadExt as _;

    use super::*;

    /// Reads one unmasked frame: its first byte and its payload (RFC 6455,
    /// section 5.2).
    async fn read_frame(stream: &mut (impl AsyncRead + Unpin)) -> (u8, Vec<u8>) {
        let first = stream.read_u8().await.unwrap();
        let length = match stream.read_u8().await.unwrap() {
            126 => u64::from(stream.read_u16().await.unwrap()),
            127 => stream.read_u64().await.unwrap(),
            length => u64::from(length),
        };
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        stream.read_exact(&mut payload).await.unwrap();
        (first, payload)
    }

    async fn check(output_bytes: usize, fragments: usize) {
        let (near, mut far) = tokio::io::duplex(1000);
        let mut socket = ViewerSocket::new(Box::new(near)).await;
        let data = Bytes::from(vec![b'x'; output_bytes]);
        let body = Body::TerminalOutput(TerminalOutput { data });
        let expected = encode(body.clone());
        socket.send(ViewerOut::Message(body)).unwrap();
        let reading = async {
            let mut message = Vec::new();
            for at in 1..=fragments {
                let (first, payload) = read_frame(&mut far).await;
                let opcode = if at == 1 { 2 } else { 0 };
                let end = if at == fragments { 0x80 } else { 0 };
                assert_eq!(first, opcode | end, "fragment {at}");
                assert!(payload.len() <= FRAGMENT_BYTES_MAX);
                message.extend(payload);
            }
            message
        };
        tokio::select! {
            message = reading => assert_eq!(message, expected),
            event = std::future::poll_fn(|cx| socket.poll_event(cx)) => panic!("{event:?}"),
        }
    }

    #[tokio::test]
    async fn a_large_message_leaves_in_fragments() {
        check(10, 1).await;
        check(FRAGMENT_BYTES_MAX - 100, 1).await;
        check(FRAGMENT_BYTES_MAX, 2).await;
        check(10 * FRAGMENT_BYTES_MAX, 11).await;
    }
}
