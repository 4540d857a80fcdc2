//! What somebody is signed in by.

use causeway_model::object::{AuthenticationMethod, Session, Token};
use causeway_table::{Credential as CredentialKey, StoredCredential};
use jiff::Timestamp;

/// A sign-in or an API token, as it was when the request came.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// A browser's sign-in.
    Session(Session),
    /// A program's API token.
    Token(Token),
}

impl Proof {
    /// How they proved who they are.
    #[must_use]
    pub fn methods(&self) -> &[AuthenticationMethod] {
        match self {
            Self::Session(session) => &session.methods,
            Self::Token(_) => &[AuthenticationMethod::Token],
        }
    }

    /// When that was, for the last time. A token never confirms anything.
    #[must_use]
    pub const fn confirmed_at(&self) -> Option<Timestamp> {
        match self {
            Self::Session(session) => session.confirmed_at,
            Self::Token(_) => None,
        }
    }

    /// When the sign-in began, or the token was made.
    #[must_use]
    pub const fn created_at(&self) -> Timestamp {
        match self {
            Self::Session(session) => session.created_at,
            Self::Token(token) => token.created_at,
        }
    }

    /// When it ends by itself; `None` for never.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Session(session) => Some(session.expires_at),
            Self::Token(token) => token.expires_at,
        }
    }

    /// What names it in the table.
    #[must_use]
    pub const fn key(&self) -> CredentialKey {
        match self {
            Self::Session(session) => CredentialKey::Session(session.id),
            Self::Token(token) => CredentialKey::Token(token.id),
        }
    }
}

impl From<StoredCredential> for Proof {
    fn from(stored: StoredCredential) -> Self {
        match stored {
            StoredCredential::Session(stored) => Self::Session(stored.session),
            StoredCredential::Token(stored) => Self::Token(stored.token),
        }
    }
}
