//! What stands in the table instead of secrets.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 of a random secret (a cookie's, an API token's, an enrolment
/// token's).
///
/// A plain hash is enough for a secret of 32 random bytes; passwords are
/// another matter, see [`PasswordHash`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash of `secret`.
    #[must_use]
    pub fn of(secret: &[u8]) -> Self {
        Self(Sha256::digest(secret).into())
    }

    /// Takes a hash that was made elsewhere.
    #[must_use]
    pub const fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// Whether both are hashes of the same secret; in constant time.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    pub(crate) fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl std::str::FromStr for SecretHash {
    type Err = hex::FromHexError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash)?;
        Ok(Self(hash))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// A password's hash in PHC text form (`$argon2id$…`).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a hash in PHC text form.
    #[must_use]
    pub const fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// How a password's hash is written into the table as a part of something else.
pub(crate) mod at_rest {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::PasswordHash;

    pub(crate) fn serialize<S: Serializer>(
        hash: &Option<PasswordHash>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = hash.as_ref().map(PasswordHash::expose);
        text.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PasswordHash>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(text.map(PasswordHash::new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_matches_only_its_own_secret_and_is_not_printed() {
        let hash = SecretHash::of(b"a");
        assert!(hash.matches(&hash.to_hex().parse().unwrap()));
        assert!(!hash.matches(&SecretHash::of(b"b")));
        assert_eq!(format!("{hash:?}"), "SecretHash(..)");
        assert_eq!(
            format!("{:?}", PasswordHash::new("$argon2id$x".to_owned())),
            "PasswordHash(..)"
        );
    }
}
