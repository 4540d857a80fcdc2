//! A viewer at the other end of a pipe, where an edge would be.

use std::future::Future;
use std::time::Duration;

use causeway_outpost_node::session::SessionHandle;
use causeway_outpost_node::viewer::ViewerStream;
use causeway_wire::message::to_node::Body as ToNodeBody;
use causeway_wire::message::to_viewer::Body;
use causeway_wire::message::{
    Capability, CredentialAnswer, CredentialRequest, DesktopResize, Ended, Failure, FrameAck,
    Hello, InputOrigin, Resume, TerminalAck, TerminalInput, TerminalResize, ToNode, ViewerSize,
    Welcome,
};
use causeway_wire::{VERSION, decode_to_viewer, encode};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;

/// How long a test waits for anything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes that the pipe holds.
const PIPE_BYTES: usize = 64 * 1024;

/// Waits, and says for what in vain.
pub(crate) async fn within_patience<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// What a viewer answers to a question.
pub(crate) enum Answer<'a> {
    Texts(&'a [&'a str]),
    Cancel,
}

/// A viewer.
pub(crate) struct TestViewer {
    websocket: WebSocketStream<Box<dyn ViewerStream>>,
    /// All output so far.
    pub(crate) output: String,
    /// Offset of the byte after it.
    pub(crate) offset: u64,
    /// Whether output and frames are acknowledged as they come.
    pub(crate) acknowledges: bool,
    /// All other messages so far.
    pub(crate) heard: Vec<Body>,
}

impl TestViewer {
    /// Attaches without a word.
    pub(crate) async fn attach(session: &SessionHandle) -> Self {
        let (near, far) = tokio::io::duplex(PIPE_BYTES);
        session.attach(Box::new(far)).await;
        Self::over(Box::new(near)).await
    }

    /// A viewer on a stream that leads to a node.
    pub(crate) async fn over(stream: Box<dyn ViewerStream>) -> Self {
        Self {
            websocket: WebSocketStream::from_raw_socket(stream, Role::Client, None).await,
            output: String::new(),
            offset: 0,
            acknowledges: true,
            heard: Vec::new(),
        }
    }

    pub(crate) async fn hello(&mut self, resume: Option<u64>) {
        self.hello_with_window(resume, 0).await;
    }

    pub(crate) async fn hello_with_window(&mut self, resume: Option<u64>, window: u32) {
        self.offset = resume.unwrap_or(0);
        let hello = Hello {
            version: VERSION,
            capabilities: vec![Capability::Terminal.into()],
            size: Some(size(80, 24)),
            resume: resume.map(|output_offset| Resume { output_offset }),
            terminal_window_bytes: window,
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            input: None,
        };
        self.send(ToNodeBody::Hello(hello)).await;
    }

    pub(crate) async fn hello_to_desktop(&mut self) {
        let capabilities = [
            Capability::TileZstd,
            Capability::TileJpeg,
            Capability::ClipboardText,
            Capability::AudioPcm,
        ];
        let hello = Hello {
            version: VERSION,
            capabilities: capabilities.map(i32::from).to_vec(),
            size: Some(desktop_size(1280, 720)),
            ..Hello::default()
        };
        self.send(ToNodeBody::Hello(hello)).await;
    }

    pub(crate) async fn send(&mut self, body: ToNodeBody) {
        self.send_raw(encode(&ToNode::from(body))).await;
    }

    pub(crate) async fn send_raw(&mut self, bytes: bytes::Bytes) {
        self.websocket.send(Message::Binary(bytes)).await.unwrap();
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.websocket.send(Message::text(text)).await.unwrap();
    }

    pub(crate) async fn type_in(&mut self, text: &str) {
        self.input(text, InputOrigin::Typed).await;
    }

    pub(crate) async fn input(&mut self, text: &str, origin: InputOrigin) {
        let data = bytes::Bytes::copy_from_slice(text.as_bytes());
        self.send(ToNodeBody::TerminalInput(TerminalInput {
            data,
            origin: origin.into(),
        }))
        .await;
    }

    pub(crate) async fn resize(&mut self, columns: u32, rows: u32) {
        let size = Some(size(columns, rows));
        self.send(ToNodeBody::TerminalResize(TerminalResize { size }))
            .await;
    }

    pub(crate) async fn resize_desktop(&mut self, width: u32, height: u32) {
        let size = Some(desktop_size(width, height));
        self.send(ToNodeBody::DesktopResize(DesktopResize { size }))
            .await;
    }

    /// Waits until a frame is whole; its number.
    pub(crate) async fn frame(&mut self) -> u64 {
        self.wait_for("a frame", |body| match body {
            Body::FrameMark(mark) => Some(mark.frame),
            _ => None,
        })
        .await
    }

    pub(crate) async fn acknowledge_frame(&mut self, frame: u64) {
        let ack = FrameAck {
            frame,
            present_us: 1000,
        };
        self.send_if_there(ToNodeBody::FrameAck(ack)).await;
    }

    /// Waits for a whole text for the clipboard.
    pub(crate) async fn clipboard(&mut self) -> String {
        let mut text = String::new();
        loop {
            let piece = self
                .wait_for("a piece of a clipboard", |body| match body {
                    Body::Clipboard(piece) => Some(piece.clone()),
                    _ => None,
                })
                .await;
            text.push_str(&piece.text);
            if !piece.more {
                return text;
            }
        }
    }

    /// The next message, `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Body> {
        loop {
            let message = within_patience("a message", self.websocket.next()).await?;
            let Ok(Message::Binary(bytes)) = message else {
                continue;
            };
            let Some(body) = decode_to_viewer(bytes).unwrap() else {
                continue;
            };
            if let Body::TerminalOutput(output) = &body {
                self.output.push_str(&String::from_utf8_lossy(&output.data));
                self.offset += output.data.len() as u64;
                if self.acknowledges {
                    self.acknowledge().await;
                }
            } else {
                if let (Body::FrameMark(mark), true) = (&body, self.acknowledges) {
                    self.acknowledge_frame(mark.frame).await;
                }
                self.heard.push(body.clone());
            }
            return Some(body);
        }
    }

    pub(crate) async fn acknowledge(&mut self) {
        let output_offset = self.offset;
        let ack = ToNodeBody::TerminalAck(TerminalAck { output_offset });
        self.send_if_there(ack).await;
    }

    /// Sends what a node that is gone does not need.
    async fn send_if_there(&mut self, body: ToNodeBody) {
        let message = Message::Binary(encode(&ToNode::from(body)));
        drop(self.websocket.send(message).await);
    }

    /// Waits for a message, and fails on the last word of a session that
    /// ended instead.
    pub(crate) async fn wait_for<T>(
        &mut self,
        what: &str,
        wanted: impl Fn(&Body) -> Option<T>,
    ) -> T {
        loop {
            match self.next().await {
                Some(body) => {
                    if let Some(found) = wanted(&body) {
                        return found;
                    }
                    if let Body::Failure(_) | Body::Ended(_) = body {
                        panic!("{body:?} instead of {what}; output: {:?}", self.output);
                    }
                }
                None => panic!("the end instead of {what}; heard {:?}", self.heard),
            }
        }
    }

    pub(crate) async fn welcome(&mut self) -> Welcome {
        let welcome = self
            .wait_for("a welcome", |body| match body {
                Body::Welcome(welcome) => Some(welcome.clone()),
                _ => None,
            })
            .await;
        self.offset = welcome.output_offset;
        welcome
    }

    /// Waits until `text` is put out; returns what came up to its end, and
    /// forgets it.
    pub(crate) async fn output_with(&mut self, text: &str) -> String {
        let end = loop {
            if let Some(at) = self.output.find(text) {
                break at + text.len();
            }
            self.wait_for(&format!("output with {text:?}"), |body| {
                matches!(body, Body::TerminalOutput(_)).then_some(())
            })
            .await;
        };
        let rest = self.output.split_off(end);
        std::mem::replace(&mut self.output, rest)
    }

    /// Waits for the shell's prompt.
    pub(crate) async fn prompt(&mut self) -> String {
        self.output_with("$ ").await
    }

    /// Runs a line in the shell and returns what it put out.
    pub(crate) async fn run(&mut self, line: &str) -> String {
        self.type_in(&format!("echo begin''mark; {line}; echo end''mark\n"))
            .await;
        let output = self.output_with("endmark\r\n").await;
        let (_, output) = output.split_once("beginmark\r\n").unwrap();
        output
            .strip_suffix("endmark\r\n")
            .unwrap_or(output)
            .to_owned()
    }

    pub(crate) async fn question(&mut self) -> CredentialRequest {
        self.wait_for("a question", |body| match body {
            Body::CredentialRequest(request) => Some(request.clone()),
            _ => None,
        })
        .await
    }

    pub(crate) async fn answer(&mut self, request: &CredentialRequest, answer: Answer<'_>) {
        let (answers, cancelled) = match answer {
            Answer::Texts(texts) => (texts.iter().map(|text| (*text).to_owned()).collect(), false),
            Answer::Cancel => (Vec::new(), true),
        };
        let id = request.id;
        self.send(ToNodeBody::CredentialAnswer(CredentialAnswer {
            id,
            answers,
            cancelled,
        }))
        .await;
    }

    /// Waits for the session's failure.
    pub(crate) async fn failure(&mut self) -> Failure {
        self.wait_for("a failure", |body| match body {
            Body::Failure(failure) => Some(failure.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for the session's end.
    pub(crate) async fn ended(&mut self) -> Ended {
        self.wait_for("the end", |body| match body {
            Body::Ended(ended) => Some(ended.clone()),
            _ => None,
        })
        .await
    }

    /// Waits for a notice of this code.
    pub(crate) async fn notice(&mut self, code: &str) {
        self.wait_for(code, |body| match body {
            Body::Notice(notice) if notice.code == code => Some(()),
            _ => None,
        })
        .await;
    }

    /// Waits until the node closes.
    pub(crate) async fn closed(&mut self) {
        while self.next().await.is_some() {}
    }
}

fn desktop_size(width_px: u32, height_px: u32) -> ViewerSize {
    ViewerSize {
        width_px,
        height_px,
        ..size(1, 1)
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
