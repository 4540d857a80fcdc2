//! The keys of the control plane in the cloud: none is read before it is needed.

use std::sync::Arc;

use async_trait::async_trait;
use causeway_functions::aws::{Aws, CallError};
use causeway_functions::sealing::{Envelope, Kms, Sealing, SealingError};
use causeway_functions::signing::{SigningKeys, SigningSecret};
use causeway_model::secret::Secret;
use causeway_table::Table;

use crate::environment::Environment;

/// The keys that sign.
pub(crate) fn signing(aws: &Arc<Aws>, environment: &Environment) -> SigningKeys {
    let secret = SigningSecret::new(Arc::clone(aws), environment.signing_keys.clone());
    SigningKeys::kept(Arc::new(secret))
}

/// What seals secrets at rest; for a function that never does, nothing.
pub(crate) fn sealing(
    aws: &Arc<Aws>,
    environment: &Environment,
    table: &Table,
) -> Arc<dyn Sealing> {
    match &environment.data_key {
        Some(key) => {
            let kms = Kms::new(Arc::clone(aws), key.clone());
            Arc::new(Envelope::new(table.clone(), Arc::new(kms)))
        }
        None => Arc::new(Nothing),
    }
}

/// A function without a key, and without the right to use one.
struct Nothing;

impl Nothing {
    fn refusal() -> SealingError {
        SealingError::Unavailable(Arc::new(CallError::NoCredentials))
    }
}

#[async_trait]
impl Sealing for Nothing {
    async fn seal(&self, _context: &str, _secret: &str) -> Result<String, SealingError> {
        Err(Self::refusal())
    }

    async fn open(&self, _context: &str, _sealed: &str) -> Result<Secret, SealingError> {
        Err(Self::refusal())
    }
}
