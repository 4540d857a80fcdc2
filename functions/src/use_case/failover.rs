//! Fail-over: a connection whose node could not open it goes to the next best,
//! and to none twice.
//!
//! Only a connection whose target was never reached can move: nothing is lost
//! by it. It keeps its id and its place at the endpoint, and is pending again;
//! its browser asks for another ticket.

use std::collections::BTreeSet;

use causeway_model::id::{EdgeId, NodeId, TicketId};
use causeway_model::object::{Connection, ConnectionState, EventAction, NodeHealth, Outcome};
use causeway_model::placement::{NoNode, NodeView, health};
use causeway_table::{
    Batch, ConfigSnapshot, Move, MoveOutcome, NodeState, StoredConnection, TableError,
};

use super::event::Entry;
use super::launch::{EdgeChoice, live_edges, pending_until};
use super::selection::{FleetNode, Needs, NoPlace, Selection, heard_since};
use crate::app::App;

/// Why a connection leaves its node.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause<'a> {
    /// The node cannot reach the target, or stops before it did, and says so
    /// with this code.
    TargetNotReached(&'a str),
    /// The node is lost, cut off, or does not know of the connection.
    NodeLost,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum FailOver {
    /// Another node has it.
    Moved(Box<Moved>),
    /// No other node can take it.
    NoNode(NoNode),
    /// It is over, or its sign-in is.
    Over,
    /// It has moved already, or its target was reached after all.
    Elsewhere,
}

/// A connection at its new node.
#[derive(Debug)]
pub(crate) struct Moved {
    pub(crate) connection: Connection,
    pub(crate) edge: EdgeChoice,
}

/// Moves a connection to the best node that has not failed it yet. `ticket` is
/// the only one that is good there.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn fail_over(
    app: &App,
    stored: &StoredConnection,
    cause: Cause<'_>,
    ticket: Option<TicketId>,
) -> Result<FailOver, TableError> {
    let connection = &stored.connection;
    let snapshot = app.table().config().current().await?;
    let Some(provider) = snapshot.providers().get(connection.provider.uuid()) else {
        return Ok(FailOver::NoNode(NoNode::NoOutpost));
    };
    let ids = provider.outposts.iter();
    let outposts: Vec<_> = ids
        .filter_map(|id| snapshot.outposts().get(id.uuid()))
        .map(|found| &**found)
        .collect();
    let nodes = provider.outposts.iter();
    let nodes = nodes.flat_map(|outpost| snapshot.nodes_of(*outpost));
    let mut batch = Batch::new();
    let endpoint = batch.endpoint(connection.endpoint);
    let slots: Vec<_> = nodes
        .map(|node| (node, batch.node_state(node.id)))
        .collect();
    let edges = edge_slots(&snapshot, &mut batch);
    let answer = app.table().read(batch).await?;
    let Some(endpoint) = answer.take(endpoint)? else {
        return Ok(FailOver::NoNode(NoNode::NoOutpost));
    };
    let mut nodes = Vec::with_capacity(slots.len());
    for (node, slot) in slots {
        nodes.extend(answer.take(slot)?.map(|state| FleetNode::new(node, state)));
    }
    let mut states = Vec::with_capacity(edges.len());
    for (id, slot) in edges {
        states.extend(answer.take(slot)?.map(|state| (id, state)));
    }
    let live_edges = live_edges(app, &states);
    let needs = Needs {
        snapshot: &snapshot,
        provider: provider.id,
        outposts: &outposts,
        labels: &endpoint.labels,
        live_edges: &live_edges,
    };
    let mut excluded = stored.tried.clone();
    excluded.insert(connection.node);
    let selection = Selection::new(app, needs, nodes, excluded);
    take_over(app, stored, cause, ticket, selection, &snapshot).await
}

async fn take_over(
    app: &App,
    stored: &StoredConnection,
    cause: Cause<'_>,
    ticket: Option<TicketId>,
    mut selection: Selection<'_>,
    snapshot: &ConfigSnapshot,
) -> Result<FailOver, TableError> {
    loop {
        let place = match selection.next(app).await {
            Ok(place) => place,
            Err(NoPlace::NoNode(reason)) => return Ok(FailOver::NoNode(reason)),
            Err(NoPlace::Contended) => return Ok(FailOver::NoNode(NoNode::AllFull)),
            Err(NoPlace::Table(error)) => return Err(error),
        };
        let now = app.now();
        let event = entry(snapshot, stored, cause, place.node).event(app);
        let wish = Move {
            stored,
            to: place.node,
            edge: place.edge.id,
            ticket,
            node_at_most: place.at_most,
            heartbeat_after: heard_since(app),
            pending_until: pending_until(now),
            now,
            event: Some(&event),
        };
        match app.table().connections().move_to(wish).await? {
            MoveOutcome::Moved(moved) => {
                place.on_its_way.arrived();
                app.metrics().moved.add_one();
                tracing::info!(
                    connection = %stored.connection.id, from = %stored.connection.node,
                    to = %place.node, ?cause, "moved to another node"
                );
                return Ok(FailOver::Moved(Box::new(Moved {
                    connection: moved.connection,
                    edge: place.edge,
                })));
            }
            MoveOutcome::NodeTaken(state) => {
                selection.learn(app, place.node, place.at_most, state);
            }
            MoveOutcome::NodeGone => selection.exclude(place.node),
            MoveOutcome::Elsewhere(_) => return Ok(FailOver::Elsewhere),
            MoveOutcome::NotFound
            | MoveOutcome::Ended(_)
            | MoveOutcome::Expired
            | MoveOutcome::SessionGone => return Ok(FailOver::Over),
        }
    }
}

fn entry(
    snapshot: &ConfigSnapshot,
    stored: &StoredConnection,
    cause: Cause<'_>,
    to: NodeId,
) -> Entry {
    let connection = &stored.connection;
    let name = |id: NodeId| {
        let node = snapshot.nodes().get(id.uuid());
        node.map_or_else(|| id.to_string(), |node| node.name.clone())
    };
    let code = match cause {
        Cause::TargetNotReached(code) => code,
        Cause::NodeLost => "node_lost",
    };
    let (from, to) = (name(connection.node), name(to));
    Entry::new(EventAction::Move, Outcome::Success)
        .by(&connection.username)
        .on("connection", connection.id, &connection.endpoint_name)
        .connection(connection.id)
        .detail(&format!("{code}: from {from} to {to}"))
}

/// How a browser can reach a connection now.
#[derive(Debug)]
pub(crate) enum Way {
    /// Through this edge to the node that has it.
    Here(EdgeChoice),
    /// Its node is lost or cut off, or about to stop, and the target was not
    /// reached yet: another node may have it.
    ElsewhereOnly,
    /// Its node is cut off, and the session lives there.
    Cut,
}

/// Finds the way to a connection's node.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn way_to(
    app: &App,
    snapshot: &ConfigSnapshot,
    stored: &StoredConnection,
) -> Result<Way, TableError> {
    let connection = &stored.connection;
    let mut batch = Batch::new();
    let node = batch.node_state(connection.node);
    let slots = edge_slots(snapshot, &mut batch);
    let answer = app.table().read(batch).await?;
    let state = answer.take(node)?;
    let mut states = Vec::with_capacity(slots.len());
    for (id, slot) in slots {
        states.extend(answer.take(slot)?.map(|state| (id, state)));
    }
    let live = live_edges(app, &states);
    if !stored.opened && is_lost(app, snapshot, connection, state.as_ref(), &live) {
        return Ok(Way::ElsewhereOnly);
    }
    let edges = state.map(|state| state.load.edges).unwrap_or_default();
    let mut edges: Vec<EdgeId> = edges.intersection(&live).copied().collect();
    edges.sort_by_key(|edge| *edge != connection.edge);
    Ok(EdgeChoice::first(snapshot, &edges).map_or(Way::Cut, Way::Here))
}

fn is_lost(
    app: &App,
    snapshot: &ConfigSnapshot,
    connection: &Connection,
    state: Option<&NodeState>,
    live: &BTreeSet<EdgeId>,
) -> bool {
    let Some(node) = snapshot.nodes().get(connection.node.uuid()) else {
        return true;
    };
    let view = NodeView {
        node,
        load: state.map(|state| &state.load),
        on_their_way: 0,
    };
    match health(view, live, heard_since(app)) {
        NodeHealth::Lost | NodeHealth::NoTunnel => true,
        // It takes no first browser any more.
        NodeHealth::Draining => connection.state == ConnectionState::Pending,
        NodeHealth::Drained | NodeHealth::Full | NodeHealth::Ready => false,
    }
}

type EdgeSlots = Vec<(EdgeId, causeway_table::Slot<causeway_table::EdgeState>)>;

fn edge_slots(snapshot: &ConfigSnapshot, batch: &mut Batch) -> EdgeSlots {
    let edges = snapshot.edges().iter();
    edges
        .map(|edge| (edge.id, batch.edge_state(edge.id)))
        .collect()
}
