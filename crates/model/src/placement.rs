//! The choice of a node by load: which nodes may take a connection, the least
//! loaded first.
//!
//! A pure ranking over what the table told, and up to how many places each node
//! may have taken for the choice to be right. The place itself is reserved by
//! the transaction that creates the connection, which holds the choice to that
//! number; when it is lost to another launch, the choice is made again with
//! what was learned.
//!
//! A node's share of the load follows its weight times its capacity. Each
//! connection goes where `(2n + 1) / (weight * capacity)` is least, `n` being
//! the places taken there: Webster's method of dividing seats, which stays
//! nearest to the exact shares. Between nodes of equal weight and capacity that
//! is simply the one with the fewest connections.
//!
//! What is on its way to a node makes others be preferred, and never counts as
//! a place taken: it may be refused, and who relied on it would have taken one
//! place too many.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::id::{EdgeId, NodeId};
use crate::object::{Labels, Node, NodeHealth, NodeLoad, Outpost};

/// One node as the choice sees it.
#[derive(Debug, Clone, Copy)]
pub struct NodeView<'a> {
    /// The node.
    pub node: &'a Node,
    /// What it last told of itself; `None` when it never did.
    pub load: Option<&'a NodeLoad>,
    /// Launches that are about to take a place there, and may yet be refused.
    pub on_their_way: u32,
}

/// What a launch asks for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The outposts that serve the provider.
    pub outposts: &'a [&'a Outpost],
    /// The endpoint's labels; an outpost must carry all of them.
    pub labels: &'a Labels,
    /// Edges that live.
    pub edges: &'a BTreeSet<EdgeId>,
    /// Heartbeats before this moment are overdue.
    pub heard_since: Timestamp,
    /// Nodes that failed this launch already.
    pub excluded: &'a BTreeSet<NodeId>,
    /// Any number, another for each launch: it orders what is equally good, so
    /// that a burst of launches spreads.
    pub tie_break: u64,
}

/// A node that may take the connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The node.
    pub node: NodeId,
    /// Places that are known to be taken.
    pub connections: u32,
    /// Launches that are about to take one.
    pub on_their_way: u32,
    /// How many places it has.
    pub capacity: u32,
    /// Its share of the load beside its capacity.
    pub weight: u32,
    /// Live edges that it holds a tunnel to, at least one, in an order that the
    /// tie-break gives.
    pub edges: Vec<EdgeId>,
}

/// Why no node can take the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NoNode {
    /// No outpost serves the provider.
    #[error("no outpost serves the provider")]
    NoOutpost,
    /// None of the provider's outposts carries the endpoint's labels.
    #[error("no outpost of the provider carries the endpoint's labels")]
    LabelsMismatch,
    /// The outposts that match have no node.
    #[error("the outposts that serve the endpoint have no node")]
    NoNode,
    /// Every node's heartbeat is overdue.
    #[error("no node of the outposts that serve the endpoint is heard of")]
    NoNodeHealthy,
    /// The nodes that are heard of have no tunnel to a live edge.
    #[error("no node has a tunnel to a live edge")]
    NoTunnel,
    /// The nodes that could take it are draining.
    #[error("every node is draining")]
    AllDraining,
    /// The nodes that could take it have no free place.
    #[error("every node is full")]
    AllFull,
    /// The nodes that could take it have all failed this launch.
    #[error("every node was tried")]
    AllTried,
}

impl NoNode {
    /// A stable code for documents.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoOutpost => "no_outpost",
            Self::LabelsMismatch => "labels_mismatch",
            Self::NoNode => "no_node",
            Self::NoNodeHealthy => "no_node_healthy",
            Self::NoTunnel => "no_tunnel",
            Self::AllDraining => "all_nodes_draining",
            Self::AllFull => "all_nodes_full",
            Self::AllTried => "all_nodes_failed",
        }
    }

    /// Whether the same launch may succeed a little later without anybody
    /// changing the configuration.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::NoOutpost | Self::LabelsMismatch | Self::NoNode => false,
            Self::NoNodeHealthy
            | Self::NoTunnel
            | Self::AllDraining
            | Self::AllFull
            | Self::AllTried => true,
        }
    }
}

/// Whether an outpost with these labels reaches an endpoint with those: every
/// label of the endpoint must be among the outpost's, with the same value.
#[must_use]
pub fn reaches(outpost: &Labels, endpoint: &Labels) -> bool {
    endpoint
        .iter()
        .all(|(name, value)| outpost.get(name) == Some(value))
}

/// Whether a node can be chosen: what selection goes by and administrators see.
#[must_use]
pub fn health(view: NodeView<'_>, edges: &BTreeSet<EdgeId>, heard_since: Timestamp) -> NodeHealth {
    match view.load {
        Some(load) if load.heartbeat_at >= heard_since => {
            if view.node.drained {
                NodeHealth::Drained
            } else if load.draining {
                NodeHealth::Draining
            } else if load.edges.is_disjoint(edges) {
                NodeHealth::NoTunnel
            } else if load.connections >= view.node.capacity {
                NodeHealth::Full
            } else {
                NodeHealth::Ready
            }
        }
        _ => NodeHealth::Lost,
    }
}

/// Ranks the nodes that may take a connection, best first: by the share of
/// their weight and capacity that is taken once all that is on its way has
/// arrived, then by the tie-break. Never empty.
///
/// # Errors
/// Why there is none. Of several reasons the one is named that is nearest to
/// success: tried, then full, draining, without tunnel, not heard of.
pub fn rank(nodes: &[NodeView<'_>], wanted: &Wanted<'_>) -> Result<Vec<Candidate>, NoNode> {
    let eligible = eligible(nodes, wanted)?;
    let mut candidates = Vec::new();
    let mut refusal = NoNode::NoNodeHealthy;
    for view in eligible {
        let reason = match health(view, wanted.edges, wanted.heard_since) {
            NodeHealth::Ready if !wanted.excluded.contains(&view.node.id) => {
                candidates.extend(candidate(view, wanted));
                continue;
            }
            NodeHealth::Ready => NoNode::AllTried,
            NodeHealth::Full => NoNode::AllFull,
            NodeHealth::Draining | NodeHealth::Drained => NoNode::AllDraining,
            NodeHealth::NoTunnel => NoNode::NoTunnel,
            NodeHealth::Lost => NoNode::NoNodeHealthy,
        };
        if nearness(reason) > nearness(refusal) {
            refusal = reason;
        }
    }
    if candidates.is_empty() {
        return Err(refusal);
    }
    candidates.sort_by(|a, b| {
        by_load(a, b).then_with(|| {
            let order = |id: NodeId| spread(id.uuid().as_u128(), wanted.tie_break);
            order(a.node).cmp(&order(b.node))
        })
    });
    Ok(candidates)
}

/// The nodes of outposts that serve the provider and carry the labels.
fn eligible<'a>(nodes: &[NodeView<'a>], wanted: &Wanted<'_>) -> Result<Vec<NodeView<'a>>, NoNode> {
    if wanted.outposts.is_empty() {
        return Err(NoNode::NoOutpost);
    }
    let matching: BTreeSet<_> = wanted
        .outposts
        .iter()
        .filter(|outpost| reaches(&outpost.labels, wanted.labels))
        .map(|outpost| outpost.id)
        .collect();
    if matching.is_empty() {
        return Err(NoNode::LabelsMismatch);
    }
    let of_matching = |view: &NodeView<'_>| matching.contains(&view.node.outpost);
    let eligible: Vec<_> = nodes.iter().copied().filter(of_matching).collect();
    if eligible.is_empty() {
        return Err(NoNode::NoNode);
    }
    Ok(eligible)
}

fn candidate(view: NodeView<'_>, wanted: &Wanted<'_>) -> Option<Candidate> {
    let load = view.load?;
    let mut edges: Vec<EdgeId> = load.edges.intersection(wanted.edges).copied().collect();
    edges.sort_by_key(|edge| spread(edge.uuid().as_u128(), wanted.tie_break));
    Some(Candidate {
        node: view.node.id,
        connections: load.connections,
        on_their_way: view.on_their_way,
        capacity: view.node.capacity,
        weight: view.node.weight,
        edges,
    })
}

/// Chooses of ranked candidates: the best that one more may be sent to, and how
/// many places at most may be taken there when it arrives. `None` when it must
/// first be known what becomes of those that are on their way; there are some
/// then.
///
/// Whoever takes a place within that bound takes it at the node that is the
/// best choice at that moment, whatever others do meanwhile, as long as nobody
/// leaves: the counts that the bound was made of can only have grown.
#[must_use]
pub fn choose(ranked: &[Candidate]) -> Option<(&Candidate, u32)> {
    ranked.iter().find_map(|candidate| {
        let others = ranked.iter().filter(|other| other.node != candidate.node);
        let places = candidate.fair_places(others);
        (candidate.expected() < places).then(|| (candidate, places - 1))
    })
}

/// Compares the shares that would be taken, without dividing.
fn by_load(a: &Candidate, b: &Candidate) -> Ordering {
    (seats_asked(a.expected()) * b.size()).cmp(&(seats_asked(b.expected()) * a.size()))
}

impl Candidate {
    /// Places that are taken once all that is on its way has arrived.
    #[must_use]
    pub const fn expected(&self) -> u32 {
        self.connections.saturating_add(self.on_their_way)
    }

    /// How many places it may come to have, one after the other, without any of
    /// `others` having been the better choice for one of them, as they are
    /// known to stand; at most its capacity.
    #[must_use]
    pub fn fair_places<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> u32 {
        let until = |other: &Self| {
            // The largest p with (2(p - 1) + 1) / size <= (2m + 1) / other's
            // size, m being what the other has.
            let asked = seats_asked(other.connections) * self.size() / other.size();
            u32::try_from(asked.div_ceil(2)).unwrap_or(u32::MAX)
        };
        others.into_iter().map(until).fold(self.capacity, u32::min)
    }

    /// What its share of the load follows; never zero.
    const fn size(&self) -> u128 {
        let size = self.weight as u128 * self.capacity as u128;
        if size == 0 { 1 } else { size }
    }
}

/// What is divided by a node's size: Webster's divisor for the next place.
const fn seats_asked(connections: u32) -> u128 {
    2 * connections as u128 + 1
}

/// How near to success a refusal is.
const fn nearness(refusal: NoNode) -> u8 {
    match refusal {
        NoNode::NoOutpost | NoNode::LabelsMismatch | NoNode::NoNode => 0,
        NoNode::NoNodeHealthy => 1,
        NoNode::NoTunnel => 2,
        NoNode::AllDraining => 3,
        NoNode::AllFull => 4,
        NoNode::AllTried => 5,
    }
}

/// A number for an id that looks random and differs with the tie-break: the
/// order of such numbers is as good as shuffled (the finaliser of SplitMix64).
const fn spread(id: u128, tie_break: u64) -> u64 {
    let folded = (id as u64) ^ ((id >> 64) as u64).rotate_left(32);
    mix(folded ^ mix(tie_break))
}

const fn mix(x: u64) -> u64 {
    let mut x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests;
