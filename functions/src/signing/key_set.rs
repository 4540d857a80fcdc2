//! The keys as they are kept: the current one, since when it signs, and the one
//! before it.
//!
//! `{"current": "<PKCS #8 in base64url>", "current_since": "<RFC 3339>",
//! "previous": ["<PKCS #8 in base64url>"]}`; without `current_since` the current
//! key signs at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_model::secret::Secret;
use causeway_trust::token::PASS_LIFE;
use causeway_trust::{KeyError, KeyRing, SigningKey};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

/// How long a new key is published before it signs.
pub const LEAD: SignedDuration = SignedDuration::from_mins(15);
/// How soon after a rotation the next may follow: the key of the one before last
/// must be worth nothing by then. The longest that lives by a key is a pass.
pub const ROTATION_INTERVAL_MIN: SignedDuration =
    SignedDuration::from_secs(LEAD.as_secs() + 2 * PASS_LIFE.as_secs().cast_signed());
/// Keys before the current one.
const PREVIOUS_MAX: usize = 1;

/// The keys that sign.
#[derive(Debug, Clone)]
pub struct KeySet {
    current: SigningKey,
    current_since: Timestamp,
    previous: Vec<SigningKey>,
}

/// Why a text holds no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is no JSON of this shape: no key was ever put there.
    #[error("the secret holds no signing keys yet")]
    Nothing,
    /// It has the shape, and what stands there is no key.
    #[error("a signing key in the secret cannot be used")]
    Key(#[source] KeyError),
}

#[derive(Deserialize)]
struct Text {
    current: Secret,
    #[serde(default)]
    current_since: Timestamp,
    #[serde(default)]
    previous: Vec<Secret>,
}

impl KeySet {
    /// A first key, which signs at once: nobody believes another.
    ///
    /// # Errors
    /// [`KeyError::Generate`].
    pub fn first(now: Timestamp) -> Result<Self, KeyError> {
        Ok(Self {
            current: SigningKey::generate()?,
            current_since: now,
            previous: Vec::new(),
        })
    }

    /// What follows on this set: a new key, published from now on, and the one
    /// that signs until it does.
    ///
    /// # Errors
    /// [`KeyError::Generate`].
    pub fn successor(&self, now: Timestamp) -> Result<Self, KeyError> {
        let previous = std::iter::once(&self.current).chain(&self.previous);
        Ok(Self {
            current: SigningKey::generate()?,
            current_since: now.saturating_add(LEAD).unwrap_or(Timestamp::MAX),
            previous: previous.take(PREVIOUS_MAX).cloned().collect(),
        })
    }

    /// From when on a successor may be made.
    #[must_use]
    pub fn rotates_after(&self) -> Timestamp {
        if self.previous.is_empty() {
            return Timestamp::MIN;
        }
        let since_it_signs = ROTATION_INTERVAL_MIN - LEAD;
        let at = self.current_since.saturating_add(since_it_signs);
        at.unwrap_or(Timestamp::MAX)
    }

    /// Reads what [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// [`KeySetError`].
    pub fn parse(text: &str) -> Result<Self, KeySetError> {
        let text: Text = serde_json::from_str(text).map_err(|_| KeySetError::Nothing)?;
        let previous: Result<_, _> = text.previous.iter().map(key).collect();
        Ok(Self {
            current: key(&text.current)?,
            current_since: text.current_since,
            previous: previous?,
        })
    }

    /// The text in which they are kept.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let encode = |key: &SigningKey| URL_SAFE_NO_PAD.encode(key.to_pkcs8().as_slice());
        let previous: Vec<_> = self.previous.iter().map(encode).collect();
        let text = json!({
            "current": encode(&self.current),
            "current_since": self.current_since,
            "previous": previous,
        });
        Zeroizing::new(text.to_string())
    }

    /// The key that signs at `now`.
    #[must_use]
    pub fn signing(&self, now: Timestamp) -> &SigningKey {
        match self.previous.first() {
            Some(previous) if now < self.current_since => previous,
            Some(_) | None => &self.current,
        }
    }

    /// The keys that are believed.
    #[must_use]
    pub fn ring(&self) -> KeyRing {
        self.all().map(SigningKey::verifying_key).collect()
    }

    /// The newest key, whether it signs already or not.
    #[must_use]
    pub const fn newest(&self) -> &SigningKey {
        &self.current
    }

    /// All keys, the newest first.
    pub fn all(&self) -> impl Iterator<Item = &SigningKey> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

fn key(text: &Secret) -> Result<SigningKey, KeySetError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text.expose())
        .map_err(|_| KeySetError::Key(KeyError::Private))?;
    SigningKey::from_pkcs8(&Zeroizing::new(bytes)).map_err(KeySetError::Key)
}
