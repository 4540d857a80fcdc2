//! Ed25519 keys: the half that signs, the half that verifies, and a ring of
//! the latter for rotation.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::Zeroizing;

use crate::text;

/// Length of a signature in bytes.
pub const SIGNATURE_LEN: usize = 64;

/// Length of a public key in bytes.
pub const PUBLIC_KEY_LEN: usize = 32;

/// Why bytes or a text are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not 32 bytes in base64url without padding.
    #[error("not an Ed25519 public key in base64url")]
    Public,
    /// Not an Ed25519 private key in PKCS #8 form (RFC 8410).
    #[error("not an Ed25519 private key in PKCS #8 form")]
    Private,
    /// The system's random number generator failed.
    #[error("no key could be generated")]
    Generate,
    /// A published key whose id is not that of the key.
    #[error("the key's id is not that of the key")]
    Id,
}

/// A private key. Never shown; wiped from memory with its last clone.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<Ed25519KeyPair>,
    pkcs8: Arc<Zeroizing<Vec<u8>>>,
    public: VerifyingKey,
}

impl SigningKey {
    /// Draws a new key.
    ///
    /// # Errors
    /// [`KeyError::Generate`] when the system has no randomness to give.
    pub fn generate() -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyError::Generate)?;
        let pkcs8 = pair.to_pkcs8().map_err(|_| KeyError::Generate)?;
        Self::from_pkcs8(pkcs8.as_ref())
    }

    /// Reads a key from its PKCS #8 form (RFC 8410).
    ///
    /// # Errors
    /// [`KeyError::Private`] when the bytes are something else.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Private)?;
        let public = pair.public_key().as_ref();
        let public = VerifyingKey(public.try_into().map_err(|_| KeyError::Private)?);
        Ok(Self {
            pair: Arc::new(pair),
            pkcs8: Arc::new(Zeroizing::new(pkcs8.to_vec())),
            public,
        })
    }

    /// The PKCS #8 form, to be stored where nobody else reads it.
    #[must_use]
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::clone(&self.pkcs8)
    }

    /// The half that may be shown.
    #[must_use]
    pub const fn verifying_key(&self) -> VerifyingKey {
        self.public
    }

    /// Signs a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        let mut bytes = [0; SIGNATURE_LEN];
        bytes.copy_from_slice(self.pair.sign(message).as_ref());
        bytes
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public)
    }
}

/// A public key; its text form is base64url without padding.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VerifyingKey([u8; PUBLIC_KEY_LEN]);

impl VerifyingKey {
    /// Takes the raw bytes. Whether they are a point of the curve shows when a
    /// signature is verified: with a false one none ever is.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; PUBLIC_KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// The raw bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; PUBLIC_KEY_LEN] {
        &self.0
    }

    /// The key's id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let hash = digest::digest(&digest::SHA256, &self.0);
        let mut id = [0; KEY_ID_LEN];
        id.copy_from_slice(&hash.as_ref()[..KEY_ID_LEN]);
        KeyId(id)
    }

    /// Whether `signature` is this key's over `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::encode(&self.0))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({self})")
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text::decode_array(text).map(Self).ok_or(KeyError::Public)
    }
}

impl Serialize for VerifyingKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifyingKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

const KEY_ID_LEN: usize = 8;

/// Names a verifying key in a token: the first 8 bytes of the SHA-256 of its
/// raw bytes, in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId([u8; KEY_ID_LEN]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

impl FromStr for KeyId {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut id = [0; KEY_ID_LEN];
        hex::decode_to_slice(text, &mut id).map_err(|_| KeyError::Id)?;
        Ok(Self(id))
    }
}

/// A verifying key as the control plane publishes it: `{"kid", "key"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PublishedKeyText", into = "PublishedKeyText")]
pub struct PublishedKey(VerifyingKey);

impl PublishedKey {
    /// The key.
    #[must_use]
    pub const fn key(self) -> VerifyingKey {
        self.0
    }
}

impl From<VerifyingKey> for PublishedKey {
    fn from(key: VerifyingKey) -> Self {
        Self(key)
    }
}

#[derive(Serialize, Deserialize)]
struct PublishedKeyText {
    kid: String,
    key: VerifyingKey,
}

impl From<PublishedKey> for PublishedKeyText {
    fn from(PublishedKey(key): PublishedKey) -> Self {
        Self {
            kid: key.id().to_string(),
            key,
        }
    }
}

impl TryFrom<PublishedKeyText> for PublishedKey {
    type Error = KeyError;

    fn try_from(published: PublishedKeyText) -> Result<Self, Self::Error> {
        if published.kid.parse() == Ok(published.key.id()) {
            Ok(Self(published.key))
        } else {
            Err(KeyError::Id)
        }
    }
}

/// The keys whose signatures are accepted, found by id. During a rotation it
/// holds the old key and the new one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyRing(BTreeMap<KeyId, VerifyingKey>);

impl KeyRing {
    /// The key of that id.
    #[must_use]
    pub fn find(&self, id: KeyId) -> Option<&VerifyingKey> {
        self.0.get(&id)
    }

    /// The keys as they are published.
    pub fn published(&self) -> impl Iterator<Item = PublishedKey> + '_ {
        self.0.values().copied().map(PublishedKey)
    }
}

impl FromIterator<VerifyingKey> for KeyRing {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self(keys.into_iter().map(|key| (key.id(), key)).collect())
    }
}

impl FromIterator<PublishedKey> for KeyRing {
    fn from_iter<I: IntoIterator<Item = PublishedKey>>(keys: I) -> Self {
        keys.into_iter().map(PublishedKey::key).collect()
    }
}
