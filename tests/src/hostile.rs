//! A server that does what a test tells it to, however wrong: for clients that
//! must survive servers which nobody wrote in good faith.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

/// One thing that a hostile server does to a visitor.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Reads as many bytes and forgets them.
    Take(usize),
    /// Sends these bytes again and again until the visitor is gone, and reads
    /// what it says meanwhile.
    Flood(Vec<u8>),
    /// Sends these bytes again and again with a pause in between: a server
    /// that never comes to a point.
    Drip(Vec<u8>, Duration),
    /// Says no more, and reads what the visitor says until it is gone.
    Hold,
}

/// A running server. After its last act it closes the connection. Dropping it
/// ends it and its connections.
pub struct Hostile {
    address: SocketAddr,
    counts: Arc<Counts>,
    _acceptor: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicUsize,
    ended: AtomicUsize,
    sent: AtomicU64,
}

impl Hostile {
    /// Starts one that does the same to every visitor.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(acts: Vec<Act>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let counts = Arc::new(Counts::default());
        let acceptor = tokio::spawn(accept(listener, Arc::new(acts), Arc::clone(&counts)));
        Ok(Self {
            address,
            counts,
            _acceptor: AbortOnDropHandle::new(acceptor),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many visitors came so far.
    #[must_use]
    pub fn accepted(&self) -> usize {
        self.counts.accepted.load(Ordering::SeqCst)
    }

    /// How many visitors it is done with: they left, or its acts are over.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.counts.ended.load(Ordering::SeqCst)
    }

    /// Bytes that visitors took so far.
    #[must_use]
    pub fn sent_bytes(&self) -> u64 {
        self.counts.sent.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, acts: Arc<Vec<Act>>, counts: Arc<Counts>) {
    // Dropped with this task, and the visits with it.
    let mut visits = JoinSet::new();
    while let Ok((visitor, _)) = listener.accept().await {
        counts.accepted.fetch_add(1, Ordering::SeqCst);
        let (acts, counts) = (Arc::clone(&acts), Arc::clone(&counts));
        visits.spawn(async move {
            // A visitor that leaves early ends its visit; that is what most
            // tests wait for.
            drop(perform(visitor, &acts, &counts).await);
            counts.ended.fetch_add(1, Ordering::SeqCst);
        });
        while visits.try_join_next().is_some() {}
    }
}

async fn perform(mut visitor: TcpStream, acts: &[Act], counts: &Counts) -> std::io::Result<()> {
    visitor.set_nodelay(true)?;
    let sent = |bytes: &[u8]| {
        counts.sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
    };
    for act in acts {
        match act {
            Act::Send(bytes) => {
                visitor.write_all(bytes).await?;
                sent(bytes);
            }
            Act::Take(count) => {
                visitor.read_exact(&mut vec![0; *count]).await?;
            }
            Act::Flood(bytes) => {
                let (mut reader, mut writer) = visitor.split();
                let flood = async {
                    loop {
                        writer.write_all(bytes).await?;
                        sent(bytes);
                    }
                };
                return tokio::select! {
                    flooded = flood => flooded,
                    heard = swallow(&mut reader) => heard,
                };
            }
            Act::Drip(bytes, pause) => {
                let (mut reader, mut writer) = visitor.split();
                let drip = async {
                    loop {
                        writer.write_all(bytes).await?;
                        sent(bytes);
                        tokio::time::sleep(*pause).await;
                    }
                };
                return tokio::select! {
                    dripped = drip => dripped,
                    heard = swallow(&mut reader) => heard,
                };
            }
            Act::Hold => return swallow(&mut visitor).await,
        }
    }
    visitor.shutdown().await
}

async fn swallow(reader: &mut (impl AsyncReadExt + Unpin)) -> std::io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    while reader.read(&mut buffer).await? > 0 {}
    Ok(())
}
