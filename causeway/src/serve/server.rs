//! HTTP/1.1 for a router over a listener, with limits, drained on stop.

use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use causeway_serve::{Acceptor, Arrival, Beyond, Load};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{ServiceBuilder, ServiceExt};

use super::Transport;

/// What a listener puts up with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at once, and their TLS handshakes.
    accept: causeway_serve::Limits,
    /// From the first byte of a request to the end of its headers; also how
    /// long a kept-alive connection may idle.
    headers: Duration,
    /// From the stop to the forced end of requests still running.
    drain: Duration,
}

/// TCP connections at once; further ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 4096;

impl Limits {
    /// The limits of portal, API and health listeners.
    pub(crate) const fn with_drain(drain: Duration) -> Self {
        Self {
            accept: causeway_serve::Limits {
                connections_max: CONNECTIONS_MAX,
                strangers_max: CONNECTIONS_MAX,
                beyond: Beyond::Wait,
                handshake_max: Duration::from_secs(10),
            },
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
    let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
    let acceptor = Acceptor {
        listener,
        tls: transport.tls(),
        limits: limits.accept,
        load: Load::default(),
        tasks: tasks.clone(),
        cut: cut.clone(),
    };
    let stopped = stop.clone();
    acceptor
        .run(stop, move |arrival| {
            http(arrival, router.clone(), limits.headers, stopped.clone())
        })
        .await;
    tasks.close();
    if timeout(limits.drain, tasks.wait()).await.is_err() {
        cut.cancel();
        tasks.wait().await;
    }
}

/// Serves the requests of one connection; after `stop` none but those begun.
async fn http(arrival: Arrival, router: Router, headers: Duration, stop: CancellationToken) {
    let Arrival {
        socket,
        peer,
        place: _place,
    } = arrival;
    let service = ServiceBuilder::new()
        .map_request(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        })
        .service(router.into_service::<Incoming>())
        .boxed_clone();
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(headers)
        .serve_connection(TokioIo::new(socket), TowerToHyperService::new(service))
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
