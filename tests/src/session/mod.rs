//! A viewer without a browser: it speaks the session protocol to an edge and
//! keeps what it heard. Tests and the benchmark use it; how a terminal draws
//! is the web's business, and a desktop's picture is put together in
//! [`desktop`].

mod connect;
pub mod desktop;
mod follow;
mod roam;
mod typed;
mod wait;

use std::time::Duration;

use anyhow::{Context, Result, bail};
use causeway_wire::message::{
    Capability, CredentialAnswer, CredentialRequest, Ended, Failure, Hello, InputOrigin,
    InputStream, Leave, Notice, Resume, TerminalAck, TerminalInput, TerminalResize, ToNode,
    ViewerSize, Welcome, to_node, to_viewer,
};
use causeway_wire::{clipboard_pieces, decode_to_viewer, encode, limits};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use desktop::DesktopView;

pub use connect::{Entry, Refused, protocols, try_upgrade};
pub use follow::Followed;
pub use roam::Roamer;

/// How long a viewer waits for anything, unless told otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Output that a viewer lets be on its way unacknowledged, in bytes.
pub const WINDOW_BYTES: u32 = 1024 * 1024;

/// The size that a viewer starts with, in cells.
pub const SIZE: (u32, u32) = (80, 24);

/// An attached viewer.
pub struct Viewer {
    socket: WebSocketStream<TcpStream>,
    transcript: Vec<u8>,
    /// Up to where [`Self::wait_for`] has looked.
    searched: usize,
    offset: u64,
    acknowledged: u64,
    acknowledges: bool,
    partial_clipboard: String,
    received_bytes: u64,
    /// The picture, when the session is a desktop's.
    pub desktop: Option<DesktopView>,
    /// What the node said beside output, in order of arrival.
    pub heard: Heard,
}

/// All that a node said beside its output.
#[derive(Debug, Default)]
pub struct Heard {
    /// The answer to the hello.
    pub welcome: Option<Welcome>,
    /// Why the session could not start, or broke.
    pub failure: Option<Failure>,
    /// How the session ended.
    pub ended: Option<Ended>,
    /// What the target asked and nobody has answered yet.
    pub requests: Vec<CredentialRequest>,
    /// Notices.
    pub notices: Vec<Notice>,
    /// Texts for the viewer's clipboard.
    pub clipboard: Vec<String>,
    /// Steps, by number.
    pub steps: Vec<i32>,
    /// Messages of input that the node says it has taken; of a viewer that
    /// counts them.
    pub input_taken: Option<u64>,
    /// Round trips asked for by [`Viewer::send`] with a ping.
    pub pongs: Vec<u64>,
    /// Whether the socket has closed.
    pub closed: bool,
    /// What closed it: a close frame, or an error of the connection.
    pub closed_by: Option<String>,
}

impl Viewer {
    /// Attaches to a new session and waits for the node's answer to its hello:
    /// a welcome or a failure.
    ///
    /// # Errors
    /// [`Refused`] when the edge refuses; or when the node does not answer.
    pub async fn open(entry: &Entry) -> Result<Self> {
        Self::greet(entry, terminal_hello(None, None)).await
    }

    /// Attaches to a session of which output has been seen up to an offset.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn resume(entry: &Entry, output_offset: u64) -> Result<Self> {
        Self::greet(entry, terminal_hello(Some(Resume { output_offset }), None)).await
    }

    /// Attaches with input that is counted, to a session of which output has
    /// been seen up to an offset, if any has.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn count_input(
        entry: &Entry,
        output_offset: Option<u64>,
        input: InputStream,
    ) -> Result<Self> {
        let resume = output_offset.map(|output_offset| Resume { output_offset });
        Self::greet(entry, terminal_hello(resume, Some(input))).await
    }

    async fn greet(entry: &Entry, hello: Hello) -> Result<Self> {
        let mut viewer = Self::attach(entry).await?;
        viewer.say_hello(hello).await?;
        Ok(viewer)
    }

    async fn say_hello(&mut self, hello: Hello) -> Result<()> {
        self.send(to_node::Body::Hello(hello)).await?;
        self.wait_until("an answer to the hello", |viewer| {
            viewer.heard.welcome.is_some() || viewer.heard.failure.is_some()
        })
        .await?;
        let welcome = self.heard.welcome.as_ref();
        let offset = welcome.map_or(0, |welcome| welcome.output_offset);
        (self.offset, self.acknowledged) = (offset, offset);
        Ok(())
    }

    /// Opens the websocket and says nothing yet.
    ///
    /// # Errors
    /// [`Refused`] when the edge refuses.
    pub async fn attach(entry: &Entry) -> Result<Self> {
        Ok(Self {
            socket: connect::connect(entry).await?,
            transcript: Vec::new(),
            searched: 0,
            offset: 0,
            acknowledged: 0,
            acknowledges: true,
            partial_clipboard: String::new(),
            received_bytes: 0,
            desktop: None,
            heard: Heard::default(),
        })
    }

    /// Says hello as a terminal of [`SIZE`].
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn hello(&mut self, resume: Option<Resume>) -> Result<()> {
        self.send(to_node::Body::Hello(terminal_hello(resume, None)))
            .await
    }

    /// Sends one message.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn send(&mut self, body: to_node::Body) -> Result<()> {
        self.send_frame(Message::Binary(encode(&ToNode::from(body))))
            .await
    }

    /// Sends one websocket frame as it is.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn send_frame(&mut self, frame: Message) -> Result<()> {
        self.socket.send(frame).await.context("the socket is gone")
    }

    /// Types a text.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn type_text(&mut self, text: &str) -> Result<()> {
        self.input(text, InputOrigin::Typed).await
    }

    /// Types a text and the Enter key.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn enter(&mut self, line: &str) -> Result<()> {
        self.type_text(&format!("{line}\r")).await
    }

    /// Pastes a text, in as many messages as it takes.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn paste(&mut self, text: &str) -> Result<()> {
        self.input(text, InputOrigin::Pasted).await
    }

    async fn input(&mut self, text: &str, origin: InputOrigin) -> Result<()> {
        for piece in text.as_bytes().chunks(limits::TERMINAL_INPUT_BYTES_MAX) {
            let data = piece.to_vec().into();
            self.send(to_node::Body::TerminalInput(TerminalInput {
                data,
                origin: origin as i32,
            }))
            .await?;
        }
        Ok(())
    }

    /// Changes the window's size, in cells.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn resize(&mut self, columns: u32, rows: u32) -> Result<()> {
        self.send(to_node::Body::TerminalResize(TerminalResize {
            size: Some(size(columns, rows)),
        }))
        .await
    }

    /// Puts a text on the remote clipboard.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn offer_clipboard(&mut self, text: &str) -> Result<()> {
        for piece in clipboard_pieces(text) {
            self.send(to_node::Body::Clipboard(piece)).await?;
        }
        Ok(())
    }

    /// Closes the session for good.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn leave(&mut self) -> Result<()> {
        self.send(to_node::Body::Leave(Leave {})).await
    }

    /// Answers the oldest open request for credentials.
    ///
    /// # Errors
    /// When none is open, or the socket is gone.
    pub async fn answer(&mut self, answers: &[&str]) -> Result<()> {
        if self.heard.requests.is_empty() {
            bail!("the target has asked nothing");
        }
        let id = self.heard.requests.remove(0).id;
        let answers = answers.iter().map(|text| (*text).to_owned()).collect();
        self.send(to_node::Body::CredentialAnswer(CredentialAnswer {
            id,
            answers,
            cancelled: false,
        }))
        .await
    }

    /// From now on output is acknowledged only by [`Self::acknowledge`], or
    /// again by itself.
    pub fn acknowledge_by_itself(&mut self, by_itself: bool) {
        self.acknowledges = by_itself;
    }

    /// Acknowledges all output received.
    ///
    /// # Errors
    /// When the socket is gone.
    pub async fn acknowledge(&mut self) -> Result<()> {
        self.acknowledged = self.offset;
        self.send(to_node::Body::TerminalAck(TerminalAck {
            output_offset: self.offset,
        }))
        .await
    }

    /// Bytes of output since the session began.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes of all messages received, without the websocket's own.
    #[must_use]
    pub const fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    /// All output kept, as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.transcript).into_owned()
    }

    /// Takes in one message; `false` when the socket has closed.
    ///
    /// # Errors
    /// When the node breaks the protocol.
    pub async fn hear(&mut self) -> Result<bool> {
        let message = match self.socket.next().await {
            Some(Ok(Message::Binary(bytes))) => bytes,
            Some(Ok(Message::Text(_))) => bail!("the node sent a text message"),
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => return Ok(true),
            Some(Ok(Message::Close(_))) | None => return Ok(self.close("a close frame")),
            Some(Err(error)) => return Ok(self.close(&error.to_string())),
        };
        self.received_bytes += message.len() as u64;
        if let Some(body) = decode_to_viewer(message)? {
            self.take_in(body).await?;
        }
        Ok(true)
    }

    fn close(&mut self, how: &str) -> bool {
        self.heard.closed = true;
        self.heard.closed_by.get_or_insert_with(|| how.to_owned());
        false
    }

    async fn take_in(&mut self, body: to_viewer::Body) -> Result<()> {
        use to_viewer::Body;
        match body {
            Body::TerminalOutput(output) => return self.take_output(&output.data).await,
            Body::Welcome(welcome) => {
                self.heard.input_taken = welcome.input_taken;
                self.heard.welcome = Some(welcome);
            }
            Body::InputTaken(taken) => self.heard.input_taken = Some(taken.count),
            Body::Failure(failure) => self.heard.failure = Some(failure),
            Body::Ended(ended) => self.heard.ended = Some(ended),
            Body::CredentialRequest(request) => self.heard.requests.push(request),
            Body::Notice(notice) => self.heard.notices.push(notice),
            Body::Clipboard(piece) => {
                self.partial_clipboard.push_str(&piece.text);
                if !piece.more {
                    let text = std::mem::take(&mut self.partial_clipboard);
                    self.heard.clipboard.push(text);
                }
            }
            Body::Progress(progress) => self.heard.steps.push(progress.step),
            Body::Pong(pong) => self.heard.pongs.push(pong.nonce),
            other => {
                let Some(desktop) = &mut self.desktop else {
                    bail!("a terminal got {other:?}")
                };
                if let Some(ack) = desktop.take_in(other)?
                    && self.acknowledges
                {
                    self.send(to_node::Body::FrameAck(ack)).await?;
                }
            }
        }
        Ok(())
    }

    async fn take_output(&mut self, data: &[u8]) -> Result<()> {
        self.offset += data.len() as u64;
        self.transcript.extend_from_slice(data);
        if self.acknowledges && self.offset - self.acknowledged >= u64::from(WINDOW_BYTES / 8) {
            self.acknowledge().await?;
        }
        Ok(())
    }
}

fn terminal_hello(resume: Option<Resume>, input: Option<InputStream>) -> Hello {
    Hello {
        version: causeway_wire::VERSION,
        capabilities: vec![
            Capability::Terminal as i32,
            Capability::ClipboardText as i32,
            Capability::Resume as i32,
        ],
        size: Some(size(SIZE.0, SIZE.1)),
        resume,
        terminal_window_bytes: WINDOW_BYTES,
        language: "en".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        input,
    }
}

fn size(columns: u32, rows: u32) -> ViewerSize {
    ViewerSize {
        columns,
        rows,
        width_px: columns * 8,
        height_px: rows * 16,
        scale_percent: 100,
    }
}
