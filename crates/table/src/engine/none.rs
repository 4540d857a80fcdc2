//! In place of the embedded engine where the binary carries none.

use std::convert::Infallible;

/// The engine's thread, of which there is never one here.
#[derive(Debug, Clone)]
pub(crate) enum Worker {}

impl Worker {
    /// Never called.
    #[allow(clippy::unused_async, reason = "as the engine's")]
    pub(crate) async fn purge_expired(&self) -> Result<usize, Infallible> {
        match *self {}
    }

    /// Never called.
    #[allow(clippy::unused_async, reason = "as the engine's")]
    pub(crate) async fn stop(&self) {
        match *self {}
    }
}
