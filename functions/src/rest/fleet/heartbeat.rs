//! Heartbeats.

use axum::extract::State;
use causeway_fleet::{Heartbeat, HeartbeatAnswer, MEMBER_UNKNOWN};
use http::StatusCode;

use super::member::Signed;
use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::Address;
use crate::use_case::heartbeat::{self, HeartbeatError};

/// A member lives; signed by it.
#[utoipa::path(
    post,
    path = "/api/v1/fleet/heartbeat",
    operation_id = "fleet_heartbeat",
    tag = "fleet",
    security(("member" = [])),
    request_body = Heartbeat,
    responses(
        (status = OK, body = HeartbeatAnswer),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn heartbeat(
    State(app): State<App>,
    Address(address): Address,
    signed: Signed<Heartbeat>,
) -> Result<axum::Json<HeartbeatAnswer>, Problem> {
    let answer = heartbeat::heartbeat(&app, &signed.member, signed.body, &address).await?;
    Ok(axum::Json(answer))
}

impl From<HeartbeatError> for Problem {
    fn from(error: HeartbeatError) -> Self {
        match error {
            HeartbeatError::Unknown => {
                Self::new(StatusCode::UNAUTHORIZED, MEMBER_UNKNOWN, error.to_string())
            }
            HeartbeatError::WrongKind => Self::new(
                StatusCode::FORBIDDEN,
                "member_of_other_kind",
                error.to_string(),
            ),
            HeartbeatError::Invalid(field) => {
                Self::invalid(vec![FieldError::new(field, "invalid", error.to_string())])
            }
            HeartbeatError::Write(error) => error.into(),
            HeartbeatError::Table(error) => error.into(),
            HeartbeatError::Pass(error) => Self::internal(&error),
            HeartbeatError::Signing(error) => error.into(),
        }
    }
}
