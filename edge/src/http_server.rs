//! Browsers' connections: served one request, spliced.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use causeway_serve::{Arrival, Place, Socket};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;
use tracing::Instrument as _;

use crate::config::{HEADER_LEN_MAX, HEADERS_MAX, LINGER_MAX, Limits};
use crate::routes::{Taken, Visit};
use crate::shared::Shared;
use crate::splice::{SpliceError, Terms, splice};

/// What breaks here concerns one connection only and is logged once.
type Broken = Box<dyn std::error::Error + Send + Sync>;

/// One browser's connection from its first byte to its last.
pub(crate) async fn serve(shared: Arc<Shared>, limits: Arc<Limits>, arrival: Arrival) {
    let Arrival {
        socket,
        peer,
        place,
    } = arrival;
    let connection = Connection {
        shared,
        limits,
        peer,
        place,
    };
    if let Err(error) = connection.serve(socket).await {
        tracing::debug!(%peer, error = &*error, "connection broke");
    }
}

struct Connection {
    shared: Arc<Shared>,
    limits: Arc<Limits>,
    peer: SocketAddr,
    place: Place,
}

impl Connection {
    async fn serve(mut self, socket: Socket) -> Result<(), Broken> {
        let visit = Visit::new(Arc::clone(&self.shared), self.peer);
        // Boxed: what HTTP needs is given back before the long part begins.
        let (socket, early) = Box::pin(self.converse(&visit, socket)).await?;
        match visit.take() {
            Some(taken) => {
                self.place.is_known();
                self.carry(socket, early, taken).await;
                Ok(())
            }
            None => Ok(Box::pin(timeout(LINGER_MAX, close(socket))).await??),
        }
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
        let carried = self.shared.carried.enter();
        let terms = Terms {
            to_node: &metrics.bytes_to_node,
            to_browser: &metrics.bytes_to_browser,
            limits: &self.limits,
            sent_on: carried.sent_on(),
        };
        let Taken { stream, span } = taken;
        async {
            tracing::info!("session begins");
            let spliced = tokio::select! {
                biased;
                () = carried.sent_on().cancelled() => Err(SpliceError::SentOn),
                spliced = splice(socket, early, stream, &terms) => spliced,
            };
            match spliced {
                Ok(()) => tracing::info!("session ends"),
                Err(SpliceError::SentOn) => {
                    metrics.sessions_sent_on.add(1);
                    tracing::info!("browser sent on to another edge");
                }
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
