//! The keys that sign, as Secrets Manager keeps them, and what seals.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_functions::outside_secret::{OutsideSecrets, Unavailable};
use causeway_functions::sealing::{Sealing, SealingError};
use causeway_model::secret::Secret;
use causeway_model::settings::{SecretReference, SecretStore};
use causeway_trust::{KeyError, SealError, SigningKey, VerifyingKey};
use serde::Deserialize;

/// What signs.
#[derive(Debug)]
pub(crate) struct Keys {
    /// Signs from now on.
    pub(crate) signing: SigningKey,
    /// Signed before and is still believed.
    pub(crate) earlier: Vec<VerifyingKey>,
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error("the signing keys cannot be read")]
    Unavailable(#[from] Unavailable),
    #[error("the secret of the signing keys holds something else")]
    Foreign,
    #[error("a signing key cannot be used")]
    Signing(#[from] KeyError),
}

#[derive(Deserialize)]
struct Stored {
    current: String,
    #[serde(default)]
    previous: Vec<String>,
}

impl Keys {
    /// Reads them from the secret named `secret`.
    ///
    /// # Errors
    /// [`KeysError`].
    pub(crate) async fn load(
        secrets: &dyn OutsideSecrets,
        secret: &str,
    ) -> Result<Self, KeysError> {
        let reference = SecretReference {
            store: SecretStore::SecretsManager,
            name: secret.to_owned(),
            key: None,
        };
        let text = secrets.read(&reference).await?;
        let stored: Stored = serde_json::from_str(text.expose()).map_err(|_| KeysError::Foreign)?;
        let earlier: Result<Vec<_>, _> = stored.previous.iter().map(|text| key(text)).collect();
        Ok(Self {
            signing: key(&stored.current)?,
            earlier: earlier?.iter().map(SigningKey::verifying_key).collect(),
        })
    }
}

fn key(text: &str) -> Result<SigningKey, KeyError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| KeyError::Private)?;
    SigningKey::from_pkcs8(&bytes)
}

/// Of a function that has no right to any key: it seals nothing and opens
/// nothing.
#[derive(Debug)]
pub(crate) struct SealsNothing;

#[async_trait]
impl Sealing for SealsNothing {
    async fn seal(&self, _: &str, _: &str) -> Result<String, SealingError> {
        Err(SealError::Seal.into())
    }

    async fn open(&self, _: &str, _: &str) -> Result<Secret, SealingError> {
        Err(SealError::Closed.into())
    }
}
