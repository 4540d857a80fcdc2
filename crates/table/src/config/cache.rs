//! Loading the configuration, and keeping what was loaded.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::{ConfigSnapshot, Epoch};
use crate::error::TableError;
use crate::key::{CONFIG, Key};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// Loads that a writer may get in the way of before the last one is taken as
/// it is.
const LOADS_MAX: u32 = 4;

/// The snapshot last loaded, and the right to load another.
#[derive(Debug)]
pub(crate) struct ConfigCache {
    latest: Mutex<Option<Arc<ConfigSnapshot>>>,
    loading: Semaphore,
}

impl Default for ConfigCache {
    fn default() -> Self {
        Self {
            latest: Mutex::new(None),
            loading: Semaphore::new(1),
        }
    }
}

impl ConfigCache {
    fn latest(&self) -> Option<Arc<ConfigSnapshot>> {
        self.latest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn keep(&self, snapshot: &Arc<ConfigSnapshot>) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = latest
            .as_ref()
            .is_none_or(|kept| kept.epoch() <= snapshot.epoch());
        if newer {
            *latest = Some(Arc::clone(snapshot));
        }
    }
}

/// The configuration in a table.
#[derive(Debug, Clone, Copy)]
pub struct Config<'a>(&'a Table);

impl Table {
    /// The configuration.
    #[must_use]
    pub const fn config(&self) -> Config<'_> {
        Config(self)
    }
}

impl Config<'_> {
    /// What was loaded last, without asking the table; may be out of date.
    #[must_use]
    pub fn cached(self) -> Option<Arc<ConfigSnapshot>> {
        self.0.config_cache().latest()
    }

    /// The configuration as it is now: one round trip when it did not change.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn current(self) -> Result<Arc<ConfigSnapshot>, TableError> {
        let epoch = self.read_epoch().await?;
        self.at(epoch).await
    }

    /// The configuration at `epoch` or later: no round trip when that is the
    /// one loaded last.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn at(self, epoch: Epoch) -> Result<Arc<ConfigSnapshot>, TableError> {
        if let Some(kept) = self.cached_since(epoch) {
            return Ok(kept);
        }
        let cache = self.0.config_cache();
        // Many requests see a new epoch at once; one of them loads.
        let _turn = cache.loading.acquire().await.map_err(TableError::refused)?;
        if let Some(kept) = self.cached_since(epoch) {
            return Ok(kept);
        }
        let snapshot = Arc::new(self.load().await?);
        cache.keep(&snapshot);
        Ok(snapshot)
    }

    fn cached_since(self, epoch: Epoch) -> Option<Arc<ConfigSnapshot>> {
        self.cached().filter(|kept| kept.epoch() >= epoch)
    }

    async fn read_epoch(self) -> Result<Epoch, TableError> {
        let item = self.0.store().get(&Key::epoch()).await?;
        Ok(item
            .map(|item| Epoch::read(&item))
            .transpose()?
            .unwrap_or_default())
    }

    /// Reads everything between two equal readings of the epoch. A snapshot
    /// that writers kept getting in the way of carries the earlier epoch, so
    /// that the next request loads again.
    async fn load(self) -> Result<ConfigSnapshot, TableError> {
        let mut before = self.read_epoch().await?;
        for _ in 1..LOADS_MAX {
            let items = self.0.store().query_all(Range::new(CONFIG, "")).await?;
            let after = self.read_epoch().await?;
            if after == before {
                return ConfigSnapshot::read(before, &items);
            }
            before = after;
        }
        let items = self.0.store().query_all(Range::new(CONFIG, "")).await?;
        ConfigSnapshot::read(before, &items)
    }
}
