//! A target that accepts connections and never says a word: what a dead
//! service behind a live port looks like.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// A listener that stays silent until it is dropped.
pub struct Silent {
    address: SocketAddr,
    _acceptor: AbortOnDropHandle<()>,
}

impl Silent {
    /// Listens on a loopback port.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        Ok(Self {
            address,
            _acceptor: AbortOnDropHandle::new(tokio::spawn(hold_all(listener))),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn hold_all(listener: TcpListener) {
    let mut held: Vec<TcpStream> = Vec::new();
    while let Ok((socket, _)) = listener.accept().await {
        held.push(socket);
    }
}

/// An address on which nothing listens: connections to it are refused.
///
/// The port was bound a moment ago, so that nobody else is likely to have
/// it, and is free again.
///
/// # Errors
/// When no port can be bound.
pub async fn refusing_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).await?.local_addr()?)
}
