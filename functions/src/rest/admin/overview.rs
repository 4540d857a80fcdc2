//! The whole at a glance.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use causeway_model::id::NodeId;
use causeway_model::object::NodeHealth;
use serde::Serialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::StaffOnly;
use crate::use_case::node::LiveNode;
use crate::use_case::overview::{self, Overview};

/// The whole at a glance. An operator is told of what is theirs.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct OverviewView {
    /// How many there are of each kind.
    counts: BTreeMap<&'static str, u64>,
    /// The nodes, by name.
    nodes: Vec<NodeLoadView>,
    connections: LiveConnectionsView,
}

/// A node and its load.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct NodeLoadView {
    id: NodeId,
    name: String,
    /// Name of its outpost.
    outpost: String,
    health: NodeHealth,
    /// Places taken.
    connections: u32,
    /// Places that there are.
    capacity: u32,
    /// Its share of the load.
    weight: u32,
    /// Version of its program.
    version: String,
}

/// Live connections by state.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct LiveConnectionsView {
    /// A browser is attached.
    active: usize,
    /// The browser is gone, the session is kept.
    detached: usize,
    /// The browser has not come yet.
    pending: usize,
}

impl From<(LiveNode, String)> for NodeLoadView {
    fn from((live, outpost): (LiveNode, String)) -> Self {
        Self {
            id: live.node.id,
            name: live.node.name,
            outpost,
            health: live.health,
            connections: live.load.map_or(0, |load| load.connections),
            capacity: live.node.capacity,
            weight: live.node.weight,
            version: live.node.version,
        }
    }
}

impl From<Overview> for OverviewView {
    fn from(overview: Overview) -> Self {
        Self {
            counts: overview.counts,
            nodes: overview.nodes.into_iter().map(NodeLoadView::from).collect(),
            connections: LiveConnectionsView {
                active: overview.connections.active,
                detached: overview.connections.detached,
                pending: overview.connections.pending,
            },
        }
    }
}

/// Shows how many there are of each kind, the load of the nodes and the live
/// connections.
#[utoipa::path(
    get,
    path = "/api/v1/admin/overview",
    operation_id = "overview",
    tag = "admin",
    responses(
        (status = OK, body = OverviewView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    StaffOnly(staff): StaffOnly,
) -> Result<Json<OverviewView>, Problem> {
    Ok(Json(overview::overview(&app, &staff).await?.into()))
}
