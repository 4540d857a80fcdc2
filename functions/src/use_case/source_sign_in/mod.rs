//! Signing in with a source: an OpenID provider says who somebody is.
//!
//! What binds the provider's answer to the browser that asked is kept once and
//! sealed: state, nonce, code verifier, source, and the hash of a short-lived
//! cookie. Whoever comes back with the state but not with the cookie is
//! somebody else's victim and is turned away.

mod backchannel;
mod begin;
mod end_session;
mod finish;
mod person;

pub use backchannel::{LogoutError, sign_out as backchannel_sign_out};
pub use begin::{Begun, begin};
pub(crate) use end_session::{end_session_url, remember};
pub use finish::{CallbackQuery, Finished, finish};

use causeway_model::id::SourceId;
use causeway_model::object::Source;
use causeway_model::settings::SecretReference;
use causeway_table::{TableError, WriteError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

use super::attempts::AttemptError;
use super::kept::KeepError;
use super::source;
use crate::app::App;
use crate::openid::OpenIdError;
use crate::sealing::SealingError;

/// Name of what is kept of a sign-in that is under way.
const WHAT: &str = "source-sign-in";

/// Why nobody was signed in. [`SourceSignInError::code`] is what the sign-in
/// page is told.
#[derive(Debug, thiserror::Error)]
pub enum SourceSignInError {
    /// There is no such source, or it is not enabled.
    #[error("there is no such source")]
    Unknown,
    /// The provider does not answer, or not as it should.
    #[error("the source cannot be reached or used")]
    Unavailable,
    /// The person or the provider said no.
    #[error("the source said no")]
    Denied,
    /// Took too long, was used before, or comes from another browser.
    #[error("the sign-in is over or another browser's")]
    StateLost,
    /// What the provider answered does not count.
    #[error("the source's answer does not count")]
    AnswerInvalid,
    /// Only people who were linked before may come in.
    #[error("the person is not linked to a user")]
    NotLinked,
    /// The provider does not say what the person is called, or says something
    /// that no user can be called.
    #[error("the source gives no usable username")]
    UsernameMissing,
    /// Another user is called so.
    #[error("the username is taken")]
    UsernameTaken,
    /// Several users have this mail address.
    #[error("several users have this mail address")]
    EmailAmbiguous,
    /// The user is not active.
    #[error("the user is not active")]
    NotActive,
    /// Too many sign-ins begun.
    #[error("too many sign-ins were begun from here")]
    TooManyAttempts,
    /// A secret of ours cannot be used.
    #[error("a secret cannot be sealed or opened")]
    Seal(#[from] SealingError),
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the sign-in could not be kept")]
    Table(#[from] TableError),
}

impl SourceSignInError {
    /// Stable code for the sign-in page.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "source_unknown",
            Self::Unavailable | Self::Seal(_) | Self::Write(_) | Self::Table(_) => {
                "source_unavailable"
            }
            Self::Denied => "denied",
            Self::StateLost => "state_lost",
            Self::AnswerInvalid => "answer_invalid",
            Self::NotLinked => "not_linked",
            Self::UsernameMissing => "username_missing",
            Self::UsernameTaken => "username_taken",
            Self::EmailAmbiguous => "email_ambiguous",
            Self::NotActive => "not_active",
            Self::TooManyAttempts => "too_many_attempts",
        }
    }
}

impl From<KeepError> for SourceSignInError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Table(error) => Self::Table(error),
            KeepError::Seal(error) => Self::Seal(error),
        }
    }
}

impl From<AttemptError> for SourceSignInError {
    fn from(error: AttemptError) -> Self {
        match error {
            AttemptError::TooMany { .. } => Self::TooManyAttempts,
            AttemptError::Table(error) => Self::Table(error),
        }
    }
}

impl From<OpenIdError> for SourceSignInError {
    fn from(error: OpenIdError) -> Self {
        if error.is_unavailable() {
            Self::Unavailable
        } else {
            Self::AnswerInvalid
        }
    }
}

/// A sign-in that is under way.
#[derive(Serialize, Deserialize)]
struct UnderWay {
    source: SourceId,
    issuer: String,
    nonce: String,
    verifier: String,
    redirect_uri: String,
    /// The local path to come to afterwards.
    to: String,
    /// SHA-256 of the browser's cookie, in base64url.
    browser: String,
}

/// A source that people may sign in with.
async fn enabled(app: &App, slug: &str) -> Result<Arc<Source>, SourceSignInError> {
    let snapshot = app.table().config().current().await?;
    let found = snapshot.sources().named(slug);
    let found = found.filter(|source| source.enabled);
    found.cloned().ok_or(SourceSignInError::Unknown)
}

/// Our client secret at the source; `None` for a client that has none.
async fn client_secret(app: &App, of: &Source) -> Result<Option<String>, SourceSignInError> {
    let Some(value) = source::client_secret(app.secrets(), of).await? else {
        return Ok(None);
    };
    if let Value::String(text) = value {
        return Ok(Some(text));
    }
    let unavailable = |error: &dyn std::fmt::Display| {
        tracing::warn!(source = %of.slug, %error, "the client secret cannot be had");
        SourceSignInError::Unavailable
    };
    let reference = SecretReference::of(&value).map_err(|error| unavailable(&error))?;
    let reference = reference.ok_or_else(|| unavailable(&"neither a text nor a reference"))?;
    let secret = app.outside_secrets().read(&reference).await;
    let secret = secret.map_err(|error| unavailable(&error))?;
    Ok(Some(secret.expose().to_owned()))
}

/// The sources that people may sign in with, by name.
///
/// # Errors
/// [`TableError`].
pub async fn list(app: &App) -> Result<Vec<Arc<Source>>, TableError> {
    let snapshot = app.table().config().current().await?;
    let enabled = snapshot.sources().iter().filter(|source| source.enabled);
    let mut sources: Vec<_> = enabled.cloned().collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sources)
}
