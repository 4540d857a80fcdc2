//! Claims.

use axum::Extension;
use axum::extract::State;
use causeway_fleet::{Claim, Claimed};
use http::StatusCode;

use super::member::Signed;
use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::layers::AboutConnection;
use crate::use_case::claim::{self, ClaimError};

/// Burns a ticket and returns what its connection needs, secrets in clear;
/// signed by the node that the ticket names.
#[utoipa::path(
    post,
    path = "/api/v1/fleet/claim",
    operation_id = "fleet_claim",
    tag = "fleet",
    security(("member" = [])),
    request_body = Claim,
    responses(
        (status = OK, body = Claimed),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn claim(
    State(app): State<App>,
    signed: Signed<Claim>,
) -> Result<(Extension<AboutConnection>, axum::Json<Claimed>), Problem> {
    let (node, body) = signed.by_node()?;
    let claimed = claim::claim(&app, node, &body.ticket, body.client_address).await?;
    let about = AboutConnection(claimed.connection);
    Ok((Extension(about), axum::Json(claimed)))
}

impl From<ClaimError> for Problem {
    fn from(error: ClaimError) -> Self {
        let (status, code) = match error {
            ClaimError::TicketInvalid(_) => (StatusCode::UNAUTHORIZED, "ticket_invalid"),
            ClaimError::TicketExpired => (StatusCode::UNAUTHORIZED, "ticket_expired"),
            ClaimError::TicketUsed => (StatusCode::UNAUTHORIZED, "ticket_used"),
            ClaimError::TicketForOtherNode => (StatusCode::FORBIDDEN, "ticket_for_other_node"),
            ClaimError::ConnectionNotFound => (StatusCode::NOT_FOUND, "connection_not_found"),
            ClaimError::ConnectionEnded => (StatusCode::CONFLICT, "connection_ended"),
            ClaimError::CannotBeResumed => (StatusCode::CONFLICT, "cannot_be_resumed"),
            ClaimError::SignedOut => (StatusCode::UNAUTHORIZED, "signed_out"),
            ClaimError::NotAllowed => (StatusCode::FORBIDDEN, "endpoint_not_allowed"),
            ClaimError::NotAllowedByPolicy => (StatusCode::FORBIDDEN, "not_allowed_by_policy"),
            ClaimError::SecretUnavailable { .. } => (StatusCode::CONFLICT, "secret_unavailable"),
            ClaimError::Settings(_) => (StatusCode::CONFLICT, "settings_unusable"),
            ClaimError::Secret(error) => return error.into(),
            ClaimError::Signing(error) => return error.into(),
            ClaimError::Table(error) => return error.into(),
        };
        Self::new(status, code, error.to_string())
    }
}
