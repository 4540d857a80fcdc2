//! The accept loop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::limits::{Beyond, Limits};
use crate::load::Load;
use crate::place::{Place, Places};
use crate::socket::Socket;

/// How long the loop rests when the system gives no more sockets.
const EXHAUSTED_PAUSE: Duration = Duration::from_millis(50);

/// A connection that is ready to be spoken over.
#[derive(Debug)]
pub struct Arrival {
    /// The connection, its TLS handshake done.
    pub socket: Socket,
    /// Where it comes from.
    pub peer: SocketAddr,
    /// What it takes of the limits; to be kept for as long as it is served.
    pub place: Place,
}

/// Accepts the connections of one listener.
pub struct Acceptor {
    /// Where they come in; closed when [`Acceptor::run`] returns.
    pub listener: TcpListener,
    /// Certificate and key; none for plain connections.
    pub tls: Option<Arc<ServerConfig>>,
    /// How many, and how patient.
    pub limits: Limits,
    /// Counts them.
    pub load: Load,
    /// Owns them; they outlive the loop.
    pub tasks: TaskTracker,
    /// Ends them all at once.
    pub cut: CancellationToken,
}

/// Why a connection came to nothing.
#[derive(Debug, thiserror::Error)]
enum HandshakeError {
    #[error("no TLS handshake")]
    Tls(#[source] io::Error),
    #[error("the TLS handshake took too long")]
    Deadline,
}

impl Acceptor {
    /// Accepts until `stop`; each connection is given to `serve`, whose future
    /// is dropped when all are cut.
    pub async fn run<S, F>(self, stop: CancellationToken, serve: S)
    where
        S: Fn(Arrival) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let serve = Arc::new(serve);
        let places = Places::new(&self.limits, self.load.clone());
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                accepted = self.accept(&places) => accepted,
            };
            let Some((stream, peer, place)) = accepted else {
                continue;
            };
            self.take_in(stream, peer, place, &serve);
        }
    }

    async fn accept(&self, places: &Places) -> Option<(TcpStream, SocketAddr, Place)> {
        let free = match self.limits.beyond {
            Beyond::Wait => Some(places.wait().await.ok()?),
            Beyond::Close => None,
        };
        let (stream, peer) = match self.listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no connection accepted"
                );
                sleep(EXHAUSTED_PAUSE).await;
                return None;
            }
        };
        let place = match free {
            Some(free) => Some(free.taken(places.load())),
            None => places.take(),
        };
        if place.is_none() {
            places.load().drop_one();
        }
        Some((stream, peer, place?))
    }

    fn take_in<S, F>(&self, stream: TcpStream, peer: SocketAddr, place: Place, serve: &Arc<S>)
    where
        S: Fn(Arrival) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let tls = self.tls.clone().map(TlsAcceptor::from);
        let (cut, patience) = (self.cut.clone(), self.limits.handshake_max);
        let serve = Arc::clone(serve);
        self.tasks.spawn(async move {
            let living = async {
                match connect(stream, tls, patience).await {
                    Ok(socket) => {
                        let arrival = Arrival {
                            socket,
                            peer,
                            place,
                        };
                        serve(arrival).await;
                    }
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::debug!(%peer, error, "connection came to nothing");
                    }
                }
            };
            tokio::select! {
                biased;
                () = cut.cancelled() => {}
                () = living => {}
            }
        });
    }
}

async fn connect(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    patience: Duration,
) -> Result<Socket, HandshakeError> {
    // Answers are small and waited for; a socket that refuses is served anyway.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "cannot turn Nagle's algorithm off");
    }
    let Some(tls) = tls else {
        return Ok(Socket::Plain(stream));
    };
    // Boxed: what the handshake needs is given back before the long part.
    let handshake = Box::pin(timeout(patience, tls.accept(stream)));
    let stream = handshake.await.map_err(|_| HandshakeError::Deadline)?;
    Ok(Socket::Tls(Box::new(stream.map_err(HandshakeError::Tls)?)))
}
