//! A source tells that somebody signed out there, or was signed out (OpenID
//! Connect Back-Channel Logout 1.0).

use std::collections::BTreeSet;

use causeway_model::id::{SessionId, UserId};
use causeway_model::object::{EventAction, Outcome, Source};
use causeway_table::{Credential as CredentialKey, TableError};

use super::enabled;
use crate::app::App;
use crate::openid::{self, LogoutToken};
use crate::problem::Chain;
use crate::use_case::connection::EndError;
use crate::use_case::event::Entry;
use crate::use_case::session;

/// Name of the ids of logout tokens that came.
const WHAT: &str = "logout-token";

/// Why nobody was signed out.
#[derive(Debug, thiserror::Error)]
pub enum LogoutError {
    /// There is no such source, or it is not enabled.
    #[error("there is no such source")]
    Unknown,
    /// The provider's keys cannot be found out.
    #[error("the source cannot be reached or used")]
    Unavailable,
    /// The token does not count, or came before.
    #[error("the logout token does not count")]
    Invalid,
    /// The table did not answer.
    #[error("the sign-ins could not be ended")]
    Table(#[from] TableError),
}

/// Ends the sign-ins that a logout token names, and the connections that live
/// in them. Says how many; none is no error (section 2.7).
///
/// # Errors
/// [`LogoutError`].
pub async fn sign_out(
    app: &App,
    slug: &str,
    token: &str,
    address: &str,
) -> Result<usize, LogoutError> {
    let source = enabled(app, slug).await.map_err(|error| match error {
        super::SourceSignInError::Table(error) => LogoutError::Table(error),
        _ => LogoutError::Unknown,
    })?;
    let checked = openid::check_logout_token(app, &source, token).await;
    let token = match checked {
        Ok(token) if is_first(app, &source, &token).await? => token,
        Ok(_) => return refuse(app, &source, address, "replayed").await,
        Err(error) if error.is_unavailable() => {
            tracing::warn!(source = %source.slug, error = %Chain(&error), "logout token not checked");
            return Err(LogoutError::Unavailable);
        }
        Err(error) => {
            tracing::warn!(source = %source.slug, error = %Chain(&error), "logout token refused");
            return refuse(app, &source, address, "logout_token_invalid").await;
        }
    };
    let named = named(app, &source, &token).await?;
    for (user, id) in &named {
        match session::end_credential(app, *user, CredentialKey::Session(*id)).await {
            Ok(_) | Err(EndError::NotFound | EndError::NotAllowed) => {}
            Err(EndError::Table(error)) => return Err(error.into()),
        }
        let entry = Entry::new(EventAction::SignOut, Outcome::Success)
            .by(&source.slug)
            .address(address)
            .on("session", id, "")
            .detail("backchannel_logout");
        app.table().events().append(&entry.event(app)).await?;
    }
    Ok(named.len())
}

/// Whether a token of this id has not come before.
async fn is_first(app: &App, source: &Source, token: &LogoutToken) -> Result<bool, TableError> {
    let id = format!("{}:{}", source.id, token.id);
    let ids = app.table().one_time();
    ids.put(WHAT, &id, "", token.good_until).await
}

/// The sign-ins that a token means: that of its `sid`, or all that its subject
/// has from this source; where it names both, they must agree (section 2.6,
/// step 6).
async fn named(
    app: &App,
    source: &Source,
    token: &LogoutToken,
) -> Result<BTreeSet<(UserId, SessionId)>, TableError> {
    let person = match &token.subject {
        Some(subject) => {
            let found = app.table().identities().find(source.id, subject).await?;
            match found {
                Some(user) => Some(user.id),
                None => return Ok(BTreeSet::new()),
            }
        }
        None => None,
    };
    let sessions = app.table().sessions();
    let found = match (&token.sid, person) {
        (Some(sid), _) => sessions.of_source_session(source.id, sid).await?,
        (None, Some(person)) => sessions.of_user(person).await?,
        (None, None) => Vec::new(),
    };
    Ok(found
        .into_iter()
        .filter(|session| session.source == Some(source.id))
        .filter(|session| person.is_none_or(|person| person == session.user))
        .map(|session| (session.user, session.id))
        .collect())
}

async fn refuse(
    app: &App,
    source: &Source,
    address: &str,
    why: &str,
) -> Result<usize, LogoutError> {
    let entry = Entry::new(EventAction::SignOut, Outcome::Refused)
        .address(address)
        .on("source", source.id, &source.slug)
        .detail(why);
    app.table().events().append(&entry.event(app)).await?;
    Err(LogoutError::Invalid)
}
