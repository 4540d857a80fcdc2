//! Who is calling, proven: what changes a thing asks for one of these, and
//! nothing else can make them.

use causeway_model::id::{SessionId, UserId};
use causeway_model::object::{AuthenticationMethod, Role, Session, Token, User};
use causeway_table::{
    Authenticated, Batch, Credential as CredentialKey, StoredCredential, TableError,
};
use jiff::Timestamp;

use crate::app::App;
use crate::credential::Credential;

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// There is no credential, or it is not (or no longer) good.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The table did not answer.
    #[error("the credential could not be checked")]
    Table(#[from] TableError),
}

/// A signed-in user.
#[derive(Debug, Clone)]
pub struct Caller {
    user: User,
    proof: Proof,
    address: String,
}

/// What somebody is signed in by.
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
}

impl Caller {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// By what: a sign-in session or an API token.
    #[must_use]
    pub const fn key(&self) -> CredentialKey {
        match &self.proof {
            Proof::Session(session) => CredentialKey::Session(session.id),
            Proof::Token(token) => CredentialKey::Token(token.id),
        }
    }

    /// The sign-in or the token itself.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }

    /// When the credential ends by itself; `None` for never.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match &self.proof {
            Proof::Session(session) => Some(session.expires_at),
            Proof::Token(token) => token.expires_at,
        }
    }

    /// Where from; empty when unknown.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The sign-in session that connections of this caller live in. A
    /// program's token takes the place of one, under its own id.
    #[must_use]
    pub fn session(&self) -> SessionId {
        match self.key() {
            CredentialKey::Session(id) => id,
            CredentialKey::Token(id) => SessionId::new(id.uuid()),
        }
    }
}

/// Somebody who may read and write everything.
#[derive(Debug, Clone)]
pub struct Admin {
    actor: String,
    user: Option<UserId>,
    address: String,
}

/// A caller who is no administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the caller is no administrator")]
pub struct NotAnAdmin;

impl TryFrom<Caller> for Admin {
    type Error = NotAnAdmin;

    fn try_from(caller: Caller) -> Result<Self, NotAnAdmin> {
        match caller.user.role {
            Role::Admin => Ok(Self {
                actor: caller.user.username,
                user: Some(caller.user.id),
                address: caller.address,
            }),
            Role::Auditor | Role::Operator | Role::User => Err(NotAnAdmin),
        }
    }
}

impl Admin {
    /// The operator of the machine that the control plane runs on: whoever can
    /// start the process may do everything.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            actor: "operator".to_owned(),
            user: None,
            address: String::new(),
        }
    }

    /// Name for the audit trail.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The user, when it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }

    /// Where from; empty when unknown.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// Finds out who presents `credential`; one round trip to the table.
///
/// # Errors
/// [`AccessError`].
pub async fn authenticate(
    app: &App,
    credential: &Credential,
    address: &str,
) -> Result<Caller, AccessError> {
    let table = app.table();
    let (found, _) = table
        .authenticate(credential.user, credential.key, Batch::new())
        .await?;
    admit(found, credential, app.now(), address)
}

/// Judges what the table holds for `credential`.
///
/// # Errors
/// [`AccessError::NotSignedIn`], whatever the reason: a guess learns nothing.
pub(crate) fn admit(
    found: Option<Authenticated>,
    credential: &Credential,
    now: Timestamp,
    address: &str,
) -> Result<Caller, AccessError> {
    let Some(Authenticated {
        user,
        credential: stored,
    }) = found
    else {
        return Err(AccessError::NotSignedIn);
    };
    let is_secret = stored.secret_hash().matches(&credential.secret_hash());
    if !is_secret || !stored.is_live(now) || !user.active || stored.user() != user.id {
        return Err(AccessError::NotSignedIn);
    }
    Ok(Caller {
        user,
        proof: match stored {
            StoredCredential::Session(stored) => Proof::Session(stored.session),
            StoredCredential::Token(stored) => Proof::Token(stored.token),
        },
        address: address.to_owned(),
    })
}
