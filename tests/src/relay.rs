//! A loopback port in front of a server that listens on a unix socket: no
//! port has to be guessed, and connections can be cut like a network's.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// A port that leads to a unix socket until it is dropped.
pub struct Relay {
    address: SocketAddr,
    shared: Arc<Shared>,
    _acceptor: AbortOnDropHandle<()>,
}

struct Shared {
    accepted: AtomicUsize,
    socket: Mutex<PathBuf>,
    connections: Mutex<JoinSet<()>>,
}

impl Relay {
    /// Listens on a loopback port; the socket need not be there yet.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(socket: PathBuf) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            accepted: AtomicUsize::new(0),
            socket: Mutex::new(socket),
            connections: Mutex::new(JoinSet::new()),
        });
        let acceptor = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            _acceptor: AbortOnDropHandle::new(acceptor),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections came so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// From the next connection on it leads to where another one leads.
    pub fn lead_to(&self, other: &Self) {
        *self.shared.socket() = other.shared.socket().clone();
    }

    /// Cuts all connections.
    pub fn cut(&self) {
        self.shared.with_connections(JoinSet::abort_all);
    }
}

impl Shared {
    fn socket(&self) -> MutexGuard<'_, PathBuf> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_connections(&self, act: impl FnOnce(&mut JoinSet<()>)) {
        act(&mut self
            .connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner));
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((visitor, _)) = listener.accept().await {
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        let socket = shared.socket().clone();
        shared.with_connections(|connections| {
            while connections.try_join_next().is_some() {}
            connections.spawn(carry(visitor, socket));
        });
    }
}

async fn carry(mut visitor: TcpStream, socket: PathBuf) {
    drop(visitor.set_nodelay(true));
    if let Ok(mut server) = UnixStream::connect(socket).await {
        drop(copy_bidirectional(&mut visitor, &mut server).await);
    }
}
