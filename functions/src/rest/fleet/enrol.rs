//! Becoming a member.

use axum::extract::State;
use causeway_fleet::{EnrolRequest, Enrolled};
use http::StatusCode;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::Address;
use crate::rest::json::Json;
use crate::use_case::enrolment::{self, EnrolError, JoinError};

/// Makes a process a member of the fleet; burns its join token.
#[utoipa::path(
    post,
    path = "/api/v1/fleet/enrol",
    operation_id = "fleet_enrol",
    tag = "fleet",
    security(()),
    request_body = EnrolRequest,
    responses(
        (status = OK, body = Enrolled),
        (status = UNAUTHORIZED, description = "`join_token_unknown`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn enrol(
    State(app): State<App>,
    Address(address): Address,
    Json(request): Json<EnrolRequest>,
) -> Result<axum::Json<Enrolled>, Problem> {
    Ok(axum::Json(enrolment::enrol(&app, request, &address).await?))
}

impl From<EnrolError> for Problem {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::TokenUnknown => Self::new(
                StatusCode::UNAUTHORIZED,
                "join_token_unknown",
                error.to_string(),
            ),
            EnrolError::WrongKind => Self::new(
                StatusCode::FORBIDDEN,
                "join_token_of_other_kind",
                error.to_string(),
            ),
            EnrolError::Invalid { field, reason } => {
                Self::invalid(vec![FieldError::new(field, "invalid", reason)])
            }
            EnrolError::OutpostGone => {
                Self::new(StatusCode::CONFLICT, "outpost_gone", error.to_string())
            }
            EnrolError::Write(error) => error.into(),
            EnrolError::Table(error) => error.into(),
            EnrolError::Pass(error) => Self::internal(&error),
        }
    }
}

impl From<JoinError> for Problem {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::OutpostNotFound => Self::not_found("outpost"),
            JoinError::Write(error) => error.into(),
            JoinError::Table(error) => error.into(),
        }
    }
}
