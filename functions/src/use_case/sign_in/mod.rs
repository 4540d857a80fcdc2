//! Signing in with a local account: a password and, where the user has one, a
//! second factor; or a passkey alone.
//!
//! A wrong name and a wrong password cannot be told apart, by answer or by
//! time. After the right password of a user with a second factor nobody is
//! signed in yet: what is left to do is kept for five minutes under an
//! unguessable id, and forgets itself after a few wrong answers.

mod half_done;
mod passkey;

pub use half_done::{Given, SecondFactorNeeded, SecondStep, finish};
pub use passkey::{PasskeyQuestion, begin as begin_passkey, finish as finish_passkey};

use std::time::Duration;

use causeway_model::id::UserId;
use causeway_model::names::USERNAME_CHARS_MAX;
use causeway_model::object::{AuthenticationMethod, EventAction, Outcome, User};
use causeway_table::{TableError, WriteError};
use uuid::Uuid;

use super::attempts::{AttemptError, Guesses};
use super::event::Entry;
use super::kept::KeepError;
use super::second_factor::{Enrolled, FactorError};
use super::session::{self, Browser, Opening, Password, SignedIn};
use crate::app::App;
use crate::password::{PASSWORD_LENGTH_MAX, PasswordError, Place};
use crate::problem::Chain;

/// Who wants to sign in, and from where.
#[derive(Debug)]
pub struct SignIn {
    /// As typed.
    pub username: String,
    /// As typed.
    pub password: Password,
    /// Where from.
    pub browser: Browser,
}

/// What the right password leads to.
#[derive(Debug)]
pub enum Step {
    /// Signed in.
    Done(Box<SignedIn>),
    /// A second factor is asked for.
    SecondFactor(SecondFactorNeeded),
}

/// Why a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The name or the password is wrong, or the user is not active.
    #[error("the username or the password is wrong")]
    CredentialsWrong,
    /// The second factor is wrong.
    #[error("the answer is wrong")]
    FactorWrong,
    /// The sign-in took too long, or had too many wrong answers.
    #[error("the sign-in is over")]
    Gone,
    /// The passkey belongs to nobody here, or its answer is wrong.
    #[error("the passkey is not known or its answer is wrong")]
    PasskeyRefused,
    /// The portal is reached by its address only.
    #[error("passkeys need a host name")]
    NoDomain,
    /// Too many failures before this one.
    #[error("too many failed attempts")]
    TooManyAttempts {
        /// When the next attempt is heard.
        retry_after: Duration,
    },
    /// Too many people sign in at this moment.
    #[error("too many sign-ins at once")]
    Busy,
    /// Something of ours is broken.
    #[error("what is kept of the sign-in cannot be used")]
    Broken(#[source] Box<FactorError>),
    /// The table did not answer.
    #[error("the sign-in could not be checked or kept")]
    Table(#[from] TableError),
    /// Writing the session failed.
    #[error("the session could not be kept")]
    Write(#[from] WriteError),
}

impl From<PasswordError> for SignInError {
    fn from(_: PasswordError) -> Self {
        Self::Busy
    }
}

impl From<AttemptError> for SignInError {
    fn from(error: AttemptError) -> Self {
        FactorError::from(error).into()
    }
}

impl From<KeepError> for SignInError {
    fn from(error: KeepError) -> Self {
        FactorError::from(error).into()
    }
}

impl From<FactorError> for SignInError {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::Wrong | FactorError::NotEnrolled => Self::FactorWrong,
            FactorError::TooManyAttempts { retry_after } => Self::TooManyAttempts { retry_after },
            FactorError::NoDomain => Self::NoDomain,
            FactorError::Busy => Self::Busy,
            FactorError::Write(error) => Self::Write(error),
            FactorError::Table(error) => Self::Table(error),
            broken @ FactorError::Seal(_) => Self::Broken(Box::new(broken)),
        }
    }
}

/// Takes name and password.
///
/// # Errors
/// [`SignInError`].
pub async fn begin(app: &App, attempt: SignIn) -> Result<Step, SignInError> {
    let place = app.passwords().place().await?;
    let guesses = Guesses::of(app, &attempt.username, &attempt.browser.address);
    guesses
        .check(app)
        .await
        .inspect_err(|_| app.metrics().sign_ins_limited.add_one())?;
    let Some(user) = verified(app, place, &attempt).await? else {
        guesses.count(app).await?;
        refused(app, None, &attempt.browser, "credentials_wrong").await?;
        return Err(SignInError::CredentialsWrong);
    };
    let factors = app.table().factors().of_user(user.id).await?;
    if Enrolled::of(&factors).is_asked_for() {
        let needed = half_done::ask(app, &user, &factors).await?;
        return Ok(Step::SecondFactor(needed));
    }
    let opening = Opening {
        user,
        methods: vec![AuthenticationMethod::Password],
        browser: &attempt.browser,
        source: None,
    };
    Ok(Step::Done(Box::new(session::open(app, opening).await?)))
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

/// Notes a sign-in that failed. A name that was typed is not repeated: people
/// type passwords there.
async fn refused(
    app: &App,
    user: Option<&User>,
    browser: &Browser,
    why: &str,
) -> Result<(), TableError> {
    app.metrics().sign_ins_refused.add_one();
    let mut entry = Entry::new(EventAction::SignIn, Outcome::Refused)
        .address(&browser.address)
        .detail(why);
    if let Some(user) = user {
        entry = entry.by(&user.username).on("user", user.id, &user.username);
    }
    app.table().events().append(&entry.event(app)).await
}

/// Logs why a factor could not be offered; the others still can.
fn not_offered(error: &FactorError) {
    if !matches!(error, FactorError::NotEnrolled | FactorError::NoDomain) {
        tracing::warn!(error = %Chain(error), "a passkey is not offered at sign-in");
    }
}
