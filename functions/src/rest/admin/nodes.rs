//! Nodes.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use causeway_model::id::EdgeId;
use causeway_model::object::{Node, NodeHealth};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::{AdminOnly, Names, ReaderOnly};
use crate::rest::json::Json as Body;
use crate::rest::list::{List, ListQuery, Listing};
use crate::use_case::node::{self, ChangeError, LiveNode, NodeChange};

/// A node with what it last told.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct NodeView {
    #[serde(flatten)]
    node: Node,
    health: NodeHealth,
    /// Places taken.
    connections: u32,
    /// About to stop, and takes no new connections.
    draining: bool,
    /// Edges that it holds a tunnel to.
    edges: BTreeSet<EdgeId>,
    /// When it was last heard of; null when it never was.
    #[schema(value_type = Option<String>, format = DateTime)]
    heartbeat_at: Option<Timestamp>,
}

impl From<LiveNode> for NodeView {
    fn from(live: LiveNode) -> Self {
        let heartbeat_at = live.load.as_ref().map(|load| load.heartbeat_at);
        let (connections, draining, edges) = live
            .load
            .map(|load| (load.connections, load.draining, load.edges))
            .unwrap_or_default();
        Self {
            node: live.node,
            health: live.health,
            connections,
            draining,
            edges,
            heartbeat_at,
        }
    }
}

/// Lists every node with its health and load.
#[utoipa::path(
    get,
    path = "/api/v1/admin/nodes",
    operation_id = "list_node",
    tag = "admin",
    params(ListQuery),
    responses(
        (status = OK, body = List<NodeView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Listing(filter, _): Listing,
) -> Result<Json<List<NodeView>>, Problem> {
    Ok(List::of(
        node::list(&app, &reader, &filter).await?,
        NodeView::from,
    ))
}

/// Shows one node.
#[utoipa::path(
    get,
    path = "/api/v1/admin/nodes/{id}",
    operation_id = "find_node",
    tag = "admin",
    params(("id" = String, Path, description = "Id or name")),
    responses(
        (status = OK, body = NodeView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Names(reference): Names<String>,
) -> Result<Json<NodeView>, Problem> {
    let found = node::find(&app, &reader, &reference).await?;
    found
        .map(|live| Json(live.into()))
        .ok_or_else(|| Problem::not_found("node"))
}

/// What can be set of a node.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NodeSpec {
    /// Its share of the load, against that of other nodes; what is left out
    /// stays as it is.
    #[schema(minimum = 1, maximum = 10_000)]
    weight: Option<u32>,
    /// Whether it takes no new connections; those that it holds stay. What is
    /// left out stays as it is.
    drained: Option<bool>,
}

/// Sets a node's weight, or drains it. Everything else about a node is its own
/// to tell.
#[utoipa::path(
    put,
    path = "/api/v1/admin/nodes/{id}",
    operation_id = "update_node",
    tag = "admin",
    params(("id" = String, Path, description = "Id or name")),
    request_body = NodeSpec,
    responses(
        (status = OK, body = NodeView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn update(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Names(reference): Names<String>,
    Body(spec): Body<NodeSpec>,
) -> Result<Json<NodeView>, Problem> {
    let change = NodeChange {
        weight: spec.weight,
        drained: spec.drained,
    };
    let changed = node::change(&app, &admin, &reference, change).await?;
    Ok(Json(changed.into()))
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::NotFound => Self::not_found("node"),
            ChangeError::Weight => Self::invalid(vec![FieldError::new(
                "weight",
                "invalid",
                error.to_string(),
            )]),
            ChangeError::Write(error) => error.into(),
            ChangeError::Table(error) => error.into(),
        }
    }
}

/// Deletes a node; its next request is refused.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/nodes/{id}",
    operation_id = "delete_node",
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
    node::delete(&app, &admin, &reference).await?;
    Ok(StatusCode::NO_CONTENT)
}
