//! One's own account: `/api/v1/me` and what is below it.

mod confirmation;
mod factors;
mod password;
mod sign_ins;
mod tokens;

use axum::extract::DefaultBodyLimit;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::session::{no_domain, too_many_attempts};
use crate::app::App;
use crate::problem::Problem;
use crate::rest::layers::ACCOUNT_BODY_LENGTH_MAX;
use crate::rest::problems::busy;
use crate::use_case::account::{AccountError, NotConfirmed, PasswordChangeError};
use crate::use_case::second_factor::FactorError;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(confirmation::options))
        .routes(routes!(confirmation::confirm))
        .routes(routes!(password::change))
        .routes(routes!(factors::list))
        .routes(routes!(factors::rename, factors::remove))
        .routes(routes!(factors::enrol_totp))
        .routes(routes!(factors::confirm_totp))
        .routes(routes!(factors::enrol_passkey))
        .routes(routes!(factors::add_passkey))
        .routes(routes!(factors::new_recovery_codes))
        .routes(routes!(sign_ins::list, sign_ins::end_others))
        .routes(routes!(sign_ins::end))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::delete))
        .layer(DefaultBodyLimit::max(ACCOUNT_BODY_LENGTH_MAX))
}

impl From<NotConfirmed> for Problem {
    fn from(error: NotConfirmed) -> Self {
        match error {
            NotConfirmed::TooLongAgo => Self::new(
                StatusCode::FORBIDDEN,
                "confirmation_needed",
                "prove first that it is you: POST /api/v1/me/confirm, or sign in again",
            ),
            NotConfirmed::Program => Self::new(
                StatusCode::FORBIDDEN,
                "sign_in_needed",
                "this needs a sign-in in a browser; API tokens cannot do it",
            ),
        }
    }
}

impl From<FactorError> for Problem {
    fn from(error: FactorError) -> Self {
        match error {
            FactorError::Wrong => Self::new(
                StatusCode::FORBIDDEN,
                "factor_wrong",
                "that was not right; try again",
            ),
            FactorError::NotEnrolled => Self::new(
                StatusCode::CONFLICT,
                "second_factor_not_enrolled",
                "your account has none of this kind; add one on your account page",
            ),
            FactorError::TooManyAttempts { retry_after } => too_many_attempts(retry_after),
            FactorError::NoDomain => no_domain(),
            FactorError::Busy => busy(),
            FactorError::Seal(error) => error.into(),
            FactorError::Write(error) => error.into(),
            FactorError::Table(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::NotConfirmed(error) => error.into(),
            AccountError::NotFound => Self::not_found("factor"),
            AccountError::EnrolmentGone => Self::new(
                StatusCode::CONFLICT,
                "enrolment_gone",
                "this took too long; begin again",
            ),
            AccountError::PasskeyKnown => Self::new(
                StatusCode::CONFLICT,
                "passkey_known",
                "this passkey or security key is in your account already",
            ),
            AccountError::NothingToRecover => Self::new(
                StatusCode::CONFLICT,
                "second_factor_not_enrolled",
                "add an authenticator app or a passkey first",
            ),
            AccountError::Fields(errors) => Self::invalid(errors),
            AccountError::Factor(error) => error.into(),
            AccountError::Write(error) => error.into(),
            AccountError::Table(error) => error.into(),
        }
    }
}

impl From<PasswordChangeError> for Problem {
    fn from(error: PasswordChangeError) -> Self {
        match error {
            PasswordChangeError::NotConfirmed(error) => error.into(),
            PasswordChangeError::Current(FactorError::NotEnrolled) => Self::new(
                StatusCode::CONFLICT,
                "no_password",
                "your account has no password here; it is kept by who you sign in with",
            ),
            PasswordChangeError::Current(error) => error.into(),
            PasswordChangeError::New(error) => Self::invalid(vec![error]),
            PasswordChangeError::Write(error) => error.into(),
            PasswordChangeError::Table(error) => error.into(),
        }
    }
}
