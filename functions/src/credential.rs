//! The text of a sign-in cookie and of an API token.
//!
//! `cws_` (session) or `cwt_` (token), then the base64url form of user id (16
//! bytes), session or token id (16 bytes) and secret (32 bytes). The ids let
//! user and session be read by key at once; only the SHA-256 of the secret is
//! stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use causeway_model::id::{SessionId, TokenId, UserId};
use causeway_table::{Credential as CredentialKey, SecretHash};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::access::Errand;
use crate::clock::Randomness;

const SESSION_PREFIX: &str = "cws_";
const TOKEN_PREFIX: &str = "cwt_";
const ID_LENGTH: usize = 16;
const SECRET_LENGTH: usize = 32;
const BODY_LENGTH: usize = 2 * ID_LENGTH + SECRET_LENGTH;

/// A credential as it came with a request; not yet checked.
#[derive(Clone)]
pub struct Credential {
    /// Whose it claims to be.
    pub user: UserId,
    /// What it claims to be.
    pub key: CredentialKey,
    secret: Secret,
    errand: Errand,
}

/// The secret part of a credential; shown only by [`Credential::to_text`].
#[derive(Clone)]
struct Secret(Zeroizing<[u8; SECRET_LENGTH]>);

impl Credential {
    /// Draws a new credential.
    #[must_use]
    pub fn draw(user: UserId, key: CredentialKey, randomness: &dyn Randomness) -> Self {
        let mut secret = Zeroizing::new([0; SECRET_LENGTH]);
        randomness.fill(secret.as_mut());
        Self {
            user,
            key,
            secret: Secret(secret),
            errand: Errand::Write,
        }
    }

    /// Reads a credential from its text; `None` when it is not one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (body, is_session) = match text.strip_prefix(SESSION_PREFIX) {
            Some(body) => (body, true),
            None => (text.strip_prefix(TOKEN_PREFIX)?, false),
        };
        if body.len() != BODY_LENGTH.div_ceil(3) * 4 - 2 {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).ok()?);
        let (user, rest) = bytes.split_first_chunk::<ID_LENGTH>()?;
        let (id, secret) = rest.split_first_chunk::<ID_LENGTH>()?;
        let secret: [u8; SECRET_LENGTH] = secret.try_into().ok()?;
        let id = Uuid::from_bytes(*id);
        Some(Self {
            user: UserId::new(Uuid::from_bytes(*user)),
            key: if is_session {
                CredentialKey::Session(SessionId::new(id))
            } else {
                CredentialKey::Token(TokenId::new(id))
            },
            secret: Secret(Zeroizing::new(secret)),
            errand: Errand::Write,
        })
    }

    /// The text for the cookie or the `Authorization` header.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (prefix, id) = match self.key {
            CredentialKey::Session(id) => (SESSION_PREFIX, id.uuid()),
            CredentialKey::Token(id) => (TOKEN_PREFIX, id.uuid()),
        };
        let mut body = Zeroizing::new([0_u8; BODY_LENGTH]);
        body[..ID_LENGTH].copy_from_slice(self.user.uuid().as_bytes());
        body[ID_LENGTH..2 * ID_LENGTH].copy_from_slice(id.as_bytes());
        body[2 * ID_LENGTH..].copy_from_slice(&*self.secret.0);
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode(body.as_slice()))
    }

    /// The same credential, presented for this errand. Until it is said what
    /// for, it must be good for everything.
    pub(crate) fn on(self, errand: Errand) -> Self {
        Self { errand, ..self }
    }

    /// What it is presented for.
    pub(crate) const fn errand(&self) -> Errand {
        self.errand
    }

    /// Whether it is a program's API token.
    #[must_use]
    pub const fn is_token(&self) -> bool {
        matches!(self.key, CredentialKey::Token(_))
    }

    /// What is stored of the secret.
    #[must_use]
    pub fn secret_hash(&self) -> SecretHash {
        SecretHash::of(&*self.secret.0)
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("user", &self.user)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::clock::SystemRandomness;

    fn draw(key: CredentialKey) -> Credential {
        Credential::draw(
            UserId::new(Uuid::from_u128(1)),
            key,
            &SystemRandomness::default(),
        )
    }

    #[test]
    fn a_credential_reads_back_what_it_writes() {
        for key in [
            CredentialKey::Session(SessionId::new(Uuid::from_u128(2))),
            CredentialKey::Token(TokenId::new(Uuid::from_u128(3))),
        ] {
            let drawn = draw(key);
            let read = Credential::parse(&drawn.to_text()).unwrap();
            assert_eq!((read.user, read.key), (drawn.user, drawn.key));
            assert!(read.secret_hash().matches(&drawn.secret_hash()));
            assert!(!read.secret_hash().matches(&draw(key).secret_hash()));
        }
    }

    #[test]
    fn anything_else_is_no_credential() {
        let text = draw(CredentialKey::Token(TokenId::new(Uuid::from_u128(3)))).to_text();
        for wrong in [
            "",
            "cwt_",
            "cws_!!!!",
            &text[4..],
            &text[..text.len() - 1],
            &format!("{text}A"),
        ] {
            assert!(Credential::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let credential = draw(CredentialKey::Session(SessionId::new(Uuid::from_u128(2))));
        let secret = URL_SAFE_NO_PAD.encode(credential.secret.0.as_slice());
        assert!(!format!("{credential:?}").contains(&secret));
    }
}
