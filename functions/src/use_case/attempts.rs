//! How often passwords and codes may be tried.
//!
//! Passwords: failures are counted, by username and by address. What is counted
//! is read while a place for the password check is held, so a burst of guesses
//! overshoots a limit by no more than the checks that run at once. Codes are
//! short: every try is counted before it is looked at, right or wrong, so that
//! no burst overshoots.

use std::time::Duration;

use causeway_model::id::UserId;
use causeway_model::names::fold_username;
use causeway_table::{RateDecision, RateLimit, TableError};

use crate::app::App;

/// Enrolments by a role from one address, in the window of sign-ins: a whole
/// service may be started behind one address.
const ENROLMENTS_BY_ADDRESS_MAX: u32 = 300;

/// Why an attempt is not heard.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// Too many before this one.
    #[error("too many attempts")]
    TooMany {
        /// When the next one is heard.
        retry_after: Duration,
    },
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
}

/// The counters that guesses of one password fall under.
pub(crate) struct Guesses([(RateLimit<'static>, String); 2]);

impl Guesses {
    pub(crate) fn of(app: &App, username: &str, address: &str) -> Self {
        let limits = app.config().sign_in;
        Self([
            (
                limit(app, "sign-in-user", limits.by_username),
                fold_username(username),
            ),
            (
                limit(app, "sign-in-address", limits.by_address),
                address.to_owned(),
            ),
        ])
    }

    /// Whether another guess is heard.
    pub(crate) async fn check(&self, app: &App) -> Result<(), AttemptError> {
        for (limit, who) in &self.0 {
            heard(
                app.table()
                    .rate_limits()
                    .peek(*limit, who, app.now())
                    .await?,
            )?;
        }
        Ok(())
    }

    /// Counts a guess that was wrong.
    pub(crate) async fn count(&self, app: &App) -> Result<(), TableError> {
        for (limit, who) in &self.0 {
            app.table()
                .rate_limits()
                .take(*limit, who, app.now())
                .await?;
        }
        Ok(())
    }
}

/// Counts one try of a code of this user.
pub(crate) async fn count_code(app: &App, user: UserId) -> Result<(), AttemptError> {
    let limit = limit(app, "code-user", app.config().sign_in.codes);
    count(app, limit, &user.to_string()).await
}

/// Counts one beginning of a sign-in from this address.
pub(crate) async fn count_beginning(app: &App, address: &str) -> Result<(), AttemptError> {
    let limit = limit(app, "begin-address", app.config().sign_in.begun_by_address);
    count(app, limit, address).await
}

/// Counts one enrolment by a role from this address: each asks AWS something.
pub(crate) async fn count_enrolment(app: &App, address: &str) -> Result<(), AttemptError> {
    let limit = limit(app, "enrol-address", ENROLMENTS_BY_ADDRESS_MAX);
    count(app, limit, address).await
}

async fn count(app: &App, limit: RateLimit<'_>, who: &str) -> Result<(), AttemptError> {
    heard(
        app.table()
            .rate_limits()
            .take(limit, who, app.now())
            .await?,
    )
}

fn limit(app: &App, what: &'static str, limit: u32) -> RateLimit<'static> {
    RateLimit {
        what,
        limit,
        window: app.config().sign_in.window,
    }
}

fn heard(decision: RateDecision) -> Result<(), AttemptError> {
    match decision {
        RateDecision::Allowed { .. } => Ok(()),
        RateDecision::Limited { retry_after } => Err(AttemptError::TooMany {
            retry_after: Duration::try_from(retry_after).unwrap_or_default(),
        }),
    }
}
