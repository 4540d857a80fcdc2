//! `POST /api/v1/fleet/heartbeat`: a member is alive, and what it holds.

use std::collections::BTreeSet;

use causeway_model::id::{ConnectionId, EdgeId, UserId};
use causeway_model::object::EndReason;
use causeway_trust::{PublishedKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// A member's word about itself; signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Heartbeat {
    /// Version of its program.
    pub version: String,
    /// What it holds; must agree with the member that signs.
    #[serde(flatten)]
    pub status: MemberStatus,
}

/// `"node": {…}` or `"edge": {…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    /// Of a node.
    Node(NodeStatus),
    /// Of an edge.
    Edge(EdgeStatus),
}

/// What a node holds. The list is the truth that leases are corrected by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NodeStatus {
    /// Takes no new connections.
    pub draining: bool,
    /// How many connections it takes at once.
    pub capacity: u32,
    /// The connections that it holds, attached or not.
    pub connections: Vec<HeldConnection>,
    /// The edges that it has a live tunnel to.
    pub edges: BTreeSet<EdgeId>,
}

/// A connection that a node holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeldConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Whose.
    pub user: UserId,
}

/// What an edge holds, and where it is: an edge that comes back at another
/// address keeps its identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EdgeStatus {
    /// About to stop: browsers are to be sent to other edges.
    #[serde(default)]
    pub draining: bool,
    /// How many nodes have a live tunnel to it.
    pub nodes: u32,
    /// Where browsers reach it: `ws://…` or `wss://…`, without path.
    pub public_url: String,
    /// Where nodes dial it: `host:port`, UDP. `auto:port` stands for the address
    /// that this request comes from.
    pub tunnel_address: String,
}

/// What the control plane answers to either.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HeartbeatAnswer {
    /// A fresh pass.
    pub pass: String,
    /// The control plane's keys.
    #[schema(value_type = Vec<Object>)]
    pub verifying_keys: Vec<PublishedKey>,
    /// How often the member is to be heard of, in ms.
    pub heartbeat_interval_ms: u64,
    /// After how long a silence it is taken for lost, in ms.
    pub heartbeat_deadline_ms: u64,
    /// For nodes: the edges to hold a tunnel to.
    #[serde(default)]
    pub edges: Vec<EdgeAddress>,
    /// For edges: the origins whose pages may open websockets, each
    /// `scheme://host[:port]`.
    #[serde(default)]
    pub allowed_origins: Vec<String>,
    /// For nodes: connections of their list that are over.
    #[serde(default)]
    pub end: Vec<ToEnd>,
}

/// An edge as nodes dial it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EdgeAddress {
    /// Its id.
    pub id: EdgeId,
    /// Its key, base64url without padding; it must show no other.
    #[schema(value_type = String)]
    pub public_key: VerifyingKey,
    /// Where it is dialled: `host:port`, UDP.
    pub tunnel_address: String,
}

/// A connection that the node is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ToEnd {
    /// The connection.
    pub connection: ConnectionId,
    /// Why.
    pub reason: EndReason,
}
