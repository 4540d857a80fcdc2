//! Second factors of users who lost them.

use axum::extract::State;
use causeway_model::id::UserId;
use http::StatusCode;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{AdminOnly, Id};
use crate::use_case::account::{self, AccountError};

/// Removes all second factors of a user, who signs in with the password alone
/// until they add new ones.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/users/{id}/factors",
    operation_id = "reset_factors",
    tag = "admin",
    params(("id" = UserId, Path, description = "Id of the user")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove_all(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Id(id): Id<UserId>,
) -> Result<StatusCode, Problem> {
    match account::remove_all(&app, &admin, id).await {
        Ok(_) => Ok(StatusCode::NO_CONTENT),
        Err(AccountError::NotFound) => Err(Problem::not_found("user")),
        Err(error) => Err(error.into()),
    }
}
