//! The caller's own sign-ins.

use causeway_model::id::SessionId;
use causeway_model::object::{EventAction, Outcome, Session, User};
use causeway_table::{Credential as CredentialKey, TableError};

use crate::access::Caller;
use crate::app::App;
use crate::use_case::connection::EndError;
use crate::use_case::event::Entry;
use crate::use_case::session;

/// A sign-in as its user sees it.
#[derive(Debug, Clone)]
pub struct SignInView {
    /// The session.
    pub session: Session,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// The caller's live sign-ins, the newest first.
///
/// # Errors
/// [`TableError`].
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<SignInView>, TableError> {
    let now = app.now();
    let mut sessions = app.table().sessions().of_user(caller.user().id).await?;
    sessions.retain(|session| session.expires_at > now);
    sessions.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
    let current = caller.session();
    Ok(sessions
        .into_iter()
        .map(|session| SignInView {
            current: session.id == current,
            session,
        })
        .collect())
}

/// Ends one of the caller's sign-ins and the connections that live in it.
///
/// # Errors
/// [`EndError`].
pub async fn end(app: &App, caller: &Caller, id: SessionId) -> Result<(), EndError> {
    let user = caller.user();
    if !session::end_credential(app, user.id, CredentialKey::Session(id)).await? {
        return Err(EndError::NotFound);
    }
    note(app, caller, id).await?;
    Ok(())
}

/// Ends all of the caller's sign-ins but the one that asks.
///
/// # Errors
/// [`EndError`].
pub async fn end_others(app: &App, caller: &Caller) -> Result<(), EndError> {
    for id in end_all_but(app, caller.user(), Some(caller.session())).await? {
        note(app, caller, id).await?;
    }
    Ok(())
}

/// Ends the sign-ins of a user, all or all but one; which they were.
pub(super) async fn end_all_but(
    app: &App,
    user: &User,
    kept: Option<SessionId>,
) -> Result<Vec<SessionId>, EndError> {
    let mut ended = Vec::new();
    for session in app.table().sessions().of_user(user.id).await? {
        if Some(session.id) != kept {
            let key = CredentialKey::Session(session.id);
            session::end_credential(app, user.id, key).await?;
            ended.push(session.id);
        }
    }
    Ok(ended)
}

async fn note(app: &App, caller: &Caller, id: SessionId) -> Result<(), TableError> {
    let entry = Entry::new(EventAction::SignOut, Outcome::Success)
        .by(&caller.user().username)
        .address(caller.address())
        .on("session", id, "");
    app.table().events().append(&entry.event(app)).await
}
