//! Reports.

use axum::Extension;
use axum::extract::State;
use causeway_fleet::{Report, ReportAnswer};
use http::StatusCode;

use super::member::Signed;
use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::layers::AboutConnection;
use crate::use_case::report::{self, ReportError};

/// What became of a connection; signed by its node.
#[utoipa::path(
    post,
    path = "/api/v1/fleet/report",
    operation_id = "fleet_report",
    tag = "fleet",
    security(("member" = [])),
    request_body = Report,
    responses(
        (status = OK, body = ReportAnswer),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn report(
    State(app): State<App>,
    signed: Signed<Report>,
) -> Result<(Extension<AboutConnection>, axum::Json<ReportAnswer>), Problem> {
    let (node, body) = signed.by_node()?;
    let answer = report::report(&app, node, body.clone()).await?;
    let about = AboutConnection(body.connection);
    Ok((Extension(about), axum::Json(answer)))
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::ConnectionNotFound => Self::new(
                StatusCode::NOT_FOUND,
                "connection_not_found",
                error.to_string(),
            ),
            ReportError::Invalid { field } => {
                Self::invalid(vec![FieldError::new(field, "invalid", error.to_string())])
            }
            ReportError::HostKeyChanged => {
                Self::new(StatusCode::CONFLICT, "host_key_changed", error.to_string())
            }
            ReportError::Table(error) => error.into(),
        }
    }
}
