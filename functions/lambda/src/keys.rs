//! The keys of the control plane, as Secrets Manager keeps them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_functions::outside_secret::{OutsideSecrets, Unavailable};
use causeway_model::settings::{SecretReference, SecretStore};
use causeway_trust::{KeyError, SealError, SecretBox, SigningKey, VerifyingKey};
use serde::Deserialize;

/// What signs, and what seals.
#[derive(Debug)]
pub(crate) struct Keys {
    /// Signs from now on.
    pub(crate) signing: SigningKey,
    /// Signed before and is still believed.
    pub(crate) earlier: Vec<VerifyingKey>,
    /// Seals secrets at rest.
    pub(crate) sealing: SecretBox,
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
    #[error("the sealing key cannot be used")]
    Sealing(#[from] SealError),
}

#[derive(Deserialize)]
struct Stored {
    current: String,
    #[serde(default)]
    previous: Vec<String>,
    sealing: String,
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
            sealing: SecretBox::from_key_text(&stored.sealing)?,
        })
    }
}

fn key(text: &str) -> Result<SigningKey, KeyError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| KeyError::Private)?;
    SigningKey::from_pkcs8(&bytes)
}
