//! Which node a connection goes to: the best by what is known, and the next
//! when others were quicker or it failed.
//!
//! The reservation holds the choice to what it was made by: a node that has
//! more places taken than makes it the best choice is refused, and tells how
//! many. What the bound is made of are places that are taken for certain, never
//! those that somebody is about to take. So each place is taken at the node that
//! is the best choice at that moment, and a burst spreads evenly in whatever
//! order its launches come through, and whichever processes they go through.
//!
//! A launch that could only hope to be right waits until it is known what became
//! of those before it: they are this process's own, and on their way to the
//! table.

#[cfg(test)]
mod interleavings;
mod ledger;
mod turn;

pub(crate) use ledger::{Ledger, OnItsWay};
pub(crate) use turn::Turns;

use std::collections::BTreeSet;
use std::time::Duration;

use causeway_model::id::{EdgeId, NodeId, ProviderId};
use causeway_model::object::{Labels, Node, NodeLoad, Outpost};
use causeway_model::placement::{NoNode, NodeView, Wanted, choose, rank};
use causeway_table::{Batch, ConfigSnapshot, NodeState, TableError};
use jiff::{SignedDuration, Timestamp};

use super::launch::EdgeChoice;
use crate::app::App;

/// How many places are tried. Each that was lost means that others got one, so
/// that a burst of as many launches never runs out. The last takes the best node
/// however many places are taken there: better uneven than refused.
const ATTEMPTS_MAX: u32 = 256;

/// How long a launch waits for those before it.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// What a connection needs of its node.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs<'a> {
    /// The configuration.
    pub(crate) snapshot: &'a ConfigSnapshot,
    /// Its provider.
    pub(crate) provider: ProviderId,
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
    /// Lets others that choose know of it.
    pub(crate) on_its_way: OnItsWay,
}

/// Why there is no place to be tried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoPlace {
    /// No node can take the connection.
    #[error(transparent)]
    NoNode(#[from] NoNode),
    /// Others kept taking the places, or kept this one waiting.
    #[error("too many launches at once")]
    Contended,
    /// The table did not answer.
    #[error("the loads of the nodes could not be read")]
    Table(#[from] TableError),
}

/// The choice for one connection; grows wiser with every lost race.
#[derive(Debug)]
pub(crate) struct Selection<'a> {
    needs: Needs<'a>,
    nodes: Vec<FleetNode>,
    excluded: BTreeSet<NodeId>,
    tie_break: u64,
    attempts: u32,
    /// The nodes have gone on so much that all of them are to be read again.
    is_behind: bool,
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
            is_behind: false,
        }
    }

    /// The best place by what is known now. No round trip to the table unless
    /// other processes were much quicker.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn next(&mut self, app: &App) -> Result<Place, NoPlace> {
        if self.attempts == ATTEMPTS_MAX {
            return Err(NoPlace::Contended);
        }
        self.attempts += 1;
        if std::mem::take(&mut self.is_behind) {
            self.read_again(app).await?;
        }
        let chosen = tokio::time::timeout(WAIT_MAX, self.wait_for_choice(app));
        let chosen = chosen.await.map_err(|_| NoPlace::Contended)?;
        let (
            on_its_way,
            Chosen {
                node,
                at_most,
                edges,
            },
        ) = chosen?;
        let edge = EdgeChoice::first(self.needs.snapshot, &edges).ok_or(NoNode::NoTunnel)?;
        Ok(Place {
            node,
            edge,
            at_most,
            on_its_way,
        })
    }

    async fn wait_for_choice(&self, app: &App) -> Result<(OnItsWay, Chosen), NoNode> {
        let _turn = app.turns().take(self.needs.provider).await;
        loop {
            let changed = app.ledger().changed();
            let wanted = Wanted {
                outposts: self.needs.outposts,
                labels: self.needs.labels,
                edges: self.needs.live_edges,
                heard_since: heard_since(app),
                excluded: &self.excluded,
                tie_break: self.tie_break,
            };
            let insists = self.attempts < ATTEMPTS_MAX;
            if let Some(sent) = send(app.ledger(), &self.nodes, &wanted, insists)? {
                return Ok(sent);
            }
            changed.await;
        }
    }

    async fn read_again(&mut self, app: &App) -> Result<(), TableError> {
        let mut batch = Batch::new();
        let nodes = self.nodes.iter();
        let slots: Vec<_> = nodes.map(|known| batch.node_state(known.node.id)).collect();
        let answer = app.table().read(batch).await?;
        for (known, slot) in self.nodes.iter_mut().zip(slots) {
            if let Some(state) = answer.take(slot)? {
                teach(app, known.node.id, &state);
                *known = FleetNode::new(&known.node, state);
            }
        }
        Ok(())
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
        // By one is a lost race. More, and the others have gone on as well.
        self.is_behind = load.connections > at_most.saturating_add(1);
        if let Some(known) = self.nodes.iter_mut().find(|known| known.node.id == id) {
            *known = FleetNode::new(&known.node, state);
        }
    }

    /// The node is out of the question.
    pub(crate) fn exclude(&mut self, id: NodeId) {
        self.excluded.insert(id);
    }
}

/// What was chosen.
#[derive(Debug)]
struct Chosen {
    node: NodeId,
    /// It may have so many places taken and still be the best choice.
    at_most: u32,
    /// Live edges that lead to it.
    edges: Vec<EdgeId>,
}

/// Chooses by what `ledger` knows, and lets it know. `None` when it must first
/// be known what becomes of those on their way. Who does not insist takes the
/// best node however many places are taken there.
fn send(
    ledger: &Ledger,
    nodes: &[FleetNode],
    wanted: &Wanted<'_>,
    insists: bool,
) -> Result<Option<(OnItsWay, Chosen)>, NoNode> {
    ledger.send(|account| {
        let standing: Vec<_> = nodes
            .iter()
            .map(|known| {
                let account = account(known.node.id);
                let load = NodeLoad {
                    connections: account.connections,
                    ..known.state.load.clone()
                };
                (&known.node, load, account.on_their_way)
            })
            .collect();
        let views: Vec<_> = standing
            .iter()
            .map(|(node, load, on_their_way)| NodeView {
                node,
                load: Some(load),
                on_their_way: *on_their_way,
            })
            .collect();
        let ranked = rank(&views, wanted)?;
        let chosen = if insists {
            choose(&ranked)
        } else {
            ranked.first().map(|best| (best, best.capacity - 1))
        };
        Ok(chosen.map(|(candidate, at_most)| {
            let chosen = Chosen {
                node: candidate.node,
                at_most,
                edges: candidate.edges.clone(),
            };
            (candidate.node, chosen)
        }))
    })
}

fn teach(app: &App, id: NodeId, state: &NodeState) {
    app.ledger()
        .learn(id, state.changes, state.load.connections);
}

/// Members that were not heard of since are lost.
pub(crate) fn heard_since(app: &App) -> Timestamp {
    let deadline =
        SignedDuration::try_from(app.config().heartbeat_deadline).unwrap_or(SignedDuration::MAX);
    app.now().saturating_sub(deadline).unwrap_or(Timestamp::MIN)
}
