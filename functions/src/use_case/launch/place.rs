//! Taking the place: the best node first, the next when it was lost to others.

use std::collections::BTreeSet;

use causeway_model::id::{ConnectionId, NodeId, TicketId};
use causeway_model::object::{Connection, Node, NodeLoad, Outcome};
use causeway_model::placement::{Candidate, NoNode, NodeView, Wanted, rank};
use causeway_table::{NodeState, Reservation, ReserveOutcome, ReserveRefusal};
use causeway_trust::token::TICKET_LIFE;
use jiff::{SignedDuration, Timestamp};

use super::read::Facts;
use super::ticket::EdgeChoice;
use super::{LaunchError, Reserved, launch_entry, maximum, pending};
use crate::app::App;

/// How many places are tried before the launch is given up.
const ATTEMPTS_MAX: usize = 12;
/// A node's load may have grown by this and a share of its capacity since it
/// was read, and it is still a good choice.
const SLACK_MIN: u32 = 2;
const SLACK_SHARE: u32 = 32;
/// A ticket that nobody used frees its place this much after it expired.
const PENDING_GRACE: SignedDuration = SignedDuration::from_secs(10);

/// A node with the edge that leads to it.
struct Place {
    candidate: Candidate,
    edge: EdgeChoice,
}

/// What is known of the nodes; grows with every lost race.
struct Nodes {
    known: Vec<(Node, Option<NodeLoad>)>,
    excluded: BTreeSet<NodeId>,
}

/// Reserves a place for the connection.
///
/// # Errors
/// [`LaunchError`].
pub(super) async fn reserve(app: &App, facts: &Facts) -> Result<Reserved, LaunchError> {
    let mut nodes = Nodes {
        known: facts.nodes.clone(),
        excluded: BTreeSet::new(),
    };
    let mut tie_break = [0; 8];
    app.randomness().fill(&mut tie_break);
    let tie_break = u64::from_le_bytes(tie_break);
    for _ in 0..ATTEMPTS_MAX {
        let place = choose(app, facts, &nodes, tie_break)?;
        let refusals = match attempt(app, facts, &place).await? {
            Ok((connection, ticket)) => {
                return Ok(Reserved {
                    connection,
                    edge: place.edge,
                    ticket,
                });
            }
            Err(refusals) => refusals,
        };
        for refusal in refusals {
            nodes.learn(facts, &place.candidate, refusal)?;
        }
    }
    Err(LaunchError::Contended)
}

/// The best node by what is known, launches on their way counted in.
fn choose(app: &App, facts: &Facts, nodes: &Nodes, tie_break: u64) -> Result<Place, NoNode> {
    let expected: Vec<_> = nodes
        .known
        .iter()
        .map(|(node, load)| {
            let load = load.clone().map(|load| {
                let on_their_way = app.in_flight().to(node.id);
                // A full node must look full by its own count alone: those on
                // their way may yet be refused.
                let ceiling = node.capacity.saturating_sub(1).max(load.connections);
                let connections = load.connections.saturating_add(on_their_way).min(ceiling);
                NodeLoad {
                    connections,
                    ..load
                }
            });
            (node, load)
        })
        .collect();
    let views: Vec<_> = expected
        .iter()
        .map(|(node, load)| NodeView {
            node,
            load: load.as_ref(),
        })
        .collect();
    let ranked = rank(
        &views,
        &Wanted {
            outposts: &facts.outposts(),
            labels: &facts.endpoint.labels,
            edges: &facts.live_edges,
            heard_since: heard_since(app),
            excluded: &nodes.excluded,
            tie_break,
        },
    )?;
    let candidate = ranked.into_iter().next().ok_or(NoNode::NoNode)?;
    let edge = EdgeChoice::first(&facts.snapshot, &candidate.edges).ok_or(NoNode::NoTunnel)?;
    Ok(Place { candidate, edge })
}

/// Members that were not heard of since are lost.
pub(crate) fn heard_since(app: &App) -> Timestamp {
    let deadline =
        SignedDuration::try_from(app.config().heartbeat_deadline).unwrap_or(SignedDuration::MAX);
    app.now().saturating_sub(deadline).unwrap_or(Timestamp::MIN)
}

type Attempt = Result<(Connection, TicketId), Vec<ReserveRefusal>>;

async fn attempt(app: &App, facts: &Facts, place: &Place) -> Result<Attempt, LaunchError> {
    let _on_its_way = app.in_flight().send(place.candidate.node);
    let now = app.now();
    let ticket = TicketId::new(app.new_id());
    let id = ConnectionId::new(app.new_id());
    let connection = pending(facts, id, now, place.candidate.node, place.edge.id);
    let event = launch_entry(facts, Outcome::Success).event(app);
    let ticket_life = SignedDuration::try_from(TICKET_LIFE).unwrap_or(SignedDuration::ZERO);
    let reservation = Reservation {
        connection: &connection,
        credential: facts.caller.key(),
        ticket,
        node_at_most: at_most(&place.candidate),
        pending_until: now
            .saturating_add(ticket_life + PENDING_GRACE)
            .unwrap_or(now),
        now,
        heartbeat_after: heard_since(app),
        execution: None,
        flow_settings: None,
        event: Some(&event),
    };
    match app.table().connections().reserve(reservation).await? {
        ReserveOutcome::Reserved => Ok(Ok((connection, ticket))),
        ReserveOutcome::Refused(refusals) => Ok(Err(refusals)),
    }
}

/// The load up to which the node is still a good choice, its capacity at most.
fn at_most(candidate: &Candidate) -> u32 {
    let slack = SLACK_MIN + candidate.capacity / SLACK_SHARE;
    candidate
        .connections
        .saturating_add(slack)
        .min(candidate.capacity.saturating_sub(1))
}

impl Nodes {
    /// Takes in why a place was not free.
    fn learn(
        &mut self,
        facts: &Facts,
        candidate: &Candidate,
        refusal: ReserveRefusal,
    ) -> Result<(), LaunchError> {
        match refusal {
            ReserveRefusal::SessionGone | ReserveRefusal::ExecutionGone => {
                Err(LaunchError::NotSignedIn)
            }
            ReserveRefusal::EndpointGone => Err(LaunchError::EndpointNotFound),
            ReserveRefusal::EndpointFull { .. } => {
                let maximum = maximum(facts.endpoint.maximum_connections);
                Err(LaunchError::MaximumConnections {
                    maximum,
                    own: Vec::new(),
                })
            }
            ReserveRefusal::NodeTaken(state) => {
                self.update(candidate.node, state);
                Ok(())
            }
            ReserveRefusal::NodeGone => {
                self.excluded.insert(candidate.node);
                Ok(())
            }
            // An id drawn twice; the next attempt draws another.
            ReserveRefusal::Exists => Ok(()),
        }
    }

    fn update(&mut self, id: NodeId, state: NodeState) {
        if let Some((node, load)) = self.known.iter_mut().find(|(node, _)| node.id == id) {
            node.capacity = state.capacity;
            *load = Some(state.load);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn slack_never_exceeds_capacity() {
        let candidate = |connections, capacity| Candidate {
            node: NodeId::new(Uuid::from_u128(1)),
            connections,
            capacity,
            weight: 100,
            edges: Vec::new(),
        };
        assert_eq!(at_most(&candidate(0, 1)), 0);
        assert_eq!(at_most(&candidate(0, 100)), 5);
        assert_eq!(at_most(&candidate(98, 100)), 99);
        assert_eq!(at_most(&candidate(0, 0)), 0);
    }
}
