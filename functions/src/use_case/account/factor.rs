//! The caller's second factors: listing, naming, removing, recovery codes.

use causeway_model::id::{FactorId, UserId};
use causeway_model::names::check_name;
use causeway_model::object::{EventAction, Factor, FactorKind, Outcome, User};
use causeway_table::{FactorChanges, StoredFactor, TableError, WriteError};
use serde::Serialize;

use super::{Confirmed, NotConfirmed};
use crate::access::{Admin, Caller};
use crate::app::App;
use crate::problem::FieldError;
use crate::use_case::event::Entry;
use crate::use_case::second_factor::{
    self, Enrolled, FactorError, RecoverySecret, draw_recovery_codes,
};
use crate::use_case::token::TokenError;

/// Why an account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The caller must confirm first.
    #[error(transparent)]
    NotConfirmed(#[from] NotConfirmed),
    /// There is no such factor, or it is another user's.
    #[error("there is no such factor")]
    NotFound,
    /// The enrolment took too long or is another sign-in's.
    #[error("the enrolment is over")]
    EnrolmentGone,
    /// The passkey or security key is enrolled already.
    #[error("the passkey is known already")]
    PasskeyKnown,
    /// Recovery codes without anything to recover.
    #[error("there is no second factor to recover")]
    NothingToRecover,
    /// Fields are wrong.
    #[error("fields are wrong")]
    Fields(Vec<FieldError>),
    /// A code or an answer is wrong, or could not be checked.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the account could not be changed")]
    Table(#[from] TableError),
}

impl From<TokenError> for AccountError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Fields(errors) => Self::Fields(errors),
            TokenError::Write(error) => Self::Write(error),
            TokenError::Table(error) => Self::Table(error),
        }
    }
}

/// A factor as its user sees it.
#[derive(Debug, Clone)]
pub struct FactorView {
    /// The factor.
    pub factor: Factor,
    /// Recovery codes that are left.
    pub remaining: Option<usize>,
}

/// A factor that was added.
#[derive(Debug, Clone)]
pub struct AddedFactor {
    /// The factor.
    pub factor: Factor,
    /// With the first one: codes for when it is lost, shown this once.
    pub recovery_codes: Option<Vec<String>>,
}

/// The caller's factors, the oldest first.
///
/// # Errors
/// [`AccountError`].
pub async fn factors(app: &App, caller: &Caller) -> Result<Vec<FactorView>, AccountError> {
    let stored = app.table().factors().of_user(caller.user().id).await?;
    let mut views = Vec::with_capacity(stored.len());
    for stored in stored {
        let remaining = match stored.factor.kind {
            FactorKind::RecoveryCodes => {
                let secret: RecoverySecret = second_factor::open(app, &stored)
                    .await
                    .map_err(FactorError::from)?;
                Some(secret.count())
            }
            FactorKind::Totp | FactorKind::Webauthn => None,
        };
        views.push(FactorView {
            factor: stored.factor,
            remaining,
        });
    }
    Ok(views)
}

/// Gives a factor another name.
///
/// # Errors
/// [`AccountError`].
pub async fn rename(
    app: &App,
    caller: &Caller,
    id: FactorId,
    name: &str,
) -> Result<Factor, AccountError> {
    check_factor_name(name)?;
    let stored = app.table().factors().of_user(caller.user().id).await?;
    let mut after = find(stored, id)?;
    let before = after.version;
    name.clone_into(&mut after.factor.name);
    after.version += 1;
    if !app.table().factors().update(before, &after).await? {
        return Err(AccountError::NotFound);
    }
    note(
        app,
        caller,
        &format!("{}_renamed", after.factor.kind.as_str()),
    )
    .await?;
    Ok(after.factor)
}

/// Removes a factor. With the last authenticator app or passkey the recovery
/// codes go too: there is nothing left to recover.
///
/// # Errors
/// [`AccountError`].
pub async fn remove(app: &App, caller: &Caller, id: FactorId) -> Result<(), AccountError> {
    Confirmed::of(caller, app.now())?;
    let user = caller.user();
    let table = app.table().factors();
    let mut stored = table.of_user(user.id).await?;
    let gone = find(stored.clone(), id)?.factor;
    let mut changes = FactorChanges::of(user.id).remove(id);
    stored.retain(|other| other.factor.id != id);
    if !Enrolled::of(&stored).is_asked_for() {
        changes = without_codes(changes, &stored);
    }
    table.write(&changes).await?;
    note(app, caller, &format!("{}_removed", gone.kind.as_str())).await?;
    Ok(())
}

/// Takes all second factors from a user who lost them; whether there were any.
///
/// # Errors
/// [`AccountError::NotFound`] when there is no such user.
pub async fn remove_all(app: &App, admin: &Admin, id: UserId) -> Result<bool, AccountError> {
    let user = app.table().users().by_id(id).await?;
    let user = user.ok_or(AccountError::NotFound)?;
    let removed = app.table().factors().delete_all(id).await?;
    if removed {
        let entry = Entry::of_admin(admin, EventAction::SecondFactor)
            .on("user", id, &user.username)
            .detail("all_removed");
        app.table().events().append(&entry.event(app)).await?;
    }
    Ok(removed)
}

/// Draws new recovery codes; those from before are good no more.
///
/// # Errors
/// [`AccountError`].
pub async fn new_recovery_codes(app: &App, caller: &Caller) -> Result<Vec<String>, AccountError> {
    Confirmed::of(caller, app.now())?;
    let stored = app.table().factors().of_user(caller.user().id).await?;
    if !Enrolled::of(&stored).is_asked_for() {
        return Err(AccountError::NothingToRecover);
    }
    let changes = FactorChanges::of(caller.user().id);
    let changes = without_codes(changes, &stored);
    let (changes, codes) = with_codes(app, caller.user(), changes).await?;
    app.table().factors().write(&changes).await?;
    note(app, caller, "recovery_codes_made").await?;
    Ok(codes)
}

/// Writes `changes`, which add a factor to `others`. With the first that a
/// sign-in asks for come recovery codes, in the same write.
pub(super) async fn write_with_codes(
    app: &App,
    caller: &Caller,
    changes: FactorChanges,
    others: &[StoredFactor],
) -> Result<Option<Vec<String>>, AccountError> {
    let enrolled = Enrolled::of(others);
    let (changes, codes) = if enrolled.is_asked_for() || enrolled.recovery_codes {
        (changes, None)
    } else {
        let (changes, codes) = with_codes(app, caller.user(), changes).await?;
        (changes, Some(codes))
    };
    app.table().factors().write(&changes).await?;
    Ok(codes)
}

/// A new factor, as it is kept.
pub(super) async fn made<T: Serialize>(
    app: &App,
    user: &User,
    kind: FactorKind,
    name: &str,
    secret: &T,
) -> Result<StoredFactor, FactorError> {
    let id = FactorId::new(app.new_id());
    Ok(StoredFactor {
        factor: Factor {
            id,
            user: user.id,
            kind,
            name: name.to_owned(),
            created_at: app.now(),
            last_used_at: None,
            confirmed: kind != FactorKind::Totp,
        },
        secret: second_factor::seal(app, id, secret).await?,
        version: 1,
    })
}

/// Notes what happened to a factor of the caller.
pub(super) async fn note(app: &App, caller: &Caller, what: &str) -> Result<(), TableError> {
    let user = caller.user();
    let entry = Entry::new(EventAction::SecondFactor, Outcome::Success)
        .by(&user.username)
        .address(caller.address())
        .on("user", user.id, &user.username)
        .detail(what);
    app.table().events().append(&entry.event(app)).await
}

/// What a factor may be called.
pub(super) fn check_factor_name(name: &str) -> Result<(), AccountError> {
    check_name(name).map_err(|error| {
        let error = FieldError::new("name", "invalid_name", error.to_string());
        AccountError::Fields(vec![error])
    })
}

/// Finds one of a user's factors.
pub(super) fn find(stored: Vec<StoredFactor>, id: FactorId) -> Result<StoredFactor, AccountError> {
    let mut stored = stored.into_iter();
    stored
        .find(|stored| stored.factor.id == id)
        .ok_or(AccountError::NotFound)
}

/// Draws recovery codes, and adds them to `changes`.
async fn with_codes(
    app: &App,
    user: &User,
    changes: FactorChanges,
) -> Result<(FactorChanges, Vec<String>), AccountError> {
    let (codes, secret) = draw_recovery_codes(app);
    let name = "Recovery codes";
    let made = made(app, user, FactorKind::RecoveryCodes, name, &secret).await?;
    Ok((changes.create(made), codes))
}

/// Removes the recovery codes that there are, too.
fn without_codes(changes: FactorChanges, stored: &[StoredFactor]) -> FactorChanges {
    stored
        .iter()
        .filter(|stored| stored.factor.kind == FactorKind::RecoveryCodes)
        .fold(changes, |changes, codes| changes.remove(codes.factor.id))
}
