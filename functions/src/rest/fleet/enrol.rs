//! Becoming a member.

use std::time::Duration;

use axum::extract::State;
use causeway_fleet::{EnrolRequest, Enrolled, MEMBER_REMOVED};
use http::StatusCode;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::Address;
use crate::rest::json::Json;
use crate::use_case::enrolment::{self, EnrolError, JoinError, RoleProofError};

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
            EnrolError::Removed => {
                Self::new(StatusCode::FORBIDDEN, MEMBER_REMOVED, error.to_string())
            }
            EnrolError::Write(error) => error.into(),
            EnrolError::Table(error) => error.into(),
            EnrolError::Pass(error) => Self::internal(&error),
            EnrolError::Role(error) => error.into(),
            EnrolError::TooMany { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_enrolments",
                error.to_string(),
            )
            .retry_after(retry_after),
            EnrolError::Signing(error) => error.into(),
        }
    }
}

impl From<RoleProofError> for Problem {
    fn from(error: RoleProofError) -> Self {
        let (status, code) = match &error {
            RoleProofError::NotTaken => (StatusCode::FORBIDDEN, "roles_not_taken"),
            RoleProofError::Malformed => (StatusCode::UNAUTHORIZED, "role_proof_malformed"),
            RoleProofError::Skewed => (StatusCode::UNAUTHORIZED, "role_proof_skewed"),
            RoleProofError::Refused => (StatusCode::UNAUTHORIZED, "role_proof_refused"),
            RoleProofError::RoleUnknown { arn } => {
                tracing::warn!(arn, "this role may not join");
                (StatusCode::FORBIDDEN, "role_unknown")
            }
            RoleProofError::Unavailable(source) => {
                tracing::warn!(error = ?source, "cannot ask whose role it is");
                let problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "identity_unavailable",
                    error.to_string(),
                );
                return problem.retry_after(Duration::from_secs(2));
            }
        };
        Self::new(status, code, error.to_string())
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
