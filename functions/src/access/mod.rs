//! Who is calling, proven: what changes a thing asks for one of these, and
//! nothing else can make them.
//!
//! A [`Caller`] is somebody signed in. What they may do besides launching is
//! their [`Rights`], from their own role and those of their groups. A use case
//! of the administration asks for the least that it needs: [`Staff`] (an
//! operator at least), [`Reader`] (reads everything) or [`Admin`].

mod proof;
mod rights;
mod scope;
mod staff;

pub use proof::Proof;
pub use rights::Rights;
pub(crate) use scope::Errand;
pub use staff::{Admin, NotAllowed, Reader, Staff};

use causeway_model::id::SessionId;
use causeway_model::object::{TokenScope, User};
use causeway_table::{
    Authenticated, Batch, ConfigSnapshot, Credential as CredentialKey, StoredCredential, TableError,
};
use jiff::Timestamp;

use crate::app::App;
use crate::credential::Credential;

/// Why nobody is signed in, or not for this.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// There is no credential, or it is not (or no longer) good.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The API token is good, but not for this.
    #[error("the token's scope does not reach this far")]
    TokenScope,
    /// The table did not answer.
    #[error("the credential could not be checked")]
    Table(#[from] TableError),
}

/// A signed-in user.
#[derive(Debug, Clone)]
pub struct Caller {
    user: User,
    rights: Rights,
    proof: Proof,
    address: String,
}

impl Caller {
    /// Who.
    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    /// What they may do besides launching.
    #[must_use]
    pub const fn rights(&self) -> &Rights {
        &self.rights
    }

    /// By what: a sign-in session or an API token.
    #[must_use]
    pub const fn key(&self) -> CredentialKey {
        self.proof.key()
    }

    /// The sign-in or the token itself.
    #[must_use]
    pub const fn proof(&self) -> &Proof {
        &self.proof
    }

    /// When the credential ends by itself; `None` for never.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        self.proof.expires_at()
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

    fn new(user: User, stored: StoredCredential, address: &str, snapshot: &ConfigSnapshot) -> Self {
        Self {
            rights: Rights::of(&user, snapshot),
            user,
            proof: stored.into(),
            address: address.to_owned(),
        }
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
    let mut batch = Batch::new();
    let epoch = batch.epoch();
    let (found, answer) = table
        .authenticate(credential.user, credential.key, batch)
        .await?;
    let (user, stored) = judge(found, credential, app.now())?;
    let epoch = answer.take(epoch)?.unwrap_or_default();
    let snapshot = table.config().at(epoch).await?;
    Ok(Caller::new(user, stored, address, &snapshot))
}

/// Judges what the table holds for `credential`.
///
/// # Errors
/// [`AccessError::NotSignedIn`], whatever the reason: a guess learns nothing;
/// [`AccessError::TokenScope`] for a good token that was made for less.
pub(crate) fn admit(
    found: Option<Authenticated>,
    credential: &Credential,
    now: Timestamp,
    address: &str,
    snapshot: &ConfigSnapshot,
) -> Result<Caller, AccessError> {
    let (user, stored) = judge(found, credential, now)?;
    Ok(Caller::new(user, stored, address, snapshot))
}

fn judge(
    found: Option<Authenticated>,
    credential: &Credential,
    now: Timestamp,
) -> Result<(User, StoredCredential), AccessError> {
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
    let scope = match &stored {
        StoredCredential::Session(_) => TokenScope::Full,
        StoredCredential::Token(stored) => stored.token.scope,
    };
    if !credential.errand().is_within(scope) {
        return Err(AccessError::TokenScope);
    }
    Ok((user, stored))
}
