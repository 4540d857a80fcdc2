//! Edges.

use axum::Json;
use axum::extract::State;
use causeway_model::object::Edge;
use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{AdminOnly, Names, ReaderOnly};
use crate::rest::list::{List, ListQuery, Listing};
use crate::use_case::edge::{self, LiveEdge};

/// An edge with what it last told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct EdgeView {
    #[serde(flatten)]
    edge: Edge,
    /// Whether it was heard of in time.
    live: bool,
    /// About to stop: browsers are sent to other edges.
    draining: bool,
    /// How many nodes hold a tunnel to it.
    nodes: u32,
    /// When it was last heard of; null when it never was.
    #[schema(value_type = Option<String>, format = DateTime)]
    heartbeat_at: Option<Timestamp>,
}

impl From<LiveEdge> for EdgeView {
    fn from(live: LiveEdge) -> Self {
        Self {
            edge: live.edge,
            live: live.live,
            draining: live.state.as_ref().is_some_and(|state| state.draining),
            nodes: live.state.as_ref().map_or(0, |state| state.nodes),
            heartbeat_at: live.state.map(|state| state.heartbeat_at),
        }
    }
}

/// Lists every edge with its health.
#[utoipa::path(
    get,
    path = "/api/v1/admin/edges",
    operation_id = "list_edge",
    tag = "admin",
    params(ListQuery),
    responses(
        (status = OK, body = List<EdgeView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Listing(filter, _): Listing,
) -> Result<Json<List<EdgeView>>, Problem> {
    Ok(List::of(
        edge::list(&app, &reader, &filter).await?,
        EdgeView::from,
    ))
}

/// Shows one edge.
#[utoipa::path(
    get,
    path = "/api/v1/admin/edges/{id}",
    operation_id = "find_edge",
    tag = "admin",
    params(("id" = String, Path, description = "Id or name")),
    responses(
        (status = OK, body = EdgeView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Names(reference): Names<String>,
) -> Result<Json<EdgeView>, Problem> {
    let found = edge::find(&app, &reader, &reference).await?;
    found
        .map(|live| Json(live.into()))
        .ok_or_else(|| Problem::not_found("edge"))
}

/// Deletes an edge; its next request is refused.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/edges/{id}",
    operation_id = "delete_edge",
    tag = "admin",
    params(("id" = String, Path, description = "Id or name")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Names(reference): Names<String>,
) -> Result<StatusCode, Problem> {
    edge::delete(&app, &admin, &reference).await?;
    Ok(StatusCode::NO_CONTENT)
}
