//! Random steps: one at a time against the model, or wild ones of many at once.

use std::collections::BTreeSet;

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use fastrand::Rng;
use jiff::Timestamp;

use crate::fixtures::{later, now, update, uuid, write};
use crate::model::{HEARTBEAT_S, Model, PENDING_S, Why};
use crate::place::Place;

/// The end of a connection, whatever its state.
pub(crate) fn ending(connection: &Connection, now: Timestamp) -> Ending<'static> {
    Ending {
        user: connection.user,
        connection: connection.id,
        reason: EndReason::Terminated,
        code: None,
        only_if: None,
        only_at: None,
        now,
        keep_until: later(99_999),
        events: &[],
    }
}

fn reservation(connection: &Connection, credential: Credential, now_s: i64) -> Reservation<'_> {
    Reservation {
        connection,
        credential,
        ticket: TicketId::new(uuid()),
        node_at_most: u32::MAX,
        pending_until: later(now_s + PENDING_S),
        heartbeat_after: later(now_s - HEARTBEAT_S),
        now: later(now_s),
        execution: None,
        flow_result: None,
        event: None,
    }
}

fn moving<'a>(place: &Place, stored: &'a StoredConnection, to: usize, now_s: i64) -> Move<'a> {
    Move {
        stored,
        to: place.nodes[to].id,
        edge: place.edge.id,
        ticket: None,
        node_at_most: u32::MAX,
        heartbeat_after: later(now_s - HEARTBEAT_S),
        pending_until: later(now_s + PENDING_S),
        now: later(now_s),
        event: None,
    }
}

/// One of the connections that the model knows, over or not.
fn any(model: &Model, rng: &mut Rng) -> Option<ConnectionId> {
    let live: Vec<_> = model.live.keys().copied().collect();
    if rng.u8(..8) == 0 {
        return rng.choice(model.over.iter().copied());
    }
    rng.choice(live)
}

async fn read(table: &Table, place: &Place, id: ConnectionId) -> StoredConnection {
    let found = table.connections().get(place.user.id, id).await.unwrap();
    found.unwrap()
}

/// A random step; what it comes to must be what the model says. Tells what it
/// was.
pub(crate) async fn checked(
    table: &Table,
    place: &Place,
    model: &mut Model,
    rng: &mut Rng,
) -> String {
    model.now_s += rng.i64(0..2);
    let node = rng.usize(..place.nodes.len());
    match rng.u8(..20) {
        0..=5 => reserve(table, place, model, node, rng).await,
        6..=7 => beat(table, place, model, node, rng).await,
        8 => change_endpoint(table, place, model, rng).await,
        9 => drain(table, place, model, node).await,
        10 => sweep(table, place, model, rng).await,
        11 => {
            let reconciled = table.nodes().reconcile(place.nodes[node].id).await.unwrap();
            assert!(!reconciled, "a count was wrong");
            format!("reconcile {node}")
        }
        other => match any(model, rng) {
            Some(id) => on_connection(table, place, model, (other, id, node), rng).await,
            None => "nothing to do".to_owned(),
        },
    }
}

async fn reserve(
    table: &Table,
    place: &Place,
    model: &mut Model,
    node: usize,
    rng: &mut Rng,
) -> String {
    let endpoint = rng.usize(..place.endpoints.len());
    let expires_s = model.now_s + rng.i64(20..400);
    let connection = Connection {
        expires_at: Some(later(expires_s)),
        ..place.connection(endpoint, node)
    };
    let at_most = rng.choice([0, 2, u32::MAX]).unwrap();
    let reservation = Reservation {
        node_at_most: at_most,
        ..reservation(&connection, place.credential(), model.now_s)
    };
    let outcome = table.connections().reserve(reservation).await.unwrap();
    let against = match outcome {
        ReserveOutcome::Reserved => Vec::new(),
        ReserveOutcome::Refused(refusals) => refusals.iter().map(why).collect(),
    };
    let expected = model.reserve(connection.id, endpoint, node, at_most, expires_s);
    assert_eq!(against, expected, "{model:?}");
    format!("launch at {endpoint} on {node}: {against:?}")
}

fn why(refusal: &ReserveRefusal) -> Why {
    match refusal {
        ReserveRefusal::EndpointFull(_) => Why::Endpoint,
        ReserveRefusal::NodeTaken(_) => Why::Node,
        other => panic!("refused for {other:?}"),
    }
}

async fn beat(
    table: &Table,
    place: &Place,
    model: &mut Model,
    node: usize,
    rng: &mut Rng,
) -> String {
    let known = &mut model.nodes[node];
    known.capacity = rng.u32(1..6);
    known.draining = rng.u8(..8) == 0;
    known.heard_s = model.now_s;
    let beat = NodeBeat {
        draining: known.draining,
        capacity: known.capacity,
        version: "0",
        edges: &BTreeSet::new(),
        now: later(model.now_s),
    };
    let id = place.nodes[node].id;
    table.nodes().heartbeat(id, beat).await.unwrap().unwrap();
    format!("beat of {node}: {:?}", model.nodes[node])
}

async fn change_endpoint(table: &Table, place: &Place, model: &mut Model, rng: &mut Rng) -> String {
    let index = rng.usize(..place.endpoints.len());
    let maximum = rng.u32(0..7);
    let id = place.endpoints[index].id;
    let before = table.endpoints().by_id(id).await.unwrap().unwrap();
    let change = update(
        &before,
        |endpoint| &mut endpoint.meta,
        |endpoint| {
            endpoint.maximum_connections = MaximumConnections::Limited(maximum);
        },
    );
    write(table, change).await.unwrap();
    model.maxima[index] = maximum;
    format!("maximum of {index}: {maximum}")
}

async fn drain(table: &Table, place: &Place, model: &mut Model, node: usize) -> String {
    let before = Node {
        drained: model.nodes[node].drained,
        ..place.nodes[node].clone()
    };
    let after = Node {
        drained: !before.drained,
        ..before.clone()
    };
    model.nodes[node].drained = after.drained;
    write(table, Change::Update { before, after })
        .await
        .unwrap();
    format!("drained {node}: {}", model.nodes[node].drained)
}

async fn sweep(table: &Table, place: &Place, model: &mut Model, rng: &mut Rng) -> String {
    let keep_movable = rng.bool();
    let sweep = Sweep {
        nodes: &place.node_ids(),
        heartbeat_after: later(model.now_s - HEARTBEAT_S),
        expired_before: later(model.now_s),
        keep_movable,
        now: later(model.now_s),
        keep_until: later(99_999),
    };
    let swept = table.connections().sweep(sweep).await.unwrap();
    let ids = |mut ids: Vec<ConnectionId>| {
        ids.sort_unstable();
        ids
    };
    let ended = ids(swept.ended.iter().map(|ended| ended.id).collect());
    let movable = ids(swept.movable.iter().map(|one| one.connection.id).collect());
    let expected = model.clone();
    assert_eq!((ended, movable), model.sweep(keep_movable), "{expected:?}");
    format!("sweep, keeping what can move: {keep_movable}")
}

/// A step of one connection, by whoever says to be `node`.
async fn on_connection(
    table: &Table,
    place: &Place,
    model: &mut Model,
    (what, id, node): (u8, ConnectionId, usize),
    rng: &mut Rng,
) -> String {
    let connections = table.connections();
    let (user, now) = (place.user.id, later(model.now_s));
    let stored = read(table, place, id).await;
    let connection = &stored.connection;
    match what {
        12..=13 => {
            let ticket = TicketId::new(uuid());
            let edge = place.edge.id;
            let issued = issue(table, (user, id), ticket, edge, now).await;
            let claim = Claim {
                user,
                connection: id,
                credential: place.credential(),
                observed: connection.state,
                ticket,
                node: place.nodes[node].id,
                edge,
                now,
            };
            let outcome = connections.claim(claim).await.unwrap();
            let claimed = matches!(outcome, ClaimOutcome::Claimed(_));
            assert_eq!(claimed, model.claim(id, node), "{issued:?} {outcome:?}");
            format!("claim by {node}: {outcome:?}")
        }
        14 => {
            let detached = connections.detach(user, id).await.unwrap();
            assert_eq!(detached, model.detach(id));
            format!("detach: {detached}")
        }
        15 => {
            let by = place.nodes[node].id;
            let opened = connections.opened(user, id, by).await.unwrap();
            assert_eq!(opened, model.opened(id, node));
            format!("opened by {node}: {opened}")
        }
        16 => {
            let only_at = rng.bool().then_some(node);
            let ending = Ending {
                only_at: only_at.map(|node| place.nodes[node].id),
                ..ending(connection, now)
            };
            let outcome = connections.end(ending).await.unwrap();
            let ended = matches!(outcome, EndOutcome::Ended(_));
            assert_eq!(ended, model.end(id, only_at), "{outcome:?}");
            format!("end at {only_at:?}: {ended}")
        }
        _ => {
            let from = place.node_index(connection);
            if from == node {
                return "a move to where it is".to_owned();
            }
            let wish = moving(place, &stored, node, model.now_s);
            let outcome = connections.move_to(wish).await.unwrap();
            let moved = matches!(outcome, MoveOutcome::Moved(_));
            assert_eq!(moved, model.move_to(id, from, node), "{outcome:?}");
            format!("move from {from} to {node}: {moved}")
        }
    }
}

/// A random step without a model, on what is there.
pub(crate) async fn wild(table: &Table, place: &Place, rng: &mut Rng) {
    let connections = table.connections();
    let node = rng.usize(..place.nodes.len());
    if rng.u8(..3) == 0 {
        let endpoint = rng.usize(..place.endpoints.len());
        let connection = place.connection(endpoint, node);
        let reservation = reservation(&connection, place.credential(), 0);
        connections.reserve(reservation).await.unwrap();
        return;
    }
    let from = rng.choice(place.node_ids()).unwrap();
    let leases = connections.of_node(from).await.unwrap();
    let Some(lease) = rng.choice(leases) else {
        return;
    };
    let stored = &read(table, place, lease.connection).await;
    let connection = &stored.connection;
    match rng.u8(..6) {
        0 | 1 if connection.node != place.nodes[node].id => {
            let wish = moving(place, stored, node, 1);
            connections.move_to(wish).await.unwrap();
        }
        2 => {
            let (ticket, edge) = (TicketId::new(uuid()), place.edge.id);
            issue(table, (connection.user, connection.id), ticket, edge, now()).await;
            let claim = Claim {
                user: connection.user,
                connection: connection.id,
                credential: place.credential(),
                observed: connection.state,
                ticket,
                node: connection.node,
                edge,
                now: now(),
            };
            connections.claim(claim).await.unwrap();
        }
        3 => {
            // A node that is lost to this sweep only: nobody can tell whose
            // clock is right.
            let sweep = Sweep {
                nodes: &[place.nodes[node].id],
                heartbeat_after: later(1),
                expired_before: now(),
                keep_movable: rng.bool(),
                now: now(),
                keep_until: later(99_999),
            };
            connections.sweep(sweep).await.unwrap();
        }
        _ => {
            connections.end(ending(connection, now())).await.unwrap();
        }
    }
}

async fn issue(
    table: &Table,
    (user, id): (UserId, ConnectionId),
    ticket: TicketId,
    edge: EdgeId,
    now: Timestamp,
) -> TicketOutcome {
    let wish = IssueTicket {
        user,
        connection: id,
        ticket,
        edge,
        address: "",
        now,
    };
    table.connections().issue_ticket(wish).await.unwrap()
}
