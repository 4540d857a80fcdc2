//! Secrets at rest: AES-256-GCM under one key, with a context that says what
//! the secret belongs to.
//!
//! Text form: `sealed:v1:<base64url(nonce || ciphertext || tag)>`; under one of
//! several keys `sealed:v2:<id of the key>:<the same>` ([`SealedUnder`]). The
//! context is associated data: a sealed text that is copied to another object
//! does not open there. Nonces are random; one key seals at most 2^32 texts (NIST
//! SP 800-38D section 8.3).

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use causeway_model::secret::Secret;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::text;

/// Length of a sealing key in bytes.
pub const SEALING_KEY_LEN: usize = 32;

/// Longest secret that is sealed, in bytes.
pub const SECRET_LEN_MAX: usize = 64 * 1024;

const PREFIX: &str = "sealed:v1:";
const PREFIX_UNDER: &str = "sealed:v2:";

/// Why a text was not sealed or not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is not 32 bytes in base64url.
    #[error("not a sealing key: expected 32 bytes in base64url")]
    Key,
    /// The secret is longer than [`SECRET_LEN_MAX`].
    #[error("the secret is too long to be sealed")]
    TooLong,
    /// The system's random number generator or cipher failed.
    #[error("the secret could not be sealed")]
    Seal,
    /// Not a sealed text.
    #[error("not a sealed secret")]
    Malformed,
    /// Sealed with another key, for another context, or changed since.
    #[error("the secret does not open: another key, another place, or damaged")]
    Closed,
}

/// Seals and opens secrets with one key.
pub struct SecretBox {
    key: RandomizedNonceKey,
}

impl SecretBox {
    /// A box with the given key.
    ///
    /// # Errors
    /// [`SealError::Key`] when the cipher refuses the key.
    pub fn new(key: &[u8; SEALING_KEY_LEN]) -> Result<Self, SealError> {
        RandomizedNonceKey::new(&AES_256_GCM, key)
            .map(|key| Self { key })
            .map_err(|_| SealError::Key)
    }

    /// A box with the key that [`generate_key`] wrote.
    ///
    /// # Errors
    /// [`SealError::Key`] when the text is something else.
    pub fn from_key_text(key: &str) -> Result<Self, SealError> {
        let bytes = text::decode_array(key.trim()).ok_or(SealError::Key)?;
        Self::new(&Zeroizing::new(bytes))
    }

    /// Seals `secret` for `context`, e.g. `endpoint:<id>:password`.
    ///
    /// # Errors
    /// [`SealError::TooLong`] or [`SealError::Seal`].
    pub fn seal(&self, context: &str, secret: &str) -> Result<String, SealError> {
        Ok(format!("{PREFIX}{}", self.seal_payload(context, secret)?))
    }

    /// The same where this box is one of several, under the id `key`.
    ///
    /// # Errors
    /// [`SealError::TooLong`] or [`SealError::Seal`].
    pub fn seal_under(&self, key: Uuid, context: &str, secret: &str) -> Result<String, SealError> {
        let payload = self.seal_payload(context, secret)?;
        Ok(format!("{PREFIX_UNDER}{key}:{payload}"))
    }

    fn seal_payload(&self, context: &str, secret: &str) -> Result<String, SealError> {
        if secret.len() > SECRET_LEN_MAX {
            return Err(SealError::TooLong);
        }
        let mut sealed = Zeroizing::new(secret.as_bytes().to_vec());
        let nonce = self
            .key
            .seal_in_place_append_tag(Aad::from(context.as_bytes()), &mut *sealed)
            .map_err(|_| SealError::Seal)?;
        let mut bytes = nonce.as_ref().to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(text::encode(&bytes))
    }

    /// Opens what [`SecretBox::seal`] returned for the same context.
    ///
    /// # Errors
    /// [`SealError::Malformed`] or [`SealError::Closed`].
    pub fn open(&self, context: &str, sealed: &str) -> Result<Secret, SealError> {
        let payload = sealed.strip_prefix(PREFIX).ok_or(SealError::Malformed)?;
        self.open_payload(context, payload)
    }

    /// Opens what [`SecretBox::seal_under`] returned for the same context; whether
    /// it is this box's is the caller's to see.
    ///
    /// # Errors
    /// [`SealError::Malformed`] or [`SealError::Closed`].
    pub fn open_under(&self, context: &str, sealed: &SealedUnder<'_>) -> Result<Secret, SealError> {
        self.open_payload(context, sealed.payload)
    }

    fn open_payload(&self, context: &str, payload: &str) -> Result<Secret, SealError> {
        let mut bytes = Zeroizing::new(text::decode(payload).ok_or(SealError::Malformed)?);
        let (nonce, ciphertext) = bytes
            .split_at_mut_checked(NONCE_LEN)
            .ok_or(SealError::Malformed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Malformed)?;
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(context.as_bytes()), ciphertext)
            .map_err(|_| SealError::Closed)?;
        let plain = str::from_utf8(plain).map_err(|_| SealError::Closed)?;
        Ok(Secret::from(plain))
    }
}

impl fmt::Debug for SecretBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBox")
    }
}

/// A text that was sealed under one of several keys, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedUnder<'a> {
    /// Id of the key.
    pub key: Uuid,
    payload: &'a str,
}

impl<'a> SealedUnder<'a> {
    /// Reads what [`SecretBox::seal_under`] wrote.
    ///
    /// # Errors
    /// [`SealError::Malformed`] when it is something else.
    pub fn parse(sealed: &'a str) -> Result<Self, SealError> {
        let parts = sealed
            .strip_prefix(PREFIX_UNDER)
            .and_then(|rest| rest.split_once(':'));
        let (key, payload) = parts.ok_or(SealError::Malformed)?;
        let key = Uuid::try_parse(key).map_err(|_| SealError::Malformed)?;
        Ok(Self { key, payload })
    }
}

/// Whether a stored text is a sealed secret.
#[must_use]
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(PREFIX) || text.starts_with(PREFIX_UNDER)
}

/// Draws a sealing key, in the text form that a key file holds.
///
/// # Errors
/// [`SealError::Key`] when the system has no randomness to give.
pub fn generate_key() -> Result<Zeroizing<String>, SealError> {
    let mut key = Zeroizing::new([0; SEALING_KEY_LEN]);
    rand::fill(&mut *key).map_err(|_| SealError::Key)?;
    Ok(Zeroizing::new(text::encode(&*key)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn secret_box() -> SecretBox {
        SecretBox::from_key_text(&generate_key().unwrap()).unwrap()
    }

    #[test]
    fn opens_what_it_sealed_for_the_same_place() {
        let secrets = secret_box();
        let sealed = secrets.seal("endpoint:1:password", "grüße").unwrap();
        assert!(is_sealed(&sealed));
        assert!(!sealed.contains("grüße"));
        let opened = secrets.open("endpoint:1:password", &sealed).unwrap();
        assert_eq!(opened.expose(), "grüße");
    }

    #[test]
    fn two_seals_of_one_secret_differ() {
        let secrets = secret_box();
        assert_ne!(
            secrets.seal("a", "x").unwrap(),
            secrets.seal("a", "x").unwrap()
        );
    }

    #[test]
    fn stays_closed_elsewhere_for_others_and_when_changed() {
        let secrets = secret_box();
        let sealed = secrets.seal("a", "x").unwrap();
        let mut damaged = sealed.clone();
        let last = damaged.pop().unwrap();
        damaged.push(if last == 'A' { 'Q' } else { 'A' });
        let closed =
            |secrets: &SecretBox, context: &str, sealed: &str| secrets.open(context, sealed).err();
        assert_eq!(closed(&secrets, "b", &sealed), Some(SealError::Closed));
        assert_eq!(closed(&secret_box(), "a", &sealed), Some(SealError::Closed));
        assert_eq!(closed(&secrets, "a", &damaged), Some(SealError::Closed));
    }

    #[test]
    fn one_of_several_keys_is_named_and_opens_as_the_only_one_does() {
        let (secrets, key) = (secret_box(), Uuid::from_u128(7));
        let sealed = secrets.seal_under(key, "a", "x").unwrap();
        assert!(is_sealed(&sealed));
        let under = SealedUnder::parse(&sealed).unwrap();
        assert_eq!(under.key, key);
        assert_eq!(secrets.open_under("a", &under).unwrap().expose(), "x");
        assert_eq!(
            secrets.open_under("b", &under).err(),
            Some(SealError::Closed)
        );
        assert_eq!(secrets.open("a", &sealed).err(), Some(SealError::Malformed));
        for text in [
            "",
            "sealed:v2:",
            "sealed:v2:AAAA",
            "sealed:v2:1:AAAA",
            "sealed:v1:AAAA",
        ] {
            assert_eq!(
                SealedUnder::parse(text),
                Err(SealError::Malformed),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_is_not_sealed_is_malformed() {
        let secrets = secret_box();
        for text in [
            "",
            "x",
            "sealed:v1:",
            "sealed:v1:AAAA",
            "sealed:v1:???",
            "sealed:v2:AAAA",
        ] {
            assert_eq!(
                secrets.open("a", text).err(),
                Some(SealError::Malformed),
                "{text:?}"
            );
        }
    }
}
