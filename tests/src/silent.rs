//! Targets without an answer: one that accepts connections and never says a
//! word, as a dead service behind a live port, and one that does not even
//! accept them.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

/// More connections than a queue of one holds.
const QUEUED_MAX: usize = 16;
/// Loopback answers at once or never.
const ANSWERED_WITHIN: std::time::Duration = std::time::Duration::from_millis(300);

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

/// A listener whose queue is full: who connects to it is not answered at all,
/// as behind a firewall that drops.
pub struct Deaf {
    address: SocketAddr,
    _listener: TcpListener,
    _queued: Vec<std::net::TcpStream>,
}

impl Deaf {
    /// Listens on a loopback port and fills its queue.
    ///
    /// # Errors
    /// When no port can be bound, or its queue has no end.
    pub fn start() -> Result<Self> {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let listener = socket.listen(1)?;
        let address = listener.local_addr()?;
        let mut queued = Vec::new();
        for _ in 0..QUEUED_MAX {
            match std::net::TcpStream::connect_timeout(&address, ANSWERED_WITHIN) {
                Ok(stream) => queued.push(stream),
                Err(_) => {
                    return Ok(Self {
                        address,
                        _listener: listener,
                        _queued: queued,
                    });
                }
            }
        }
        anyhow::bail!("{QUEUED_MAX} connections wait and there is still room")
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
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
