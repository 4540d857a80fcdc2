//! Envelope encryption: secrets are sealed with data keys, data keys are wrapped
//! by a key that never leaves KMS.
//!
//! Data keys are kept wrapped in the table (`causeway_table::DataKeys`), found
//! by the id that every sealed text names, and unwrapped when first needed: a
//! process that meets no secret asks KMS nothing. Unwrapped they stay in memory
//! within [`Limits`]. A new key is made when there is none or the current one is
//! worn; of several processes that do so at once one wins, the others use its
//! key. Requests that need the same key wait for one fetch.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use causeway_model::secret::Secret;
use causeway_table::{StoredDataKey, Table, TableError};
use causeway_trust::{SealError, SealedUnder, SecretBox};
use jiff::Timestamp;
use uuid::Uuid;

use super::held::{Held, Limits, OpenKey};
use super::{KeyWrapping, Place, Sealing, SealingError};
use crate::aws::CallError;
use crate::clock::{Clock, Randomness, SystemClock, SystemRandomness, uuid_v7};
use crate::problem::Chain;

/// Tries at agreeing with other processes on the current key.
const AGREEMENTS_MAX: usize = 4;
/// With this code KMS refuses what it never wrapped for this place.
const FOREIGN: &str = "InvalidCiphertextException";

/// Seals with data keys of a table.
pub struct Envelope {
    table: Table,
    wrapping: Arc<dyn KeyWrapping>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    limits: Limits,
    held: Mutex<Held>,
    /// Held while keys are fetched: whoever waited looks first at what came.
    fetching: tokio::sync::Mutex<()>,
}

impl Envelope {
    /// Seals with data keys that `table` keeps and `wrapping` wraps.
    #[must_use]
    pub fn new(table: Table, wrapping: Arc<dyn KeyWrapping>) -> Self {
        Self {
            table,
            wrapping,
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SystemRandomness::default()),
            limits: Limits::default(),
            held: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
        }
    }

    /// The same with another clock; for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, key: Uuid) -> Place<'_> {
        Place {
            table: self.table.name(),
            key,
        }
    }

    /// The key to seal one more secret with.
    async fn sealing_key(&self) -> Result<OpenKey, SealingError> {
        let at_hand = |now| self.held().next_seal(&self.limits, now);
        if let Some(key) = at_hand(self.clock.now()) {
            return Ok(key);
        }
        let _one_at_a_time = self.fetching.lock().await;
        let now = self.clock.now();
        if let Some(key) = at_hand(now) {
            return Ok(key);
        }
        let key = self.agreed(now).await?;
        self.held().is_current(key.id, &self.limits, now);
        Ok(key)
    }

    /// The current key of all processes, made if need be.
    async fn agreed(&self, now: Timestamp) -> Result<OpenKey, SealingError> {
        for _ in 0..AGREEMENTS_MAX {
            let id = self.table.data_keys().current().await.map_err(unreadable)?;
            let current = match id {
                Some(id) => Some(self.fetch(id, now).await?),
                None => None,
            };
            if let Some(current) = &current
                && !self.held().is_worn(current, &self.limits, now)
            {
                return Ok(current.clone());
            }
            match (self.make(id, now).await, current) {
                (Ok(Some(made)), _) => return Ok(made),
                (Ok(None), _) => {}
                (Err(error), None) => return Err(error),
                // A worn key is worth more than none.
                (Err(error), Some(worn)) => {
                    tracing::warn!(error = %Chain(&error), key = %worn.id, "a worn data key stays in use");
                    return Ok(worn);
                }
            }
        }
        Err(SealingError::unavailable(TableError::Contention))
    }

    /// Makes a key in place of `before`; `None` when another process did.
    async fn make(
        &self,
        before: Option<Uuid>,
        now: Timestamp,
    ) -> Result<Option<OpenKey>, SealingError> {
        self.not_held_off(now)?;
        let id = uuid_v7(now, &*self.randomness);
        let drawn = self.wrapping.draw(self.place(id)).await;
        let drawn = drawn.map_err(|error| self.failed(error, now))?;
        let stored = StoredDataKey {
            id,
            wrapped: drawn.wrapped,
            made_at: now,
        };
        let keys = self.table.data_keys();
        if !keys.replace(before, &stored).await.map_err(unreadable)? {
            return Ok(None);
        }
        tracing::info!(key = %id, "a new data key seals from now on");
        self.opened(id, &drawn.plain, now, now).map(Some)
    }

    /// The key of that id, from memory or else unwrapped now. To be called by one
    /// at a time.
    async fn fetch(&self, id: Uuid, now: Timestamp) -> Result<OpenKey, SealingError> {
        let at_hand = self.held().key(id, now);
        if let Some(key) = at_hand {
            return Ok(key);
        }
        self.not_held_off(now)?;
        let stored = self.table.data_keys().find(id).await.map_err(unreadable)?;
        let stored = stored.ok_or(SealError::Closed)?;
        let plain = self.wrapping.open(self.place(id), &stored.wrapped).await;
        let plain = plain.map_err(|error| self.failed(error, now))?;
        self.opened(id, &plain, stored.made_at, now)
    }

    /// Fails as somebody did a moment ago.
    fn not_held_off(&self, now: Timestamp) -> Result<(), SealingError> {
        self.held().failure(now).map_or(Ok(()), Err)
    }

    fn opened(
        &self,
        id: Uuid,
        plain: &[u8; causeway_trust::seal::SEALING_KEY_LEN],
        made_at: Timestamp,
        now: Timestamp,
    ) -> Result<OpenKey, SealingError> {
        let key = OpenKey {
            id,
            secrets: Arc::new(SecretBox::new(plain)?),
            made_at,
        };
        self.held().keep(key.clone(), &self.limits, now);
        Ok(key)
    }

    fn failed(&self, error: CallError, now: Timestamp) -> SealingError {
        if error.code() == Some(FOREIGN) {
            return SealError::Closed.into();
        }
        let error = SealingError::unavailable(error);
        self.held().note_failure(&error, &self.limits, now);
        error
    }
}

fn unreadable(error: TableError) -> SealingError {
    SealingError::unavailable(error)
}

impl std::fmt::Debug for Envelope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Envelope").finish_non_exhaustive()
    }
}

#[async_trait]
impl Sealing for Envelope {
    async fn seal(&self, context: &str, secret: &str) -> Result<String, SealingError> {
        let key = self.sealing_key().await?;
        Ok(key.secrets.seal_under(key.id, context, secret)?)
    }

    async fn open(&self, context: &str, sealed: &str) -> Result<Secret, SealingError> {
        let sealed = SealedUnder::parse(sealed)?;
        let at_hand = self.held().key(sealed.key, self.clock.now());
        let key = match at_hand {
            Some(key) => key,
            None => {
                let _one_at_a_time = self.fetching.lock().await;
                self.fetch(sealed.key, self.clock.now()).await?
            }
        };
        Ok(key.secrets.open_under(context, &sealed)?)
    }
}

#[cfg(test)]
mod tests;
