//! The table on one machine: opened, and what may be wrong with it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::connector::{EmbeddedConnector, embedded_client};
use super::open::{Opened, mark, open, open_in_memory};
use super::open_error::OpenError;
use super::worker::{Engine, Worker};
use crate::store::Store;
use crate::table::Table;

/// Name of the table in the embedded engine.
pub(super) const EMBEDDED_TABLE: &str = "causeway";

impl Table {
    /// Opens the table in `directory`, making both when they are missing.
    ///
    /// The directory is locked for this process until the last clone is gone
    /// or [`Self::close`] returns. A directory of an earlier program is brought
    /// up to date first.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says what is wrong with the directory or the file. A
    /// refused file is left as it was.
    pub async fn embedded(directory: &Path) -> Result<Self, OpenError> {
        let shown = directory.to_owned();
        let directory = shown.clone();
        let Opened { engine, outdated } = tokio::task::spawn_blocking(move || open(&directory))
            .await
            .map_err(|error| engine_error(&shown, error))??;
        let table = Self::over(engine, &shown).await?;
        if let Some(keys) = outdated {
            let items = keys.len();
            let migrated = table.bring_up_to_date(keys).await;
            migrated.map_err(|error| engine_error(&shown, error))?;
            tracing::info!(items, "the data directory was brought up to date");
            let directory = shown.clone();
            tokio::task::spawn_blocking(move || mark(&directory))
                .await
                .map_err(|error| engine_error(&shown, error))??;
        }
        Ok(table)
    }

    /// A table that forgets everything, for tests.
    ///
    /// # Errors
    ///
    /// When the engine cannot be started.
    pub async fn in_memory() -> Result<Self, OpenError> {
        Self::over(open_in_memory()?, Path::new("memory")).await
    }

    async fn over(engine: Engine, shown: &Path) -> Result<Self, OpenError> {
        let worker = Worker::start(engine).map_err(|source| OpenError::Io {
            path: shown.to_owned(),
            source,
        })?;
        let requests = Arc::new(AtomicU64::new(0));
        let client = embedded_client(
            EmbeddedConnector::new(worker.clone()),
            Arc::clone(&requests),
        );
        let store = Store::here(client, EMBEDDED_TABLE.to_owned());
        let table = Self::new(store, requests, Some(worker));
        table
            .create_if_missing()
            .await
            .map_err(|error| engine_error(shown, error))?;
        Ok(table)
    }
}

pub(super) fn engine_error(
    path: &Path,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> OpenError {
    OpenError::Engine {
        path: PathBuf::from(path),
        source: source.into(),
    }
}
