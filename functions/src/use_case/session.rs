//! Sign-in sessions: beginning one, ending it, and what its user proved in it.

use causeway_model::id::{SessionId, SourceId, UserId};
use causeway_model::object::{
    AuthenticationMethod, Connection, ConnectionState, EndReason, EventAction, Outcome, Session,
    User,
};
use causeway_table::{Credential as CredentialKey, StoredSession, TableError, WriteError};

use super::connection::{self, EndError};
use super::event::Entry;
use super::object::{Filter, ListError, Page};
use super::source_sign_in;
use super::user;
use crate::access::{Admin, Caller, Proof, Reader};
use crate::app::App;
use crate::credential::Credential;

/// Longest description of a browser that is kept, in characters.
const USER_AGENT_CHARS_MAX: usize = 200;

/// A password as typed; not shown by `Debug`, wiped when dropped.
pub type Password = causeway_model::secret::Secret;

/// Where somebody signs in from.
#[derive(Debug, Clone, Default)]
pub struct Browser {
    /// Its address; empty when unknown.
    pub address: String,
    /// Its own description.
    pub user_agent: String,
}

/// A fresh sign-in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The session.
    pub session: Session,
    /// What the browser keeps.
    pub credential: Credential,
}

/// What a session begins with.
pub(crate) struct Opening<'a> {
    pub(crate) user: User,
    pub(crate) methods: Vec<AuthenticationMethod>,
    pub(crate) browser: &'a Browser,
    /// The source that they came from, and its own name of the sign-in.
    pub(crate) source: Option<(SourceId, Option<String>)>,
}

/// Begins a session; always a new one, whatever the browser had before.
///
/// # Errors
/// [`WriteError`], of which one is that the user is gone.
pub(crate) async fn open(app: &App, opening: Opening<'_>) -> Result<SignedIn, WriteError> {
    let Opening { user, browser, .. } = opening;
    let now = app.now();
    let id = SessionId::new(app.new_id());
    let (source, sid) = opening.source.unzip();
    let session = Session {
        id,
        user: user.id,
        created_at: now,
        expires_at: now.saturating_add(app.config().session_life).unwrap_or(now),
        address: browser.address.clone(),
        user_agent: browser
            .user_agent
            .chars()
            .take(USER_AGENT_CHARS_MAX)
            .collect(),
        methods: opening.methods,
        confirmed_at: Some(now),
        source,
    };
    let credential = Credential::draw(user.id, CredentialKey::Session(id), app.randomness());
    let stored = StoredSession {
        session: session.clone(),
        secret: credential.secret_hash(),
        source_session: source.zip(sid.flatten()),
    };
    app.table().sessions().create(&stored).await?;
    let methods: Vec<_> = session.methods.iter().map(|way| way.as_str()).collect();
    let entry = Entry::new(EventAction::SignIn, Outcome::Success)
        .by(&user.username)
        .address(&browser.address)
        .on("user", user.id, &user.username)
        .detail(&methods.join(" "));
    app.table().events().append(&entry.event(app)).await?;
    app.metrics().sign_ins.add_one();
    Ok(SignedIn {
        user,
        session,
        credential,
    })
}

/// Notes in the caller's session that they proved just now who they are. A
/// program's token proves nothing more.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn confirm(
    app: &App,
    caller: &Caller,
    method: AuthenticationMethod,
) -> Result<(), TableError> {
    if let Proof::Session(session) = caller.proof() {
        let sessions = app.table().sessions();
        sessions
            .touch(session.user, session.id, &[method], app.now())
            .await?;
    }
    Ok(())
}

/// Ends the caller's own session and the connections that live in it. Says
/// where the browser goes to end the sign-in at the source that it came from.
///
/// # Errors
/// [`EndError`].
pub async fn sign_out(app: &App, caller: &Caller) -> Result<Option<String>, EndError> {
    let user = caller.user();
    end_credential(app, user.id, caller.key()).await?;
    let entry = Entry::new(EventAction::SignOut, Outcome::Success)
        .by(&user.username)
        .address(caller.address())
        .on("user", user.id, &user.username);
    app.table().events().append(&entry.event(app)).await?;
    Ok(match caller.proof() {
        Proof::Session(session) => source_sign_in::end_session_url(app, session).await,
        Proof::Token(_) => None,
    })
}

/// Ends a session or a token first, so that nothing new is launched in it, then
/// what already lives in it. Says whether it was there.
///
/// # Errors
/// [`EndError`].
pub(crate) async fn end_credential(
    app: &App,
    user: UserId,
    key: CredentialKey,
) -> Result<bool, EndError> {
    let (session, was_there) = match key {
        CredentialKey::Session(id) => (id, app.table().sessions().delete(user, id).await?),
        CredentialKey::Token(id) => (
            SessionId::new(id.uuid()),
            app.table().tokens().delete(user, id).await?,
        ),
    };
    let lives_in_it = |connection: &Connection| {
        connection.session == session && connection.state != ConnectionState::Ended
    };
    connection::end_of_user(app, user, EndReason::SignedOut, lives_in_it).await?;
    Ok(was_there)
}

/// A page of sign-in sessions of all users.
///
/// # Errors
/// [`ListError`].
pub async fn list(
    app: &App,
    _reader: &Reader,
    filter: &Filter,
) -> Result<Page<Session>, ListError> {
    if let Some(reference) = &filter.of {
        let now = app.now();
        let items = match user::resolve(app, reference).await? {
            Some(user) => app.table().sessions().of_user(user.id).await?,
            None => Vec::new(),
        };
        let live = items.into_iter().filter(|session| session.expires_at > now);
        return Ok(Page {
            items: live.collect(),
            next: None,
        });
    }
    let cursor = filter.cursor.as_deref().map(str::parse).transpose();
    let cursor = cursor.map_err(|_| ListError::Cursor)?;
    let read = app
        .table()
        .sessions()
        .list(cursor.as_ref(), filter.limit)
        .await?;
    let now = app.now();
    Ok(Page {
        items: read
            .items
            .into_iter()
            .filter(|session| session.expires_at > now)
            .collect(),
        next: read.next.map(|cursor| cursor.to_string()),
    })
}

/// Anybody's session, unless it is over.
///
/// # Errors
/// [`TableError`].
pub async fn find(
    app: &App,
    _reader: &Reader,
    id: SessionId,
) -> Result<Option<Session>, TableError> {
    let found = app.table().sessions().by_id(id).await?;
    Ok(found.filter(|session| session.expires_at > app.now()))
}

/// Ends anybody's session and the connections that live in it.
///
/// # Errors
/// [`EndError`].
pub async fn end(app: &App, admin: &Admin, id: SessionId) -> Result<(), EndError> {
    let session = app
        .table()
        .sessions()
        .by_id(id)
        .await?
        .ok_or(EndError::NotFound)?;
    end_credential(app, session.user, CredentialKey::Session(id)).await?;
    let entry = Entry::of_admin(admin, EventAction::SignOut).on("session", id, "");
    app.table().events().append(&entry.event(app)).await?;
    Ok(())
}
