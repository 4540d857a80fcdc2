//! Serving HTTP: which transport an address may use, and the accept loop.
//!
//! What is served is an axum router that the caller brings.

mod listener;
mod server;
mod transport;

use std::time::Duration;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::cli::ListenAddress;

pub(crate) use listener::{BindError, bind, bind_dialer, bind_tunnel};
pub(crate) use server::{Limits, serve};
pub(crate) use transport::Transport;

/// Binds `--health-listen` and returns the future that serves `router` there
/// until `stop` is cancelled. Plain HTTP on any address: it shows no secret.
///
/// # Errors
/// When the address cannot be bound.
pub(crate) async fn serve_health(
    address: ListenAddress,
    router: Router,
    stop: CancellationToken,
) -> Result<impl Future<Output = ()>, BindError> {
    let listener = bind("--health-listen", address).await?;
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving /healthz, /readyz and /metrics");
    }
    let limits = Limits::with_drain(Duration::from_secs(1));
    Ok(serve(listener, Transport::Plain, router, limits, stop))
}
