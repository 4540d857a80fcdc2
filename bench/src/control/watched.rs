//! A target that tells when it was left: a port in front of a server, which
//! notes the moment at which the node's side of a connection closes.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

/// Closings that may wait to be looked at.
const CLOSINGS_MAX: usize = 1024;
const BUFFER_BYTES: usize = 16 * 1024;

/// The port.
pub(super) struct Watched {
    pub(super) address: SocketAddr,
    closings: mpsc::Receiver<Instant>,
    _acceptor: AbortOnDropHandle<()>,
}

impl Watched {
    pub(super) async fn start(server: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (closed, closings) = mpsc::channel(CLOSINGS_MAX);
        let acceptor = tokio::spawn(accept(listener, server, closed));
        Ok(Self {
            address,
            closings,
            _acceptor: AbortOnDropHandle::new(acceptor),
        })
    }

    /// When the next connection was closed.
    pub(super) async fn closed(&mut self) -> Result<Instant> {
        tokio::time::timeout(crate::shell::PATIENCE, self.closings.recv())
            .await
            .context("no target was closed")?
            .context("the watch is over")
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, closed: mpsc::Sender<Instant>) {
    let mut carried = tokio::task::JoinSet::new();
    while let Ok((node, _)) = listener.accept().await {
        let closed = closed.clone();
        carried.spawn(async move {
            if let Ok(server) = TcpStream::connect(server).await {
                drop((node.set_nodelay(true), server.set_nodelay(true)));
                let (from_node, to_node) = node.into_split();
                let (from_server, to_server) = server.into_split();
                let back = AbortOnDropHandle::new(tokio::spawn(pass(from_server, to_node)));
                pass(from_node, to_server).await;
                drop((closed.send(Instant::now()).await, back));
            }
        });
        while carried.try_join_next().is_some() {}
    }
}

/// Passes bytes on until the end, or an error.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut buffer = vec![0; BUFFER_BYTES];
    while let Ok(count) = from.read(&mut buffer).await {
        if count == 0 || to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}
