//! Secrets at rest, as use cases see them: sealed for one place, opened there
//! and nowhere else.
//!
//! [`Sealing`] is the port. On one machine a [`SecretBox`] with the key of the
//! data directory does it; in the cloud an [`Envelope`], whose keys are wrapped by
//! KMS, have to be fetched, and may not be had for a while
//! ([`SealingError::Unavailable`]).
//! Whoever seals does so before anything is written, whoever opens before
//! anything is used up, so that a key that cannot be had leaves nothing half
//! done.

mod envelope;
mod held;
mod kms;

pub use envelope::Envelope;
pub use kms::{FreshKey, KeyWrapping, Kms, Place};

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use causeway_model::secret::Secret;
use causeway_trust::{SealError, SecretBox};

/// Seals and opens secrets.
#[async_trait]
pub trait Sealing: Send + Sync {
    /// Seals `secret` for `context`, e.g. `endpoint:<id>:password`.
    ///
    /// # Errors
    /// [`SealingError`].
    async fn seal(&self, context: &str, secret: &str) -> Result<String, SealingError>;

    /// Opens what [`Self::seal`] returned for the same context.
    ///
    /// # Errors
    /// [`SealingError`].
    async fn open(&self, context: &str, sealed: &str) -> Result<Secret, SealingError>;
}

/// Why a secret was not sealed or not opened. Names no secret.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SealingError {
    /// It never will be: see [`SealError`].
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The key cannot be had now. A retry can help.
    #[error("the key that secrets are sealed with cannot be had")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
}

impl SealingError {
    fn unavailable(error: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Arc::new(error))
    }
}

#[async_trait]
impl<S: Sealing + ?Sized> Sealing for Arc<S> {
    async fn seal(&self, context: &str, secret: &str) -> Result<String, SealingError> {
        (**self).seal(context, secret).await
    }

    async fn open(&self, context: &str, sealed: &str) -> Result<Secret, SealingError> {
        (**self).open(context, sealed).await
    }
}

#[async_trait]
impl Sealing for SecretBox {
    async fn seal(&self, context: &str, secret: &str) -> Result<String, SealingError> {
        Ok(Self::seal(self, context, secret)?)
    }

    async fn open(&self, context: &str, sealed: &str) -> Result<Secret, SealingError> {
        Ok(Self::open(self, context, sealed)?)
    }
}
