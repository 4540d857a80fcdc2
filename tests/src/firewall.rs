//! A loopback port in front of a server that lets only some processes through,
//! as a firewall lets only some machines: what keeps one node from a target
//! that another reaches.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// What becomes of those that are not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stance {
    /// The connection is closed at once.
    Close,
    /// It stays open, and nobody ever answers.
    Hold,
}

/// A port that leads to a server until it is dropped.
pub struct Firewall {
    address: SocketAddr,
    shared: Arc<Shared>,
    _acceptor: AbortOnDropHandle<()>,
}

struct Shared {
    server: SocketAddr,
    stance: Stance,
    admitted: Mutex<HashSet<i32>>,
    turned_away: Mutex<Vec<TcpStream>>,
    turned_away_count: std::sync::atomic::AtomicUsize,
}

impl Firewall {
    /// Listens on a loopback port and lets nobody through yet.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(server: SocketAddr, stance: Stance) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server,
            stance,
            admitted: Mutex::default(),
            turned_away: Mutex::default(),
            turned_away_count: std::sync::atomic::AtomicUsize::new(0),
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

    /// From now on this process is let through.
    pub fn admit(&self, pid: i32) {
        let admitted = &self.shared.admitted;
        admitted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(pid);
    }

    /// How many connections were not let through so far.
    #[must_use]
    pub fn turned_away(&self) -> usize {
        self.shared
            .turned_away_count
            .load(std::sync::atomic::Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let carried = TaskTracker::new();
    while let Ok((visitor, from)) = listener.accept().await {
        let admitted = shared
            .admitted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if admitted.iter().any(|pid| holds(*pid, from)) {
            carried.spawn(carry(visitor, shared.server));
            continue;
        }
        let count = &shared.turned_away_count;
        count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if shared.stance == Stance::Hold {
            let held = &shared.turned_away;
            held.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(visitor);
        }
    }
}

async fn carry(mut visitor: TcpStream, server: SocketAddr) {
    drop(visitor.set_nodelay(true));
    if let Ok(mut server) = TcpStream::connect(server).await {
        drop(copy_bidirectional(&mut visitor, &mut server).await);
    }
}

/// Whether a process holds the socket at that loopback address.
fn holds(pid: i32, address: SocketAddr) -> bool {
    let Some(inode) = inode_of(address) else {
        return false;
    };
    let wanted = format!("socket:[{inode}]");
    std::fs::read_dir(format!("/proc/{pid}/fd")).is_ok_and(|descriptors| {
        descriptors
            .flatten()
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .any(|link| link.to_string_lossy() == wanted)
    })
}

/// The inode of the IPv4 socket bound to `address`: column 10 of
/// `/proc/net/tcp`, whose column 2 is `0100007F:PORT` for loopback.
fn inode_of(address: SocketAddr) -> Option<String> {
    let local = format!("0100007F:{:04X}", address.port());
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let is_it = columns.get(1) == Some(&local.as_str());
        is_it.then(|| columns.get(9).map(|inode| (*inode).to_owned()))?
    })
}
