//! Changing one's own password.

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::SignedIn;
use crate::rest::json::Json;
use crate::use_case::account;
use crate::use_case::session::Password;

/// The password from before and the one from now on.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasswordBody {
    /// The password from before.
    #[schema(value_type = String, format = Password)]
    current: Password,
    /// The password from now on: at least 8 characters.
    #[schema(value_type = String, format = Password)]
    new: Password,
}

/// Changes the caller's password and ends their other sign-ins.
#[utoipa::path(
    put,
    path = "/api/v1/me/password",
    operation_id = "change_password",
    tag = "account",
    request_body = PasswordBody,
    responses(
        (status = NO_CONTENT),
        (status = FORBIDDEN, description = "`factor_wrong`: the password from before is wrong; \
            `confirmation_needed`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn change(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Json(body): Json<PasswordBody>,
) -> Result<StatusCode, Problem> {
    account::change_password(&app, &caller, body.current, body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}
