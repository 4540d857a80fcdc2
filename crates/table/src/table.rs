//! The handle on the table: opening, closing, counting.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use crate::config::{BORN, ConfigCache};
use crate::engine::cloud::{CloudConfig, cloud_client};
use crate::engine::{Worker, schema};
use crate::error::TableError;
use crate::key::{ENDPOINTS, Key, USERS};
use crate::store::Store;

/// Requests that one count takes at most.
pub const COUNT_REQUESTS_MAX: usize = 16;

/// How many objects there are of the kinds that are no configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Endpoints.
    pub endpoints: u64,
    /// Users.
    pub users: u64,
}

/// The table. Clones share one client, one cache and one counter.
#[derive(Clone)]
pub struct Table {
    inner: Arc<Inner>,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The client's own form runs over pages.
        f.debug_struct("Table")
            .field("name", &self.store().table())
            .field("embedded", &self.inner.worker.is_some())
            .finish_non_exhaustive()
    }
}

struct Inner {
    store: Store,
    requests: Arc<AtomicU64>,
    worker: Option<Worker>,
    config: ConfigCache,
    /// The layout that the table was born with, once it is known.
    born_with: OnceLock<i32>,
}

impl Table {
    /// The table in the cloud. Nothing is asked of it yet.
    #[must_use]
    pub fn cloud(config: CloudConfig) -> Self {
        let requests = Arc::new(AtomicU64::new(0));
        let name = config.table_name.clone();
        let client = cloud_client(config, Arc::clone(&requests));
        Self::new(Store::elsewhere(client, name), requests, None)
    }

    pub(crate) fn new(store: Store, requests: Arc<AtomicU64>, worker: Option<Worker>) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                requests,
                worker,
                config: ConfigCache::default(),
                born_with: OnceLock::new(),
            }),
        }
    }

    /// Another handle on the same table that has read nothing of the
    /// configuration yet, as another process has it. For tests and measures.
    #[must_use]
    pub fn apart(&self) -> Self {
        let Inner {
            store,
            requests,
            worker,
            config: _,
            born_with: _,
        } = &*self.inner;
        Self {
            inner: Arc::new(Inner {
                store: store.clone(),
                requests: Arc::clone(requests),
                worker: worker.clone(),
                config: ConfigCache::default(),
                born_with: OnceLock::new(),
            }),
        }
    }

    /// Makes the table unless it exists. In the cloud the infrastructure
    /// templates do that; this is for emulators.
    ///
    /// # Errors
    ///
    /// When the table can be neither described nor made.
    pub async fn create_if_missing(&self) -> Result<(), TableError> {
        let store = self.store();
        schema::create_if_missing(store.client(), store.table()).await
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.store().table()
    }

    /// Requests made so far, every attempt counted.
    #[must_use]
    pub fn round_trips(&self) -> u64 {
        self.inner.requests.load(Ordering::Relaxed)
    }

    /// How many endpoints and users there are, from the index, which lags a
    /// little behind. Reads entries, no items; stops after
    /// [`COUNT_REQUESTS_MAX`] requests (some 100,000 entries) for each.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn counts(&self) -> Result<Counts, TableError> {
        let count = |pk| self.store().count_indexed(pk, COUNT_REQUESTS_MAX);
        let (endpoints, users) = tokio::try_join!(count(ENDPOINTS), count(USERS))?;
        Ok(Counts { endpoints, users })
    }

    /// Deletes what has outlived its time and returns how much that was.
    ///
    /// DynamoDB does this by itself; there it does nothing. On one machine it
    /// walks through the whole table: call it every few minutes. Nothing
    /// depends on it, expired items are refused by every condition.
    ///
    /// # Errors
    ///
    /// When the engine fails.
    pub async fn purge_expired(&self) -> Result<usize, TableError> {
        match &self.inner.worker {
            None => Ok(0),
            Some(worker) => worker
                .purge_expired()
                .await
                .map_err(|error| TableError::Unavailable(Box::new(error))),
        }
    }

    /// Finishes what was asked for, closes the file and unlocks the directory.
    /// Whatever any clone asks afterwards fails. In the cloud it does nothing.
    pub async fn close(&self) {
        if let Some(worker) = &self.inner.worker {
            worker.stop().await;
        }
    }

    /// The layout of the program that wrote here first; 0 when that is not
    /// known, or nothing is written yet.
    pub(crate) async fn born_with(&self) -> Result<i32, TableError> {
        if let Some(known) = self.inner.born_with.get() {
            return Ok(*known);
        }
        let Some(item) = self.store().get(&Key::epoch()).await? else {
            return Ok(0);
        };
        let born = item.optional_number(BORN)?.unwrap_or(0);
        Ok(*self.inner.born_with.get_or_init(|| born))
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn config_cache(&self) -> &ConfigCache {
        &self.inner.config
    }
}
