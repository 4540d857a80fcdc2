//! Browsers' connections: accepted, served one request, spliced.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

use crate::config::{HEADER_LEN_MAX, HEADERS_MAX, LINGER_MAX, Limits};
use crate::metrics::Entered;
use crate::routes::{Taken, Visit};
use crate::shared::Shared;
use crate::socket::Socket;
use crate::splice::{SpliceError, Terms, splice};

/// How long to wait when the system gives no more sockets.
const EXHAUSTED_WAIT: Duration = Duration::from_millis(100);

/// Accepts and serves browsers.
pub(crate) struct HttpServer {
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
    limits: Arc<Limits>,
    connections: Arc<Semaphore>,
    strangers: Arc<Semaphore>,
    tasks: TaskTracker,
}

/// The places that a connection takes.
struct Places {
    _connection: OwnedSemaphorePermit,
    stranger: Option<OwnedSemaphorePermit>,
    _counted: Entered,
}

impl HttpServer {
    /// Connections run in `tasks`, which outlive the listener.
    pub(crate) fn new(
        shared: Arc<Shared>,
        tls: Option<TlsAcceptor>,
        limits: Limits,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            shared,
            tls,
            connections: Arc::new(Semaphore::new(limits.connections_max)),
            strangers: Arc::new(Semaphore::new(limits.strangers_max)),
            limits: Arc::new(limits),
            tasks,
        }
    }

    /// Accepts until `stop`.
    pub(crate) async fn run(self, listener: TcpListener, stop: CancellationToken) {
        loop {
            let accepted = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => self.take_in(stream, peer),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "no connection accepted"
                    );
                    sleep(EXHAUSTED_WAIT).await;
                }
            }
        }
    }

    /// A connection beyond a limit is closed unread, so that the browser can
    /// try another edge.
    fn take_in(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(places) = self.places() else {
            self.shared.metrics.connections_dropped.add(1);
            return;
        };
        let connection = Connection {
            shared: Arc::clone(&self.shared),
            limits: Arc::clone(&self.limits),
            peer,
            places,
        };
        let tls = self.tls.clone();
        self.tasks.spawn(async move {
            let end_sessions = connection.shared.end_sessions.clone();
            tokio::select! {
                biased;
                () = end_sessions.cancelled() => {}
                served = connection.serve(tls, stream) => if let Err(error) = served {
                    tracing::debug!(%peer, error = &*error, "connection broke");
                }
            }
        });
    }

    fn places(&self) -> Option<Places> {
        Some(Places {
            _connection: Arc::clone(&self.connections).try_acquire_owned().ok()?,
            stranger: Some(Arc::clone(&self.strangers).try_acquire_owned().ok()?),
            _counted: self.shared.metrics.connections.enter(),
        })
    }
}

/// What breaks here concerns one connection only and is logged once.
type Broken = Box<dyn std::error::Error + Send + Sync>;

/// One browser's connection from its first byte to its last.
struct Connection {
    shared: Arc<Shared>,
    limits: Arc<Limits>,
    peer: SocketAddr,
    places: Places,
}

impl Connection {
    async fn serve(mut self, tls: Option<TlsAcceptor>, stream: TcpStream) -> Result<(), Broken> {
        stream.set_nodelay(true)?;
        let socket = match tls {
            Some(tls) => self.encrypt(&tls, stream).await?,
            None => Socket::Plain(stream),
        };
        let visit = Visit::new(Arc::clone(&self.shared), self.peer);
        // Boxed: what HTTP needs is given back before the long part begins.
        let (socket, early) = Box::pin(self.converse(&visit, socket)).await?;
        match visit.take() {
            Some(taken) => {
                self.places.stranger = None;
                self.carry(socket, early, taken).await;
                Ok(())
            }
            None => Ok(Box::pin(timeout(LINGER_MAX, close(socket))).await??),
        }
    }

    async fn encrypt(&self, tls: &TlsAcceptor, stream: TcpStream) -> Result<Socket, Broken> {
        let stream = Box::pin(timeout(self.limits.head_deadline, tls.accept(stream))).await??;
        Ok(Socket::Tls(Box::new(stream)))
    }

    /// Reads one request and answers it; the socket, and what came behind the
    /// request. That there is no second one is said by every answer's
    /// `Connection` header.
    async fn converse(
        &self,
        visit: &Visit,
        socket: Socket,
    ) -> Result<(Socket, Bytes), hyper::Error> {
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_deadline)
            .max_buf_size(HEADER_LEN_MAX)
            .max_headers(HEADERS_MAX)
            .serve_connection(
                TokioIo::new(socket),
                service_fn(|request| Box::pin(visit.answer(request))),
            );
        poll_fn(|cx| connection.poll_without_shutdown(cx)).await?;
        let parts = connection.into_parts();
        Ok((parts.io.into_inner(), parts.read_buf))
    }

    async fn carry(&self, socket: Socket, early: Bytes, taken: Taken) {
        let metrics = &self.shared.metrics;
        let _counted = metrics.sessions.enter();
        metrics.sessions_total.add(1);
        let terms = Terms {
            to_node: &metrics.bytes_to_node,
            to_browser: &metrics.bytes_to_browser,
            limits: &self.limits,
        };
        let Taken { stream, span } = taken;
        async {
            tracing::info!("session begins");
            match splice(socket, early, stream, &terms).await {
                Ok(()) => tracing::info!("session ends"),
                Err(error) => {
                    if matches!(error, SpliceError::Stalled) {
                        metrics.sessions_stalled.add(1);
                    }
                    tracing::info!(error = &error as &dyn std::error::Error, "session breaks");
                }
            }
        }
        .instrument(span)
        .await;
    }
}

/// Ends our direction, then reads what the other side still sends: closing a
/// socket with unread bytes resets it, and the answer could be lost.
async fn close(mut socket: Socket) -> io::Result<()> {
    socket.shutdown().await?;
    tokio::io::copy(&mut socket, &mut tokio::io::sink()).await?;
    Ok(())
}
