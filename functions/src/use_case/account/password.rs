//! The caller's own password.

use causeway_model::id::UserId;
use causeway_model::object::{EventAction, Outcome};
use causeway_table::{Batch, PasswordHash, TableError, WriteError};

use super::{Confirmed, NotConfirmed, sign_ins};
use crate::access::Caller;
use crate::app::App;
use crate::password::PASSWORD_LENGTH_MAX;
use crate::problem::FieldError;
use crate::use_case::attempts::Guesses;
use crate::use_case::connection::EndError;
use crate::use_case::event::Entry;
use crate::use_case::second_factor::FactorError;
use crate::use_case::session::Password;

/// Fewest characters of a password that somebody gives themselves (NIST SP
/// 800-63B, section 3.1.1.2).
const PASSWORD_CHARS_MIN: usize = 8;

/// Why a password was not changed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordChangeError {
    /// The caller must confirm first.
    #[error(transparent)]
    NotConfirmed(#[from] NotConfirmed),
    /// The current password is wrong, or could not be checked.
    #[error(transparent)]
    Current(#[from] FactorError),
    /// The new one cannot be used.
    #[error("the new password cannot be used")]
    New(FieldError),
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the password could not be kept")]
    Table(#[from] TableError),
}

/// Whether the user has a password here; one who comes from a source has none.
///
/// # Errors
/// [`TableError`].
pub async fn has_password(app: &App, user: UserId) -> Result<bool, TableError> {
    Ok(hash_of(app, user).await?.is_some())
}

/// Checks the caller's own password, under the limits of signing in.
///
/// # Errors
/// [`FactorError`].
pub(crate) async fn verify(app: &App, caller: &Caller, typed: Password) -> Result<(), FactorError> {
    let user = caller.user();
    let place = app.passwords().place().await?;
    let guesses = Guesses::of(app, &user.username, caller.address());
    guesses.check(app).await?;
    let hash = hash_of(app, user.id).await?;
    let hash = hash.ok_or(FactorError::NotEnrolled)?;
    let typed = if typed.expose().len() <= PASSWORD_LENGTH_MAX {
        typed
    } else {
        Password::from("")
    };
    let hash = Some(hash.expose().to_owned());
    if app.passwords().verify(place, typed, hash).await {
        return Ok(());
    }
    guesses.count(app).await?;
    let entry = Entry::new(EventAction::SecondFactor, Outcome::Refused)
        .by(&user.username)
        .address(caller.address())
        .on("user", user.id, &user.username)
        .detail("password_wrong");
    app.table().events().append(&entry.event(app)).await?;
    Err(FactorError::Wrong)
}

/// Changes the caller's own password and ends their other sign-ins.
///
/// # Errors
/// [`PasswordChangeError`].
pub async fn change(
    app: &App,
    caller: &Caller,
    current: Password,
    new: Password,
) -> Result<(), PasswordChangeError> {
    let confirmed = Confirmed::of(caller, app.now())?;
    let user = caller.user();
    check_new(&new, &current, &user.username).map_err(PasswordChangeError::New)?;
    verify(app, caller, current).await?;
    let hash = app.passwords().hash(new, app.randomness()).await;
    let hash = hash.map_err(FactorError::from)?;
    app.table()
        .users()
        .set_password(user.id, &PasswordHash::new(hash))
        .await?;
    let entry = Entry::new(EventAction::PasswordChanged, Outcome::Success)
        .by(&user.username)
        .address(caller.address())
        .on("user", user.id, &user.username);
    app.table().events().append(&entry.event(app)).await?;
    match sign_ins::end_all_but(app, user, Some(confirmed.session.id)).await {
        Ok(_) => Ok(()),
        Err(EndError::Table(error)) => Err(error.into()),
        Err(EndError::NotFound | EndError::NotAllowed) => Ok(()),
    }
}

fn check_new(new: &Password, current: &Password, username: &str) -> Result<(), FieldError> {
    let text = new.expose();
    let wrong = |code: &str, message: String| Err(FieldError::new("new", code, message));
    if text.len() > PASSWORD_LENGTH_MAX {
        return wrong(
            "too_long",
            format!("has more than {PASSWORD_LENGTH_MAX} bytes"),
        );
    }
    if text.chars().count() < PASSWORD_CHARS_MIN {
        return wrong(
            "too_short",
            format!("must have at least {PASSWORD_CHARS_MIN} characters"),
        );
    }
    if text.to_lowercase().contains(&username.to_lowercase()) {
        return wrong("invalid_password", "must not hold your username".to_owned());
    }
    if text == current.expose() {
        return wrong("unchanged", "is the one that you have".to_owned());
    }
    Ok(())
}

async fn hash_of(app: &App, user: UserId) -> Result<Option<PasswordHash>, TableError> {
    let mut batch = Batch::new();
    let slot = batch.password_hash(user);
    app.table().read(batch).await?.take(slot)
}
