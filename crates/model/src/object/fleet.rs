//! Outposts and the processes that serve them: nodes and edges.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Labels, Meta};
use crate::id::{EdgeId, NodeId, OutpostId};

/// An outpost as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutpostSpec {
    /// Unique name.
    pub name: String,
    /// What its nodes can reach; an endpoint's labels must all be among them.
    #[serde(default)]
    pub labels: Labels,
}

/// A named group of nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Outpost {
    /// Its id.
    pub id: OutpostId,
    /// Unique name.
    pub name: String,
    /// What its nodes can reach.
    pub labels: Labels,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

/// What a one-time enrolment token admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrolmentKind {
    /// A node of an outpost.
    Node,
    /// An edge.
    Edge,
}

/// Weight of a node that nobody gave another.
pub const NODE_WEIGHT_DEFAULT: u32 = 100;
/// The largest weight of a node; the smallest is 1.
pub const NODE_WEIGHT_MAX: u32 = 10_000;

const fn weight() -> u32 {
    NODE_WEIGHT_DEFAULT
}

/// One outpost process with its own key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// The outpost that it belongs to.
    pub outpost: OutpostId,
    /// Its name, from its host name unless told otherwise.
    pub name: String,
    /// Ed25519 public key, base64url without padding.
    pub public_key: String,
    /// How many connections it takes at once.
    pub capacity: u32,
    /// Its share of the load, against that of other nodes: of two nodes of the
    /// same capacity, one of weight 200 is given twice as many connections as
    /// one of weight 100. From 1 to 10,000.
    #[serde(default = "weight")]
    pub weight: u32,
    /// An administrator lets it take no new connections.
    #[serde(default)]
    pub drained: bool,
    /// It joined by a role and is forgotten some minutes after it was lost.
    #[serde(default)]
    pub ephemeral: bool,
    /// Version of its program.
    pub version: String,
    /// When it enrolled.
    #[schema(value_type = String, format = DateTime)]
    pub enrolled_at: Timestamp,
}

/// What a node last told of itself, and the leases held on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NodeLoad {
    /// Places taken: connections pending, active or detached.
    pub connections: u32,
    /// Takes no new connections.
    pub draining: bool,
    /// Edges that it holds a tunnel to.
    pub edges: BTreeSet<EdgeId>,
    /// When it was last heard of.
    #[schema(value_type = String, format = DateTime)]
    pub heartbeat_at: Timestamp,
}

/// Whether a node can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeHealth {
    /// Heartbeat fresh, tunnel up, places free.
    Ready,
    /// Heartbeat fresh, no tunnel to any live edge.
    NoTunnel,
    /// Takes no new connections: it is about to stop.
    Draining,
    /// Takes no new connections: an administrator has drained it.
    Drained,
    /// Every place is taken.
    Full,
    /// Its heartbeat is overdue.
    Lost,
}

/// A process that carries browsers' bytes to nodes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Edge {
    /// Its id.
    pub id: EdgeId,
    /// Its name.
    pub name: String,
    /// Ed25519 public key, base64url without padding.
    pub public_key: String,
    /// Where browsers reach it: `ws://…` or `wss://…`, without path.
    pub public_url: String,
    /// Where nodes dial it by QUIC: `host:port`.
    pub tunnel_address: String,
    /// It joined by a role and is forgotten some minutes after it was lost.
    #[serde(default)]
    pub ephemeral: bool,
    /// Version of its program.
    pub version: String,
    /// When it enrolled.
    #[schema(value_type = String, format = DateTime)]
    pub enrolled_at: Timestamp,
}
