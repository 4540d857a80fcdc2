//! Secrets that are kept elsewhere: a setting may hold `{"secret": "env:NAME"}`
//! instead of the secret, and it is followed here, when a node claims.
//!
//! [`OutsideSecrets`] is the port. [`Local`] reads environment variables and
//! files of this machine, only where the operator lets it; [`aws::Aws`] reads
//! Secrets Manager and Parameter Store; [`Stores`] puts them together with a
//! deadline and a small, short-lived cache. Whoever may write settings may use
//! every secret that the stores let out, so they let out little.

pub mod aws;
mod local;
mod stores;

use async_trait::async_trait;
use causeway_model::secret::Secret;
use causeway_model::settings::{SecretReference, SecretStore};

pub use local::{Local, PREFIX_DEFAULT, PrefixError, VariablePrefix};
pub use stores::Stores;

/// The longest secret, in bytes: that of a setting.
pub const SECRET_BYTES_MAX: usize = 32 * 1024;

/// Where secrets are kept that are not kept here.
#[async_trait]
pub trait OutsideSecrets: Send + Sync {
    /// The secret that `reference` names.
    ///
    /// # Errors
    /// Why it cannot be had.
    async fn read(&self, reference: &SecretReference) -> Result<Secret, Unavailable>;
}

/// Why a secret that is kept elsewhere cannot be had. Names no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The control plane was started without that store.
    #[error("this control plane has no store {}:", .0.as_str())]
    NoStore(SecretStore),
    /// The store may not let it out.
    #[error("{0}")]
    NotAllowed(String),
    /// There is none of that name.
    #[error("there is no such secret")]
    NotFound,
    /// The secret is no JSON object with that key.
    #[error("the secret has no such key")]
    NoKey,
    /// It is larger than a setting may be.
    #[error("the secret is larger than {SECRET_BYTES_MAX} bytes")]
    TooLarge,
    /// It is not UTF-8.
    #[error("the secret is no text")]
    NoText,
    /// The store did not answer in time.
    #[error("the store did not answer in time")]
    TimedOut,
    /// The store answered with an error, or could not be reached.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// The text of a secret, bounded. One line's end at its end is not part of it:
/// editors put it there.
fn text(bytes: Vec<u8>) -> Result<Secret, Unavailable> {
    if bytes.len() > SECRET_BYTES_MAX {
        return Err(Unavailable::TooLarge);
    }
    let mut text = String::from_utf8(bytes).map_err(|_| Unavailable::NoText)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(Secret::new(text))
}
