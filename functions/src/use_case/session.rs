//! Signing in and out.
//!
//! A wrong name and a wrong password cannot be told apart, by answer or by
//! time. Failures are counted by username and by address; what is counted is
//! read while the place for the password check is held, so a burst of guesses
//! overshoots a limit by no more than the checks that run at once.

use std::time::Duration;

use causeway_model::id::{SessionId, UserId};
use causeway_model::names::{USERNAME_CHARS_MAX, fold_username};
use causeway_model::object::{
    AuthenticationMethod, Connection, ConnectionState, EndReason, EventAction, Outcome, Session,
    User,
};
use causeway_table::{
    Credential as CredentialKey, RateDecision, RateLimit, StoredSession, TableError,
};
use uuid::Uuid;

use super::connection::{self, EndError};
use super::event::Entry;
use super::object::{Filter, ListError, Page};
use crate::access::{Admin, Caller, Reader};
use crate::app::App;
use crate::credential::Credential;
use crate::password::{PASSWORD_LENGTH_MAX, PasswordError, Place};

/// Longest description of a browser that is kept, in characters.
const USER_AGENT_CHARS_MAX: usize = 200;

/// Who wants to sign in, and from where.
#[derive(Debug)]
pub struct SignIn {
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: Password,
    /// Address of the browser; empty when unknown.
    pub address: String,
    /// The browser's own description.
    pub user_agent: String,
}

/// A password as typed; not shown by `Debug`, wiped when dropped.
pub type Password = causeway_model::secret::Secret;

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

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name or the password is wrong, or the user is not active.
    #[error("the username or the password is wrong")]
    CredentialsWrong,
    /// Too many failures before this one.
    #[error("too many failed attempts")]
    TooManyAttempts {
        /// When the next attempt is heard.
        retry_after: Duration,
    },
    /// Too many people sign in at this moment.
    #[error("too many sign-ins at once")]
    Busy,
    /// The table did not answer.
    #[error("the sign-in could not be checked or kept")]
    Table(#[from] TableError),
    /// Writing the session failed.
    #[error("the session could not be kept")]
    Write(#[from] causeway_table::WriteError),
}

impl From<PasswordError> for SignInError {
    fn from(_: PasswordError) -> Self {
        Self::Busy
    }
}

/// Signs a user in.
///
/// # Errors
/// [`SignInError`].
pub async fn sign_in(app: &App, attempt: SignIn) -> Result<SignedIn, SignInError> {
    let place = app.passwords().place().await?;
    let limits = Limits::of(app, &attempt);
    limits
        .check(app)
        .await
        .inspect_err(|_| app.metrics().sign_ins_limited.add_one())?;
    let Some(user) = verified(app, place, &attempt).await? else {
        app.metrics().sign_ins_refused.add_one();
        limits.count(app).await?;
        let entry = Entry::new(EventAction::SignIn, Outcome::Refused).address(&attempt.address);
        app.table()
            .events()
            .append(&entry.detail("credentials_wrong").event(app))
            .await?;
        return Err(SignInError::CredentialsWrong);
    };
    let signed_in = open_session(app, user, &attempt).await?;
    app.metrics().sign_ins.add_one();
    Ok(signed_in)
}

/// The user, if the password is theirs and they may sign in.
async fn verified(app: &App, place: Place, attempt: &SignIn) -> Result<Option<User>, SignInError> {
    let plausible = attempt.password.expose().len() <= PASSWORD_LENGTH_MAX
        && (1..=USERNAME_CHARS_MAX).contains(&attempt.username.chars().count());
    let found = if plausible {
        app.table().users().for_sign_in(&attempt.username).await?
    } else {
        None
    };
    let (user, hash) = match found {
        Some((user, hash)) => (Some(user), hash),
        None => {
            // As many trips for a name that does not exist as for one that does.
            app.table().users().by_id(UserId::new(Uuid::nil())).await?;
            (None, None)
        }
    };
    let hash = hash.map(|hash| hash.expose().to_owned());
    let typed = if plausible {
        attempt.password.clone()
    } else {
        Password::from("")
    };
    let is_right = app.passwords().verify(place, typed, hash).await;
    Ok(user.filter(|user| is_right && user.active))
}

async fn open_session(app: &App, user: User, attempt: &SignIn) -> Result<SignedIn, SignInError> {
    let now = app.now();
    let id = SessionId::new(app.new_id());
    let session = Session {
        id,
        user: user.id,
        created_at: now,
        expires_at: now.saturating_add(app.config().session_life).unwrap_or(now),
        address: attempt.address.clone(),
        user_agent: attempt
            .user_agent
            .chars()
            .take(USER_AGENT_CHARS_MAX)
            .collect(),
        methods: vec![AuthenticationMethod::Password],
        confirmed_at: Some(now),
        source: None,
    };
    let credential = Credential::draw(user.id, CredentialKey::Session(id), app.randomness());
    let stored = StoredSession {
        session: session.clone(),
        secret: credential.secret_hash(),
        source_session: None,
    };
    app.table().sessions().create(&stored).await?;
    let entry = Entry::new(EventAction::SignIn, Outcome::Success)
        .by(&user.username)
        .address(&attempt.address)
        .on("user", user.id, &user.username);
    app.table().events().append(&entry.event(app)).await?;
    Ok(SignedIn {
        user,
        session,
        credential,
    })
}

/// Ends the caller's own session and the connections that live in it.
///
/// # Errors
/// [`EndError`].
pub async fn sign_out(app: &App, caller: &Caller) -> Result<(), EndError> {
    let user = caller.user();
    end_credential(app, user.id, caller.key()).await?;
    let entry = Entry::new(EventAction::SignOut, Outcome::Success)
        .by(&user.username)
        .address(caller.address())
        .on("user", user.id, &user.username);
    app.table().events().append(&entry.event(app)).await?;
    Ok(())
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

/// The counters that one attempt falls under.
struct Limits([(RateLimit<'static>, String); 2]);

impl Limits {
    fn of(app: &App, attempt: &SignIn) -> Self {
        let limits = app.config().sign_in;
        let limit = |what, limit| RateLimit {
            what,
            limit,
            window: limits.window,
        };
        Self([
            (
                limit("sign-in-user", limits.by_username),
                fold_username(&attempt.username),
            ),
            (
                limit("sign-in-address", limits.by_address),
                attempt.address.clone(),
            ),
        ])
    }

    async fn check(&self, app: &App) -> Result<(), SignInError> {
        for (limit, who) in &self.0 {
            let decision = app
                .table()
                .rate_limits()
                .peek(*limit, who, app.now())
                .await?;
            if let RateDecision::Limited { retry_after } = decision {
                let retry_after = Duration::try_from(retry_after).unwrap_or_default();
                return Err(SignInError::TooManyAttempts { retry_after });
            }
        }
        Ok(())
    }

    async fn count(&self, app: &App) -> Result<(), TableError> {
        for (limit, who) in &self.0 {
            app.table()
                .rate_limits()
                .take(*limit, who, app.now())
                .await?;
        }
        Ok(())
    }
}
