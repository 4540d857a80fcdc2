//! The websocket handshake with an edge, as a browser makes it.

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};
use url::Url;

/// Where a launch sends a viewer.
#[derive(Clone)]
pub struct Entry {
    /// The edge's websocket.
    pub edge_url: String,
    /// The ticket that it wants to see.
    pub ticket: String,
}

/// The edge's refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// Stable code of the problem document; empty when it had none.
    pub code: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the edge refused with {} {:?}", self.status, self.code)
    }
}

impl std::error::Error for Refused {}

const BUFFER_BYTES: usize = 64 * 1024;

pub(super) async fn connect(entry: &Entry) -> Result<WebSocketStream<TcpStream>> {
    let url = Url::parse(&entry.edge_url)?;
    ensure!(url.scheme() == "ws", "this viewer speaks no TLS: {url}");
    let host = url.host_str().context("the edge's URL names no host")?;
    let port = url
        .port_or_known_default()
        .context("the edge's URL names no port")?;
    let socket = TcpStream::connect((host, port))
        .await
        .with_context(|| format!("connect to {url}"))?;
    socket.set_nodelay(true)?;
    let mut request = entry.edge_url.as_str().into_client_request()?;
    let protocols = protocols(&entry.ticket).parse::<HeaderValue>()?;
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocols);
    let config = WebSocketConfig::default().read_buffer_size(BUFFER_BYTES);
    match tokio_tungstenite::client_async_with_config(request, socket, Some(config)).await {
        Ok((socket, _)) => Ok(socket),
        Err(tungstenite::Error::Http(answer)) => {
            let code = answer
                .body()
                .as_deref()
                .map(problem_code)
                .unwrap_or_default();
            Err(Refused {
                status: answer.status().as_u16(),
                code,
            }
            .into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Asks an edge for an upgrade with exactly these headers on top of the
/// handshake's own, and tells its answer.
///
/// # Errors
/// When the edge cannot be reached, or upgrades.
pub async fn try_upgrade(edge_url: &str, headers: &[(&str, &str)]) -> Result<Refused> {
    let url = edge_url.replacen("ws", "http", 1);
    let mut request = reqwest::Client::new()
        .get(url)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    ensure!(status != 101, "the edge upgraded");
    Ok(Refused {
        status,
        code: problem_code(&answer.bytes().await?),
    })
}

/// The subprotocol list that carries a ticket.
#[must_use]
pub fn protocols(ticket: &str) -> String {
    format!("{}, ticket.{ticket}", causeway_wire::SUBPROTOCOL)
}

fn problem_code(body: &[u8]) -> String {
    serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|problem| Some(problem.get("code")?.as_str()?.to_owned()))
        .unwrap_or_default()
}
