//! One-time tokens that admit nodes and edges.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{AdminOnly, Names};
use crate::use_case::enrolment::{self, JoinToken};

/// A one-time token; shown once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct JoinTokenView {
    /// For `--token`.
    token: String,
    /// Until when it can be used.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl From<JoinToken> for JoinTokenView {
    fn from(join: JoinToken) -> Self {
        Self {
            token: join.token,
            expires_at: join.expires_at,
        }
    }
}

/// Draws a token that admits one node to an outpost.
#[utoipa::path(
    post,
    path = "/api/v1/admin/outposts/{id}/join",
    operation_id = "join_node",
    tag = "admin",
    params(("id" = String, Path, description = "Id or name of the outpost")),
    responses(
        (status = CREATED, body = JoinTokenView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn join_node(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Names(outpost): Names<String>,
) -> Result<(StatusCode, Json<JoinTokenView>), Problem> {
    let join = enrolment::join_node(&app, &admin, &outpost).await?;
    Ok((StatusCode::CREATED, Json(join.into())))
}

/// Draws a token that admits one edge.
#[utoipa::path(
    post,
    path = "/api/v1/admin/edges/join",
    operation_id = "join_edge",
    tag = "admin",
    responses(
        (status = CREATED, body = JoinTokenView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn join_edge(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
) -> Result<(StatusCode, Json<JoinTokenView>), Problem> {
    let join = enrolment::join_edge(&app, &admin).await?;
    Ok((StatusCode::CREATED, Json(join.into())))
}
