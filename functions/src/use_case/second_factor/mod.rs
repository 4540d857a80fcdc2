//! Second factors at work: proving who one is with a code or a passkey, at
//! sign-in, to confirm, or as a stage of a flow. Adding and removing them is
//! [`super::account`]'s.
//!
//! Each use is written conditionally on the factor's version, so that of any
//! number of requests with the same code one passes.

mod recovery;
mod secret;
mod totp;
mod webauthn;

pub(crate) use recovery::{RecoverySecret, draw as draw_recovery_codes};
pub(crate) use secret::{open, seal};
pub(crate) use totp::TotpSecret;
pub(crate) use webauthn::{Challenge, Party, PasskeySecret, accept as accept_passkey, descriptor};

use std::time::Duration;

use causeway_model::id::UserId;
use causeway_model::object::{AuthenticationMethod, EventAction, FactorKind, Outcome, User};
use causeway_table::{StoredFactor, TableError, WriteError};
use serde_json::Value;

use super::attempts::AttemptError;
use super::event::Entry;
use super::kept::KeepError;
use crate::app::App;
use crate::password::PasswordError;
use crate::sealing::SealingError;

/// Why somebody did not prove who they are.
#[derive(Debug, thiserror::Error)]
pub enum FactorError {
    /// The password, the code or the passkey's answer is wrong.
    #[error("the answer is wrong")]
    Wrong,
    /// The user has no such factor.
    #[error("the user has no such factor")]
    NotEnrolled,
    /// Too many attempts before this one.
    #[error("too many attempts")]
    TooManyAttempts {
        /// When the next one is heard.
        retry_after: Duration,
    },
    /// The portal is reached by its address only, to which no passkey can be
    /// bound.
    #[error("passkeys need a host name")]
    NoDomain,
    /// Too many passwords are being checked.
    #[error("too many passwords are being checked")]
    Busy,
    /// A kept secret does not open.
    #[error("a factor's secret cannot be sealed or opened")]
    Seal(#[from] SealingError),
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the factor could not be read or kept")]
    Table(#[from] TableError),
}

impl From<AttemptError> for FactorError {
    fn from(error: AttemptError) -> Self {
        match error {
            AttemptError::TooMany { retry_after } => Self::TooManyAttempts { retry_after },
            AttemptError::Table(error) => Self::Table(error),
        }
    }
}

impl From<KeepError> for FactorError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Table(error) => Self::Table(error),
            KeepError::Seal(error) => Self::Seal(error),
        }
    }
}

impl From<PasswordError> for FactorError {
    fn from(_: PasswordError) -> Self {
        Self::Busy
    }
}

/// What a user could answer with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Enrolled {
    /// A code of an authenticator app.
    pub(crate) totp: bool,
    /// A passkey or security key.
    pub(crate) webauthn: bool,
    /// A recovery code.
    pub(crate) recovery_codes: bool,
}

impl Enrolled {
    /// Of these factors; one that was not confirmed is good for nothing.
    pub(crate) fn of(factors: &[StoredFactor]) -> Self {
        let has = |kind| confirmed(factors, kind).next().is_some();
        Self {
            totp: has(FactorKind::Totp),
            webauthn: has(FactorKind::Webauthn),
            recovery_codes: has(FactorKind::RecoveryCodes),
        }
    }

    /// Whether a sign-in asks for one of them.
    pub(crate) const fn is_asked_for(self) -> bool {
        self.totp || self.webauthn
    }

    /// The methods, the best first.
    pub(crate) fn methods(self) -> Vec<AuthenticationMethod> {
        [
            (self.webauthn, AuthenticationMethod::Webauthn),
            (self.totp, AuthenticationMethod::Totp),
            (self.recovery_codes, AuthenticationMethod::RecoveryCode),
        ]
        .into_iter()
        .filter_map(|(has, method)| has.then_some(method))
        .collect()
    }
}

/// What a user can answer with now.
///
/// # Errors
/// [`TableError`].
#[allow(dead_code, reason = "asked by the stages of flows")]
pub(crate) async fn enrolled(app: &App, user: UserId) -> Result<Enrolled, TableError> {
    Ok(Enrolled::of(&app.table().factors().of_user(user).await?))
}

/// An answer to being asked for a second factor.
#[derive(Debug)]
pub enum Answer {
    /// A code of an authenticator app.
    Totp(String),
    /// A recovery code, used up by it.
    RecoveryCode(String),
    /// A passkey's answer to this challenge.
    Webauthn {
        /// What [`challenge`] gave.
        state: String,
        /// What the browser made of it.
        credential: Value,
    },
}

impl Answer {
    /// The method that a right answer proves.
    pub(crate) const fn method(&self) -> AuthenticationMethod {
        match self {
            Self::Totp(_) => AuthenticationMethod::Totp,
            Self::RecoveryCode(_) => AuthenticationMethod::RecoveryCode,
            Self::Webauthn { .. } => AuthenticationMethod::Webauthn,
        }
    }
}

/// Makes a challenge for the user's passkeys and security keys.
///
/// # Errors
/// [`FactorError::NotEnrolled`], [`FactorError::NoDomain`], or the table's.
pub(crate) async fn challenge(app: &App, user: &User) -> Result<Challenge, FactorError> {
    let factors = app.table().factors().of_user(user.id).await?;
    webauthn::challenge(app, &factors).await
}

/// The same, with factors that were read already.
pub(crate) async fn challenge_for(
    app: &App,
    factors: &[StoredFactor],
) -> Result<Challenge, FactorError> {
    webauthn::challenge(app, factors).await
}

/// Checks a code of an authenticator app; it is good once.
///
/// # Errors
/// [`FactorError`].
pub(crate) async fn verify_totp(
    app: &App,
    user: &User,
    address: &str,
    code: &str,
) -> Result<(), FactorError> {
    verify(app, user, address, &Answer::Totp(code.to_owned())).await
}

/// Checks a passkey's answer to a challenge, whose `state` was kept where the
/// user cannot change it.
///
/// # Errors
/// [`FactorError`].
pub(crate) async fn verify_webauthn(
    app: &App,
    user: &User,
    address: &str,
    state: &str,
    credential: Value,
) -> Result<(), FactorError> {
    let state = state.to_owned();
    verify(app, user, address, &Answer::Webauthn { state, credential }).await
}

/// Checks an answer. A wrong one, and the use of a recovery code, stand in the
/// audit trail.
///
/// # Errors
/// [`FactorError`].
pub(crate) async fn verify(
    app: &App,
    user: &User,
    address: &str,
    answer: &Answer,
) -> Result<(), FactorError> {
    let checked = match answer {
        Answer::Totp(code) => totp::verify(app, user.id, code).await,
        Answer::RecoveryCode(code) => recovery::verify(app, user.id, code).await,
        Answer::Webauthn { state, credential } => {
            webauthn::verify(app, user.id, state, credential).await
        }
    };
    let outcome = match (&checked, answer) {
        (Err(FactorError::Wrong), _) => Outcome::Refused,
        (Ok(()), Answer::RecoveryCode(_)) => Outcome::Success,
        (Ok(()) | Err(_), _) => return checked,
    };
    let entry = Entry::new(EventAction::SecondFactor, outcome)
        .by(&user.username)
        .address(address)
        .on("user", user.id, &user.username)
        .detail(match (outcome, answer) {
            (Outcome::Success, _) => "recovery_code_used",
            (_, Answer::Totp(_)) => "totp_wrong",
            (_, Answer::RecoveryCode(_)) => "recovery_code_wrong",
            (_, Answer::Webauthn { .. }) => "webauthn_wrong",
        });
    app.table().events().append(&entry.event(app)).await?;
    checked
}

/// Those of one kind that may be used.
fn confirmed(factors: &[StoredFactor], kind: FactorKind) -> impl Iterator<Item = &StoredFactor> {
    factors
        .iter()
        .filter(move |stored| stored.factor.kind == kind && stored.factor.confirmed)
}
