//! The accept loop: HTTP/1.1 over a listener, with limits, drained on stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{ServiceBuilder, ServiceExt};

use super::Transport;

/// What a listener puts up with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// TCP connections at once; further ones wait in the kernel's queue.
    pub(crate) connections: usize,
    /// From the TCP connection to the end of the TLS handshake.
    pub(crate) handshake: Duration,
    /// From the first byte of a request to the end of its headers; also how
    /// long a kept-alive connection may idle.
    pub(crate) headers: Duration,
    /// From the stop to the forced end of requests still running.
    pub(crate) drain: Duration,
}

/// How long the loop rests when the process is out of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

impl Limits {
    /// The limits of portal, API and health listeners.
    pub(crate) const fn with_drain(drain: Duration) -> Self {
        Self {
            connections: 4096,
            handshake: Duration::from_secs(10),
            headers: Duration::from_secs(60),
            drain,
        }
    }
}

/// Serves `router` until `stop` is cancelled and its connections have ended,
/// or have been ended after the drain time. The peer's address is in each
/// request's extensions as [`ConnectInfo`].
pub(crate) async fn serve(
    listener: TcpListener,
    transport: Transport,
    router: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(limits.connections));
    let tracker = TaskTracker::new();
    let cut = CancellationToken::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else {
            continue;
        };
        let connection = Connection {
            peer,
            transport: transport.clone(),
            router: router.clone(),
            limits,
        };
        let (stop, cut) = (stop.clone(), cut.clone());
        tracker.spawn(async move {
            tokio::select! {
                biased;
                () = cut.cancelled() => {}
                () = connection.run(stream, stop) => {}
            }
            drop(place);
        });
    }
    drop(listener);
    tracker.close();
    if timeout(limits.drain, tracker.wait()).await.is_err() {
        cut.cancel();
        tracker.wait().await;
    }
}

type Accepted = (TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<Accepted> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        Err(error) => {
            tracing::warn!(%error, "cannot accept a connection");
            tokio::time::sleep(ACCEPT_PAUSE).await;
            None
        }
    }
}

struct Connection {
    peer: SocketAddr,
    transport: Transport,
    router: Router,
    limits: Limits,
}

impl Connection {
    async fn run(self, stream: TcpStream, stop: CancellationToken) {
        // Answers are small and waited for; a socket that refuses is served anyway.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn Nagle's algorithm off");
        }
        match &self.transport {
            Transport::Plain => self.http(stream, stop).await,
            Transport::Tls(config) => {
                let handshake = TlsAcceptor::from(Arc::clone(config)).accept(stream);
                match timeout(self.limits.handshake, handshake).await {
                    Ok(Ok(stream)) => self.http(stream, stop).await,
                    Ok(Err(error)) => tracing::debug!(%error, peer = %self.peer, "no TLS"),
                    Err(_) => tracing::debug!(peer = %self.peer, "TLS handshake took too long"),
                }
            }
        }
    }

    async fn http<S>(&self, stream: S, stop: CancellationToken)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let peer = self.peer;
        let service = ServiceBuilder::new()
            .map_request(move |mut request: Request<Incoming>| {
                request.extensions_mut().insert(ConnectInfo(peer));
                request
            })
            .service(self.router.clone().into_service::<Incoming>())
            .boxed_clone();
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.headers)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let result = tokio::select! {
            biased;
            result = connection.as_mut() => result,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, %peer, "connection ended");
        }
    }
}
