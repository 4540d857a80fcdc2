//! Which node a connection goes to: the best by what is known, and the next
//! when others were quicker or it failed.
//!
//! The reservation holds the choice to what it was made by: a node that has
//! more places taken than the choice assumed is refused, and tells how many. So
//! a burst spreads evenly, whichever processes it goes through.

mod ledger;

pub(crate) use ledger::{Ledger, OnItsWay};

use std::collections::BTreeSet;

use causeway_model::id::{EdgeId, NodeId};
use causeway_model::object::{Labels, Node, NodeLoad, Outpost};
use causeway_model::placement::{NoNode, NodeView, Wanted, rank};
use causeway_table::{ConfigSnapshot, NodeState};
use jiff::{SignedDuration, Timestamp};

use super::launch::EdgeChoice;
use crate::app::App;

/// How many places are tried before it is given up.
pub(crate) const ATTEMPTS_MAX: u32 = 24;
/// So many attempts insist on the best node: each that is refused means that
/// somebody else got a place. Later ones content themselves with a good one, so
/// that a storm of launches cannot keep one from its place.
const STRICT_ATTEMPTS: u32 = 16;

/// What a connection needs of its node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs<'a> {
    /// The configuration.
    pub(crate) snapshot: &'a ConfigSnapshot,
    /// The outposts that serve its provider.
    pub(crate) outposts: &'a [&'a Outpost],
    /// The endpoint's labels.
    pub(crate) labels: &'a Labels,
    /// Edges that live.
    pub(crate) live_edges: &'a BTreeSet<EdgeId>,
}

/// A node, and how it stands as far as is known.
#[derive(Debug, Clone)]
pub(crate) struct FleetNode {
    /// The node; the capacity is what it last told.
    pub(crate) node: Node,
    /// What it last told and how many places are taken on it.
    state: NodeState,
}

impl FleetNode {
    pub(crate) fn new(node: &Node, state: NodeState) -> Self {
        let capacity = state.capacity;
        let node = Node {
            capacity,
            ..node.clone()
        };
        Self { node, state }
    }
}

/// A place to be tried.
#[derive(Debug)]
pub(crate) struct Place {
    /// On which node.
    pub(crate) node: NodeId,
    /// The edge that leads to it.
    pub(crate) edge: EdgeChoice,
    /// The node may have so many places taken and still be the best choice.
    pub(crate) at_most: u32,
    /// Counts it for others that choose.
    pub(crate) on_its_way: OnItsWay,
}

/// The choice for one connection; grows wiser with every lost race.
#[derive(Debug)]
pub(crate) struct Selection<'a> {
    needs: Needs<'a>,
    nodes: Vec<FleetNode>,
    excluded: BTreeSet<NodeId>,
    tie_break: u64,
    attempts: u32,
}

impl<'a> Selection<'a> {
    /// A choice among `nodes`, without those that failed the connection.
    pub(crate) fn new(
        app: &App,
        needs: Needs<'a>,
        nodes: Vec<FleetNode>,
        excluded: BTreeSet<NodeId>,
    ) -> Self {
        let mut tie_break = [0; 8];
        app.randomness().fill(&mut tie_break);
        for known in &nodes {
            teach(app, known.node.id, &known.state);
        }
        Self {
            needs,
            nodes,
            excluded,
            tie_break: u64::from_le_bytes(tie_break),
            attempts: 0,
        }
    }

    /// The best place by what is known now.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn next(&mut self, app: &App) -> Result<Place, NoNode> {
        self.attempts += 1;
        let slack = slack(self.attempts);
        let heard_since = heard_since(app);
        let (on_its_way, (edge, at_most, node)) = app.ledger().send(|account| {
            let expected: Vec<_> = self
                .nodes
                .iter()
                .map(|known| {
                    let account = account(known.node.id);
                    // A full node must look full by its own count alone: those
                    // on their way may yet be refused.
                    let ceiling = known.node.capacity.saturating_sub(1);
                    let connections = account.expected().min(ceiling.max(account.connections));
                    let load = NodeLoad {
                        connections,
                        ..known.state.load.clone()
                    };
                    (&known.node, load)
                })
                .collect();
            let views: Vec<_> = expected
                .iter()
                .map(|(node, load)| NodeView {
                    node,
                    load: Some(load),
                })
                .collect();
            let ranked = rank(
                &views,
                &Wanted {
                    outposts: self.needs.outposts,
                    labels: self.needs.labels,
                    edges: self.needs.live_edges,
                    heard_since,
                    excluded: &self.excluded,
                    tie_break: self.tie_break,
                },
            )?;
            let best = ranked.first().ok_or(NoNode::NoNode)?;
            let edge = EdgeChoice::first(self.needs.snapshot, &best.edges);
            let edge = edge.ok_or(NoNode::NoTunnel)?;
            let at_most = best
                .best_until(ranked.get(1))
                .saturating_add(slack)
                .min(best.capacity.saturating_sub(1));
            Ok((best.node, (edge, at_most, best.node)))
        })?;
        Ok(Place {
            node,
            edge,
            at_most,
            on_its_way,
        })
    }

    /// Whether there were enough attempts.
    pub(crate) const fn is_exhausted(&self) -> bool {
        self.attempts >= ATTEMPTS_MAX
    }

    /// The node was not to be had; this is how it stands.
    pub(crate) fn learn(&mut self, app: &App, id: NodeId, at_most: u32, state: NodeState) {
        teach(app, id, &state);
        let load = &state.load;
        let looks_free = load.connections <= at_most.min(state.capacity.saturating_sub(1))
            && !load.draining
            && load.heartbeat_at >= heard_since(app);
        if looks_free {
            // Drained since the configuration was read.
            self.exclude(id);
        }
        if let Some(known) = self.nodes.iter_mut().find(|known| known.node.id == id) {
            *known = FleetNode::new(&known.node, state);
        }
    }

    /// The node is out of the question.
    pub(crate) fn exclude(&mut self, id: NodeId) {
        self.excluded.insert(id);
    }
}

fn teach(app: &App, id: NodeId, state: &NodeState) {
    app.ledger()
        .learn(id, state.changes, state.load.connections);
}

/// By how much a node's load may exceed what the choice assumed.
const fn slack(attempt: u32) -> u32 {
    match attempt.checked_sub(STRICT_ATTEMPTS) {
        None | Some(0) => 0,
        Some(beyond) => 1 << beyond,
    }
}

/// Members that were not heard of since are lost.
pub(crate) fn heard_since(app: &App) -> Timestamp {
    let deadline =
        SignedDuration::try_from(app.config().heartbeat_deadline).unwrap_or(SignedDuration::MAX);
    app.now().saturating_sub(deadline).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_attempts_insist_on_the_best_node() {
        assert_eq!((1..=STRICT_ATTEMPTS).map(slack).sum::<u32>(), 0);
        assert_eq!(slack(STRICT_ATTEMPTS + 1), 2);
        assert_eq!(slack(ATTEMPTS_MAX), 256);
    }
}
