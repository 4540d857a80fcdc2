//! The keys that sign tickets, passes and orders, as use cases see them: the one
//! that signs now, and all that are believed.
//!
//! On one machine they are given once. In the cloud they are kept elsewhere
//! ([`KeySource`], in practice a secret of Secrets Manager), read when first
//! needed and again every few minutes, so that every function follows a rotation
//! by itself. A new key is published for [`LEAD`] before it signs: nodes and edges
//! learn keys with their heartbeats, and are to know it before they see it.
//!
//! Whoever writes and then signs asks for the key before it writes.

mod key_set;
mod rotation;
mod secret;

use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use causeway_trust::token::Claims;
use causeway_trust::{KeyRing, SigningKey, TokenError, VerifyingKey};
use jiff::{SignedDuration, Timestamp};

use crate::problem::Chain;

pub use key_set::{KeySet, KeySetError, LEAD, ROTATION_INTERVAL_MIN};
pub use rotation::{Rotation, RotationError, SecretVersions, Step, rotate};
pub use secret::SigningSecret;

/// How long keys are used before they are read again. With a heartbeat it is
/// far below [`LEAD`].
const READ_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// How long nobody reads again after a read that failed.
const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(5);
/// How long nobody reads again for a key that nobody knows.
const UNKNOWN_AFTER: SignedDuration = SignedDuration::from_secs(10);

/// Where the keys are kept.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The keys as they are kept now.
    ///
    /// # Errors
    /// Why they cannot be had; names no key.
    async fn read(&self) -> Result<KeySet, Box<dyn Error + Send + Sync>>;
}

/// The keys cannot be had now. A retry can help.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the signing keys cannot be had")]
pub struct SigningError(#[source] Arc<dyn Error + Send + Sync>);

/// Why a token was not believed.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is not good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// Nobody can say.
    #[error(transparent)]
    Signing(#[from] SigningError),
}

/// The keys that sign.
pub struct SigningKeys(Keys);

enum Keys {
    Given(SigningKey, Arc<KeyRing>),
    Kept(Box<Kept>),
}

struct Kept {
    source: Arc<dyn KeySource>,
    known: Mutex<Known>,
    /// Held while keys are read: whoever waited looks first at what came.
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Option<Arc<Loaded>>,
    read_at: Option<Timestamp>,
    failed: Option<(SigningError, Timestamp)>,
}

struct Loaded {
    set: KeySet,
    ring: Arc<KeyRing>,
}

impl SigningKeys {
    /// `current` signs, `earlier` signed before and are still believed.
    #[must_use]
    pub fn given(current: SigningKey, earlier: impl IntoIterator<Item = VerifyingKey>) -> Self {
        let ring = earlier.into_iter().chain([current.verifying_key()]);
        let ring = Arc::new(ring.collect());
        Self(Keys::Given(current, ring))
    }

    /// The keys of `source`, of which nothing is asked yet.
    #[must_use]
    pub fn kept(source: Arc<dyn KeySource>) -> Self {
        Self(Keys::Kept(Box::new(Kept {
            source,
            known: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        })))
    }

    /// The key that signs at `now`.
    pub(crate) async fn current(&self, now: Timestamp) -> Result<SigningKey, SigningError> {
        match &self.0 {
            Keys::Given(current, _) => Ok(current.clone()),
            Keys::Kept(kept) => Ok(kept.loaded(now).await?.set.signing(now).clone()),
        }
    }

    /// The keys that are believed at `now`.
    pub(crate) async fn ring(&self, now: Timestamp) -> Result<Arc<KeyRing>, SigningError> {
        match &self.0 {
            Keys::Given(_, ring) => Ok(Arc::clone(ring)),
            Keys::Kept(kept) => Ok(Arc::clone(&kept.loaded(now).await?.ring)),
        }
    }

    /// Reads a token of ours. For a key that nobody knows, the keys are read
    /// again once.
    pub(crate) async fn verify<C: Claims>(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<C, VerifyError> {
        let ring = self.ring(now).await?;
        match (ring.verify(token, now), &self.0) {
            (Err(TokenError::UnknownKey), Keys::Kept(kept)) => {
                let ring = Arc::clone(&kept.newer(now).await?.ring);
                Ok(ring.verify(token, now)?)
            }
            (verified, _) => Ok(verified?),
        }
    }
}

impl From<SigningKey> for SigningKeys {
    fn from(key: SigningKey) -> Self {
        Self::given(key, [])
    }
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeys").finish_non_exhaustive()
    }
}

impl Kept {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys, read when they were not or long ago.
    async fn loaded(&self, now: Timestamp) -> Result<Arc<Loaded>, SigningError> {
        self.younger_than(READ_EVERY, now).await
    }

    /// The keys, read unless they were a moment ago.
    async fn newer(&self, now: Timestamp) -> Result<Arc<Loaded>, SigningError> {
        self.younger_than(UNKNOWN_AFTER, now).await
    }

    async fn younger_than(
        &self,
        age: SignedDuration,
        now: Timestamp,
    ) -> Result<Arc<Loaded>, SigningError> {
        if let Some(answer) = self.known().answer(age, now) {
            return answer;
        }
        let _one_at_a_time = self.reading.lock().await;
        if let Some(answer) = self.known().answer(age, now) {
            return answer;
        }
        let read = self.source.read().await;
        self.known().note(read, now)
    }
}

impl Known {
    /// What is known without asking, if that will do.
    fn answer(
        &self,
        age: SignedDuration,
        now: Timestamp,
    ) -> Option<Result<Arc<Loaded>, SigningError>> {
        if let (Some(keys), Some(read_at)) = (&self.keys, self.read_at)
            && now < after(read_at, age)
        {
            return Some(Ok(Arc::clone(keys)));
        }
        let (error, failed_at) = self.failed.as_ref()?;
        (now < after(*failed_at, RETRY_AFTER))
            .then(|| self.keys.clone().ok_or_else(|| error.clone()))
    }

    /// Notes what was read. Keys that were read once stay in use while they
    /// cannot be read again.
    fn note(
        &mut self,
        read: Result<KeySet, Box<dyn Error + Send + Sync>>,
        now: Timestamp,
    ) -> Result<Arc<Loaded>, SigningError> {
        match read {
            Ok(set) => {
                let ring = Arc::new(set.ring());
                let loaded = Arc::new(Loaded { set, ring });
                self.keys = Some(Arc::clone(&loaded));
                self.read_at = Some(now);
                self.failed = None;
                Ok(loaded)
            }
            Err(error) => {
                tracing::error!(error = %Chain(&*error), "the signing keys cannot be read");
                let error = SigningError(error.into());
                self.failed = Some((error.clone(), now));
                self.keys.clone().ok_or(error)
            }
        }
    }
}

fn after(at: Timestamp, span: SignedDuration) -> Timestamp {
    at.saturating_add(span).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
