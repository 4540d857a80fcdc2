//! A loopback port in front of a server that lets only some processes through,
//! as a firewall lets only some machines: what keeps one node from a target
//! that another reaches.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// How often, and after what time, the kernel's list of sockets is read again.
const LOOKS: usize = 10;
const LOOK_EVERY: Duration = Duration::from_millis(20);

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
    address: SocketAddr,
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
            address,
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
        let inode = inode_of(from, shared.address).await;
        let held_by = |pid: &i32| inode.as_deref().is_some_and(|inode| holds(*pid, inode));
        if admitted.iter().any(held_by) {
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

/// Whether a process holds the socket of that inode.
fn holds(pid: i32, inode: &str) -> bool {
    let wanted = format!("socket:[{inode}]");
    std::fs::read_dir(format!("/proc/{pid}/fd")).is_ok_and(|descriptors| {
        descriptors
            .flatten()
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .any(|link| link.to_string_lossy() == wanted)
    })
}

/// The inode of the visitor's socket. The kernel's list can lack a socket while
/// others come and go, so it is read again when it does.
async fn inode_of(visitor: SocketAddr, here: SocketAddr) -> Option<String> {
    for _ in 0..LOOKS {
        if let Some(inode) = listed_inode(visitor, here) {
            return Some(inode);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    None
}

/// Column 10 of `/proc/net/tcp`, whose columns 2 and 3 are both ends of a
/// connection, `0100007F:PORT` for loopback. One end alone names none: sockets
/// to several places can have the same port.
fn listed_inode(visitor: SocketAddr, here: SocketAddr) -> Option<String> {
    let ends = [visitor, here].map(|end| format!("0100007F:{:04X}", end.port()));
    let table = std::fs::read_to_string("/proc/net/tcp").ok()?;
    table.lines().find_map(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        let is_it = columns.get(1..3)? == ends;
        is_it.then(|| columns.get(9).map(|inode| (*inode).to_owned()))?
    })
}
