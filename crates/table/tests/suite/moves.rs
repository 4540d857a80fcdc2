//! Connections that move to another node.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use std::sync::Arc;

use super::fixtures::*;

async fn stored(table: &Table, connection: &Connection) -> StoredConnection {
    let found = table
        .connections()
        .get(connection.user, connection.id)
        .await;
    found.unwrap().unwrap()
}

fn wish<'a>(world: &World, stored: &'a StoredConnection, to: usize, ticket: TicketId) -> Move<'a> {
    Move {
        stored,
        to: world.nodes[to].id,
        edge: world.edge.id,
        ticket: Some(ticket),
        node_at_most: u32::MAX,
        heartbeat_after: later(-15),
        pending_until: later(100),
        now: later(3),
        event: None,
    }
}

pub(crate) async fn a_connection_moves_with_its_places(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(1), &[9, 9]).await;
    let (connection, old_ticket) = world.launched(table).await;
    let connections = table.connections();
    connections
        .claim(world.claim(&connection, old_ticket))
        .await
        .unwrap();
    let (first, second) = (stored(table, &connection).await, TicketId::new(uuid()));
    let MoveOutcome::Moved(moved) = connections
        .move_to(wish(&world, &first, 1, second))
        .await
        .unwrap()
    else {
        panic!("not moved");
    };
    assert_eq!(moved, stored(table, &connection).await);
    assert_eq!(moved.connection.state, ConnectionState::Pending);
    assert_eq!(moved.connection.node, world.nodes[1].id);
    assert_eq!(moved.tried, [world.nodes[0].id].into());
    assert_eq!(moved.tickets, [second]);
    // Its place at the endpoint is kept, that on the node is the other's.
    assert_eq!(world.taken(table).await, (1, vec![0, 1]));
    let leases = connections.of_node(world.nodes[1].id).await.unwrap();
    assert_eq!(leases[0].pending_until, Some(later(100)));

    let old = world.claim(&connection, old_ticket);
    assert_eq!(
        connections.claim(old).await.unwrap(),
        ClaimOutcome::OtherNode
    );
    let again = connections
        .move_to(wish(&world, &first, 1, second))
        .await
        .unwrap();
    assert!(matches!(again, MoveOutcome::Elsewhere(found) if found == moved));
    let claim = Claim {
        ticket: second,
        ..world.claim(&moved.connection, second)
    };
    assert_eq!(
        connections.claim(claim).await.unwrap(),
        ClaimOutcome::Claimed(Attach::First)
    );
    world.end(table, &connection, EndReason::Left).await;
    assert_eq!(world.taken(table).await, (0, vec![0, 0]));
}

pub(crate) async fn a_move_is_refused_with_its_reason(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9, 0]).await;
    let (connection, _) = world.launched(table).await;
    let connections = table.connections();
    let as_read = stored(table, &connection).await;
    let ticket = TicketId::new(uuid());
    let full = connections
        .move_to(wish(&world, &as_read, 1, ticket))
        .await
        .unwrap();
    assert!(matches!(full, MoveOutcome::NodeTaken(state) if state.capacity == 0));
    let nowhere = Move {
        to: NodeId::new(uuid()),
        ..wish(&world, &as_read, 1, ticket)
    };
    assert_eq!(
        connections.move_to(nowhere).await.unwrap(),
        MoveOutcome::NodeGone
    );
    let late = Move {
        now: later(9 * 3600),
        ..wish(&world, &as_read, 1, ticket)
    };
    assert_eq!(
        connections.move_to(late).await.unwrap(),
        MoveOutcome::Expired
    );
    assert_eq!(world.taken(table).await, (1, vec![1, 0]));

    // A target that was reached holds its connection.
    let node = world.nodes[0].id;
    assert!(
        !connections
            .opened(connection.user, connection.id, world.nodes[1].id)
            .await
            .unwrap()
    );
    for _ in 0..2 {
        assert!(
            connections
                .opened(connection.user, connection.id, node)
                .await
                .unwrap()
        );
    }
    let reached = connections
        .move_to(wish(&world, &as_read, 1, ticket))
        .await
        .unwrap();
    assert!(matches!(reached, MoveOutcome::Elsewhere(found) if found.opened));
    world.end(table, &connection, EndReason::Left).await;
    let over = connections
        .move_to(wish(&world, &as_read, 1, ticket))
        .await
        .unwrap();
    assert!(matches!(over, MoveOutcome::Ended(_)));
    assert!(
        !connections
            .opened(connection.user, connection.id, node)
            .await
            .unwrap()
    );
    let mut unknown = as_read;
    unknown.connection.id = ConnectionId::new(uuid());
    let missing = connections
        .move_to(wish(&world, &unknown, 1, ticket))
        .await
        .unwrap();
    assert_eq!(missing, MoveOutcome::NotFound);
}

pub(crate) async fn a_move_needs_its_session(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9, 9]).await;
    let (connection, _) = world.launched(table).await;
    let as_read = stored(table, &connection).await;
    table
        .sessions()
        .delete(world.user.id, world.session.session.id)
        .await
        .unwrap();
    let ticket = TicketId::new(uuid());
    let outcome = table
        .connections()
        .move_to(wish(&world, &as_read, 1, ticket))
        .await;
    assert_eq!(outcome.unwrap(), MoveOutcome::SessionGone);
    assert_eq!(world.taken(table).await, (1, vec![1, 0]));
}

/// What a node tells of a connection that has moved does not end it elsewhere.
pub(crate) async fn a_node_ends_only_what_is_its_own(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9, 9]).await;
    let (connection, _) = world.launched(table).await;
    let as_read = stored(table, &connection).await;
    let ticket = TicketId::new(uuid());
    table
        .connections()
        .move_to(wish(&world, &as_read, 1, ticket))
        .await
        .unwrap();
    let ending = Ending {
        user: connection.user,
        connection: connection.id,
        reason: EndReason::ConnectFailed,
        code: None,
        only_if: None,
        only_at: Some(world.nodes[0].id),
        now: later(4),
        keep_until: later(9999),
        events: &[],
    };
    let outcome = table.connections().end(ending).await.unwrap();
    assert!(matches!(outcome, EndOutcome::OtherState(found) if found.node == world.nodes[1].id));
    assert_eq!(world.taken(table).await, (1, vec![0, 1]));
}

pub(crate) async fn a_lost_node_leaves_what_can_move(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9, 9]).await;
    let (movable, _) = world.launched(table).await;
    let (opened, ticket) = world.launched(table).await;
    let connections = table.connections();
    connections
        .claim(world.claim(&opened, ticket))
        .await
        .unwrap();
    connections
        .opened(opened.user, opened.id, opened.node)
        .await
        .unwrap();
    let sweep = Sweep {
        nodes: &[world.nodes[0].id],
        heartbeat_after: later(1),
        expired_before: later(-5),
        keep_movable: true,
        now: later(30),
        keep_until: later(9999),
    };
    let swept = connections.sweep(sweep).await.unwrap();
    let ended: Vec<_> = swept.ended.iter().map(|ended| ended.id).collect();
    let left: Vec<_> = swept
        .movable
        .iter()
        .map(|stored| stored.connection.id)
        .collect();
    assert_eq!((ended, left), (vec![opened.id], vec![movable.id]));
    assert_eq!(world.taken(table).await, (1, vec![1, 0]));
    let swept = connections
        .sweep(Sweep {
            keep_movable: false,
            ..sweep
        })
        .await
        .unwrap();
    assert_eq!((swept.ended.len(), swept.movable.len()), (1, 0));
    assert_eq!(world.taken(table).await, (0, vec![0, 0]));
}

pub(crate) async fn a_drained_node_takes_nothing_new(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9]).await;
    let node = &world.nodes[0];
    let drained = Node {
        drained: true,
        ..node.clone()
    };
    write(
        table,
        Change::Update {
            before: node.clone(),
            after: drained.clone(),
        },
    )
    .await
    .unwrap();
    // Its own word does not lift what the administrator said.
    world.beat(table, node, false, now()).await;
    let connection = world.connection(0);
    let outcome = world
        .reserve(table, &connection, TicketId::new(uuid()))
        .await;
    assert!(matches!(outcome, ReserveOutcome::Refused(_)));
    write(
        table,
        Change::Update {
            before: drained,
            after: node.clone(),
        },
    )
    .await
    .unwrap();
    world.launched(table).await;
}

/// Moves, ends and claims of one connection at once: it is over once, or at
/// one node, and never counted twice.
pub(crate) async fn moves_ends_and_claims_keep_the_counts(table: &Table) {
    let world = Arc::new(World::new(table, MaximumConnections::Unlimited, &[9, 9, 9]).await);
    for round in 0..6 {
        let (connection, ticket) = world.launched(table).await;
        let as_read = stored(table, &connection).await;
        at_once(12, |index| {
            let (table, world) = (table.clone(), Arc::clone(&world));
            let (connection, as_read) = (connection.clone(), as_read.clone());
            async move {
                let connections = table.connections();
                match index % 3 {
                    0 => {
                        let to = 1 + index % 2;
                        let wish = wish(&world, &as_read, to, TicketId::new(uuid()));
                        connections.move_to(wish).await.unwrap();
                    }
                    1 => {
                        connections
                            .claim(world.claim(&connection, ticket))
                            .await
                            .unwrap();
                    }
                    _ if index == 11 || round % 2 == 0 => {
                        world.end(&table, &connection, EndReason::Terminated).await;
                    }
                    _ => {}
                }
            }
        })
        .await;
        let found = stored(table, &connection).await.connection;
        assert_eq!(found.state, ConnectionState::Ended);
        assert_eq!(world.taken(table).await, (0, vec![0, 0, 0]));
    }
    // Without an end, there is one lease, at the node it says.
    let (connection, _) = world.launched(table).await;
    let as_read = stored(table, &connection).await;
    let outcomes = at_once(8, |index| {
        let (table, world, as_read) = (table.clone(), Arc::clone(&world), as_read.clone());
        async move {
            let wish = wish(&world, &as_read, 1 + index % 2, TicketId::new(uuid()));
            let outcome = table.connections().move_to(wish).await.unwrap();
            matches!(outcome, MoveOutcome::Moved(_))
        }
    })
    .await;
    assert_eq!(outcomes.into_iter().filter(|moved| *moved).count(), 1);
    let at = stored(table, &connection).await.connection.node;
    let index = world.nodes.iter().position(|node| node.id == at).unwrap();
    let mut expected = vec![0, 0, 0];
    expected[index] = 1;
    assert_eq!(world.taken(table).await, (1, expected));
}
