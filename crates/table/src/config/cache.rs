//! Loading the configuration, and keeping what was loaded.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

use super::{ConfigSnapshot, Epoch, Versions};
use crate::error::TableError;
use crate::key::{CONFIG, Key};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// Loads that a writer may get in the way of before the last one is taken as
/// it is.
const LOADS_MAX: u32 = 4;

/// Kinds that are read one by one; more are read with all others at once.
const KINDS_APART_MAX: usize = 3;

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
        Ok(self.read_versions().await?.epoch)
    }

    async fn read_versions(self) -> Result<Versions, TableError> {
        let item = self.0.store().get(&Key::epoch()).await?;
        let versions = item.as_ref().map(Versions::read).transpose()?;
        Ok(versions.unwrap_or_default())
    }

    /// Reads what changed between two equal readings of the epoch. A snapshot
    /// that writers kept getting in the way of carries the earlier epoch, so
    /// that the next request loads again.
    async fn load(self) -> Result<ConfigSnapshot, TableError> {
        let kept = self.cached().unwrap_or_default();
        let mut before = self.read_versions().await?;
        for _ in 1..LOADS_MAX {
            let snapshot = self.load_changes(&kept, &before).await?;
            let after = self.read_versions().await?;
            if after == before {
                return Ok(snapshot);
            }
            before = after;
        }
        self.load_changes(&kept, &before).await
    }

    /// The snapshot before, with the kinds that changed since read anew.
    async fn load_changes(
        self,
        kept: &ConfigSnapshot,
        versions: &Versions,
    ) -> Result<ConfigSnapshot, TableError> {
        let store = self.0.store();
        let mut snapshot = kept.clone();
        let changed = versions.changed_since(kept.versions());
        if changed.len() > KINDS_APART_MAX {
            let items = store.query_all(Range::new(CONFIG, "")).await?;
            snapshot.replace_all(&items)?;
        } else {
            for kind in changed {
                let prefix = format!("{}#", kind.in_keys());
                let items = store.query_all(Range::new(CONFIG, &prefix)).await?;
                snapshot.replace(kind, &items)?;
            }
        }
        snapshot.set_versions(versions.clone());
        Ok(snapshot)
    }
}
