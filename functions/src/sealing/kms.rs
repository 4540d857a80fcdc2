//! What wraps data keys: a key of AWS KMS, which never leaves it.

use std::borrow::Cow;
use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causeway_trust::seal::SEALING_KEY_LEN;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::aws::{Aws, Call, CallError};

/// What a data key belongs to: it is unwrapped for nothing else. KMS holds it to
/// that, and grants can be bound to it (the encryption context).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Name of the table.
    pub table: &'a str,
    /// Id of the data key.
    pub key: Uuid,
}

/// A data key that was drawn now.
pub struct FreshKey {
    /// The key.
    pub plain: Zeroizing<[u8; SEALING_KEY_LEN]>,
    /// The same wrapped, as text.
    pub wrapped: String,
}

/// Draws and unwraps data keys.
#[async_trait]
pub trait KeyWrapping: Send + Sync {
    /// Draws a data key for `place`.
    ///
    /// # Errors
    /// [`CallError`].
    async fn draw(&self, place: Place<'_>) -> Result<FreshKey, CallError>;

    /// Unwraps what [`Self::draw`] wrapped for the same place.
    ///
    /// # Errors
    /// [`CallError`]; with the code `InvalidCiphertextException` when it was
    /// wrapped for another place, by another key, or changed.
    async fn open(
        &self,
        place: Place<'_>,
        wrapped: &str,
    ) -> Result<Zeroizing<[u8; SEALING_KEY_LEN]>, CallError>;
}

/// A key of AWS KMS.
pub struct Kms {
    aws: Arc<Aws>,
    key: String,
}

impl Kms {
    /// The key with this id or ARN.
    #[must_use]
    pub const fn new(aws: Arc<Aws>, key: String) -> Self {
        Self { aws, key }
    }

    async fn call(
        &self,
        target: &'static str,
        arguments: Value,
    ) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let call = Call {
            service: "kms",
            target,
            arguments,
        };
        self.aws.call(&call).await
    }
}

impl Place<'_> {
    fn encryption_context(self) -> Value {
        json!({"causeway:table": self.table, "causeway:data-key": self.key})
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer<'a> {
    #[serde(borrow)]
    plaintext: Cow<'a, str>,
    ciphertext_blob: Option<String>,
}

impl<'a> Answer<'a> {
    fn read(body: &'a [u8]) -> Result<Self, CallError> {
        serde_json::from_slice(body).map_err(|_| CallError::Unreadable)
    }

    fn key(&self) -> Result<Zeroizing<[u8; SEALING_KEY_LEN]>, CallError> {
        let bytes = STANDARD.decode(self.plaintext.as_bytes());
        let bytes = Zeroizing::new(bytes.map_err(|_| CallError::Unreadable)?);
        let key = bytes.as_slice().try_into();
        key.map(Zeroizing::new).map_err(|_| CallError::Unreadable)
    }
}

#[async_trait]
impl KeyWrapping for Kms {
    async fn draw(&self, place: Place<'_>) -> Result<FreshKey, CallError> {
        let arguments = json!({
            "KeyId": self.key,
            "KeySpec": "AES_256",
            "EncryptionContext": place.encryption_context(),
        });
        let body = self.call("TrentService.GenerateDataKey", arguments).await?;
        let mut answer = Answer::read(&body)?;
        let wrapped = answer.ciphertext_blob.take();
        Ok(FreshKey {
            plain: answer.key()?,
            wrapped: wrapped.ok_or(CallError::Unreadable)?,
        })
    }

    async fn open(
        &self,
        place: Place<'_>,
        wrapped: &str,
    ) -> Result<Zeroizing<[u8; SEALING_KEY_LEN]>, CallError> {
        let arguments = json!({
            "KeyId": self.key,
            "CiphertextBlob": wrapped,
            "EncryptionContext": place.encryption_context(),
        });
        let body = self.call("TrentService.Decrypt", arguments).await?;
        Answer::read(&body)?.key()
    }
}
