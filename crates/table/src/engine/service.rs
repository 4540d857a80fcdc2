//! The engine as a service: DynamoDB's requests in, its answers out. For tests
//! and measurements of programs that reach the table over HTTP; whoever has one
//! brings the listener.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::connector::{EmbeddedConnector, answer, embedded_client};
use super::embedded::{EMBEDDED_TABLE, engine_error};
use super::open::open_in_memory;
use super::open_error::OpenError;
use super::schema;
use super::worker::Worker;

/// A table that forgets everything, asked as DynamoDB is.
#[derive(Debug, Clone)]
pub struct Service {
    worker: Worker,
}

impl Service {
    /// Name of the table that it has.
    pub const TABLE: &str = EMBEDDED_TABLE;

    /// Starts one, with an empty table.
    ///
    /// # Errors
    ///
    /// When the engine cannot be started.
    pub async fn in_memory() -> Result<Self, OpenError> {
        let shown = Path::new("memory");
        let worker = Worker::start(open_in_memory()?).map_err(|source| OpenError::Io {
            path: shown.to_owned(),
            source,
        })?;
        let connector = EmbeddedConnector::new(worker.clone());
        let client = embedded_client(connector, Arc::new(AtomicU64::new(0)));
        schema::create_if_missing(&client, Self::TABLE)
            .await
            .map_err(|error| engine_error(shown, error))?;
        Ok(Self { worker })
    }

    /// Answers a request: the header `X-Amz-Target` and the body in, status and
    /// body out. Signatures are nobody's business here.
    pub async fn answer(&self, target: &str, body: &[u8]) -> (u16, Vec<u8>) {
        match answer(&self.worker, target, body).await {
            Ok(body) => (200, body.bytes().unwrap_or_default().to_vec()),
            Err(error) => (error.status_code(), error.to_json().into_bytes()),
        }
    }
}
