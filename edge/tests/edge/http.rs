//! Just enough of HTTP/1.1 to say exactly what a browser says, and worse.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::world::bounded;

/// A request as text, header by header.
#[derive(Clone)]
pub(crate) struct Request {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    pub(crate) fn new(line: &str) -> Self {
        Self {
            line: format!("{line} HTTP/1.1"),
            headers: vec![("Host".to_owned(), "edge.example".to_owned())],
            body: String::new(),
        }
    }

    /// What a browser sends to open a websocket.
    pub(crate) fn websocket(ticket: &str) -> Self {
        Self::new("GET /edge/v1/connect")
            .with("Connection", "Upgrade")
            .with("Upgrade", "websocket")
            .with("Sec-WebSocket-Version", "13")
            .with("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
            .with(
                "Sec-WebSocket-Protocol",
                &format!("causeway.v1, ticket.{ticket}"),
            )
    }

    pub(crate) fn line(mut self, line: &str) -> Self {
        line.clone_into(&mut self.line);
        self
    }

    /// Sets a header.
    pub(crate) fn with(self, name: &str, value: &str) -> Self {
        let mut request = self.without(name);
        request.headers.push((name.to_owned(), value.to_owned()));
        request
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    pub(crate) fn body(self, body: &str) -> Self {
        let mut request = self.with("Content-Length", &body.len().to_string());
        body.clone_into(&mut request.body);
        request
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}\r\n", self.line);
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").unwrap();
        }
        text + "\r\n" + &self.body
    }

    pub(crate) async fn send(&self, edge: SocketAddr) -> (Answer, TcpStream) {
        let mut stream = TcpStream::connect(edge).await.unwrap();
        let answer = bounded(exchange(&mut stream, &self.text())).await;
        (answer, stream)
    }
}

pub(crate) async fn exchange(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    text: &str,
) -> Answer {
    stream.write_all(text.as_bytes()).await.unwrap();
    Answer::read(stream).await
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    /// Reads up to the end of the answer and not a byte further.
    pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Self {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines
            .next()
            .unwrap()
            .split(' ')
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        let mut headers: HashMap<String, String> = HashMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            headers
                .entry(name.to_ascii_lowercase())
                .and_modify(|before| *before = format!("{before}, {value}"))
                .or_insert_with(|| value.to_owned());
        }
        let length = headers
            .get("content-length")
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        Self {
            status,
            headers,
            body: String::from_utf8(body).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Status and code of a problem document.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(
            self.header("content-type"),
            Some("application/problem+json"),
            "{self:?}"
        );
        let problem: causeway_fleet::Problem = serde_json::from_str(&self.body).unwrap();
        assert_eq!(problem.status, self.status);
        (self.status, problem.code)
    }
}
