//! Loading the configuration, keeping what was loaded, and keeping it up to date.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::changes::{self, Changes};
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

/// The snapshot last loaded, and the right to load another or to write.
#[derive(Debug)]
pub(crate) struct ConfigCache {
    latest: Mutex<Option<Arc<ConfigSnapshot>>>,
    /// The latest epoch that anybody here saw; 0 when nobody saw any.
    seen: AtomicU64,
    loading: Semaphore,
    writing: Semaphore,
}

impl Default for ConfigCache {
    fn default() -> Self {
        Self {
            latest: Mutex::new(None),
            seen: AtomicU64::new(0),
            loading: Semaphore::new(1),
            writing: Semaphore::new(1),
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

    /// Notes an epoch that the table was seen to have.
    pub(crate) fn saw(&self, epoch: Epoch) {
        self.seen.fetch_max(epoch.0, Ordering::Relaxed);
    }

    /// The right to write configuration. Writers of one process would only
    /// refuse each other: each version is made from the one before.
    pub(crate) async fn turn_to_write(&self) -> Result<SemaphorePermit<'_>, TableError> {
        self.writing.acquire().await.map_err(TableError::refused)
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
    /// one loaded last, otherwise a few for what changed since.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn at(self, epoch: Epoch) -> Result<Arc<ConfigSnapshot>, TableError> {
        let cache = self.0.config_cache();
        cache.saw(epoch);
        if let Some(kept) = self.cached_since(epoch) {
            return Ok(kept);
        }
        // Many requests see a new epoch at once; one of them loads.
        let _turn = cache.loading.acquire().await.map_err(TableError::refused)?;
        if let Some(kept) = self.cached_since(epoch) {
            return Ok(kept);
        }
        let snapshot = Arc::new(self.load().await?);
        cache.saw(snapshot.epoch());
        cache.keep(&snapshot);
        Ok(snapshot)
    }

    /// The epoch to make a version from: the latest seen here, which may be out
    /// of date, or the table's when none was.
    pub(crate) async fn probable_epoch(self) -> Result<Epoch, TableError> {
        match self.0.config_cache().seen.load(Ordering::Relaxed) {
            0 => self.read_epoch().await,
            seen => Ok(Epoch(seen)),
        }
    }

    /// The epoch as the table has it.
    pub(crate) async fn read_epoch(self) -> Result<Epoch, TableError> {
        let epoch = self.read_versions().await?.epoch;
        self.0.config_cache().saw(epoch);
        Ok(epoch)
    }

    fn cached_since(self, epoch: Epoch) -> Option<Arc<ConfigSnapshot>> {
        self.cached().filter(|kept| kept.epoch() >= epoch)
    }

    async fn read_versions(self) -> Result<Versions, TableError> {
        let item = self.0.store().get(&Key::epoch()).await?;
        let versions = item.as_ref().map(Versions::read).transpose()?;
        Ok(versions.unwrap_or_default())
    }

    /// Reads what changed until the epoch is still the same afterwards. A
    /// snapshot that writers kept getting in the way of carries the earlier
    /// epoch, so that the next request goes on from there.
    async fn load(self) -> Result<ConfigSnapshot, TableError> {
        let kept = self.cached();
        let mut snapshot =
            kept.map_or_else(ConfigSnapshot::default, |kept| ConfigSnapshot::clone(&kept));
        for _ in 0..LOADS_MAX {
            let changes = changes::since(self.0.store(), snapshot.epoch()).await?;
            let versions = changes.versions.clone();
            self.take_in(&mut snapshot, changes).await?;
            if self.read_versions().await? == versions {
                break;
            }
        }
        Ok(snapshot)
    }

    /// Brings a snapshot to the version of `changes`, or a little beyond when
    /// somebody writes meanwhile; what they changed is then changed again.
    async fn take_in(
        self,
        snapshot: &mut ConfigSnapshot,
        changes: Changes,
    ) -> Result<(), TableError> {
        let Changes { versions, objects } = changes;
        match objects {
            Some(keys) => {
                let mut items = self.0.store().get_many(&keys).await?;
                for key in keys {
                    let item = items.remove(&key);
                    snapshot.refresh(&key.sk, item.as_ref())?;
                }
            }
            None => self.read_kinds(snapshot, &versions).await?,
        }
        snapshot.set_versions(versions);
        Ok(())
    }

    /// Reads all objects of the kinds that changed.
    async fn read_kinds(
        self,
        snapshot: &mut ConfigSnapshot,
        versions: &Versions,
    ) -> Result<(), TableError> {
        let store = self.0.store();
        let changed = versions.changed_since(snapshot.versions());
        if changed.len() > KINDS_APART_MAX {
            let items = store.query_all(Range::new(CONFIG, "")).await?;
            return snapshot.replace_all(&items);
        }
        for kind in changed {
            let prefix = format!("{}#", kind.in_keys());
            let items = store.query_all(Range::new(CONFIG, &prefix)).await?;
            snapshot.replace(kind, &items)?;
        }
        Ok(())
    }
}
