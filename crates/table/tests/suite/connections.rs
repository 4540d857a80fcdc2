//! The life of a connection.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;

use super::fixtures::*;

async fn state(table: &Table, connection: &Connection) -> ConnectionState {
    let stored = table
        .connections()
        .get(connection.user, connection.id)
        .await
        .unwrap();
    stored.unwrap().connection.state
}

pub(crate) async fn a_launch_takes_two_round_trips(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(1), &[4, 4]).await;
    let nodes: Vec<NodeId> = world.nodes.iter().map(|node| node.id).collect();
    let told = EdgeState {
        nodes: 2,
        draining: false,
        heartbeat_at: now(),
    };
    table.edges().heartbeat(world.edge.id, told).await.unwrap();
    let edges = [world.edge.id];
    let keys = |endpoint| LaunchKeys {
        user: world.user.id,
        credential: world.credential(),
        endpoint,
        nodes: &nodes,
        edges: &edges,
    };
    let by_name = EndpointKey::Name(world.provider.id, &world.endpoint.name);
    let launch = async {
        let read = table.launch_read(keys(by_name)).await.unwrap();
        let connection = world.connection(1);
        let outcome = world
            .reserve(table, &connection, TicketId::new(uuid()))
            .await;
        (read, outcome)
    };
    let ((read, outcome), trips) = counted(launch).await;
    assert_eq!(outcome, ReserveOutcome::Reserved);
    assert_eq!(trips, 2);
    let authenticated = read.authenticated.unwrap();
    assert_eq!(authenticated.user, world.user);
    assert_eq!(authenticated.credential.user(), world.user.id);
    assert_eq!(read.endpoint, Some(world.endpoint.clone()));
    assert_eq!(read.edges[0].1, told);
    let found: Vec<NodeId> = read.nodes.iter().map(|(id, _)| *id).collect();
    assert_eq!(found, nodes);
    assert_eq!(read.nodes[0].1.load.connections, 0);
    assert_eq!(read.nodes[0].1.capacity, 4);

    let read = table
        .launch_read(keys(EndpointKey::Id(world.endpoint.id)))
        .await
        .unwrap();
    assert_eq!(read.endpoint, Some(world.endpoint.clone()));
    assert!(table.config().current().await.unwrap().epoch() >= read.epoch);
    assert_eq!(read.nodes[1].1.load.connections, 1);
}

pub(crate) async fn a_connection_goes_through_its_states(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(1), &[4]).await;
    let (connection, ticket) = world.launched(table).await;
    let connections = table.connections();
    let stored = connections
        .get(connection.user, connection.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.connection, connection);
    assert_eq!(stored.credential, world.credential());
    assert_eq!(stored.tickets, [ticket]);
    assert_eq!(
        connections.by_id(connection.id).await.unwrap(),
        Some(stored)
    );
    assert_eq!(world.taken(table).await, (1, vec![1]));

    let claim = world.claim(&connection, ticket);
    assert_eq!(
        connections.claim(claim).await.unwrap(),
        ClaimOutcome::Claimed(Attach::First)
    );
    assert_eq!(state(table, &connection).await, ConnectionState::Active);
    let lease = connections.of_node(connection.node).await.unwrap()[0];
    assert_eq!((lease.pending_until, lease.since), (None, claim.now));
    assert_eq!(
        connections.claim(claim).await.unwrap(),
        ClaimOutcome::TicketUsed
    );

    assert!(
        connections
            .detach(connection.user, connection.id)
            .await
            .unwrap()
    );
    assert!(
        !connections
            .detach(connection.user, connection.id)
            .await
            .unwrap()
    );
    assert_eq!(state(table, &connection).await, ConnectionState::Detached);

    let (second, edge) = (TicketId::new(uuid()), EdgeId::new(uuid()));
    let issued = connections
        .issue_ticket(IssueTicket {
            edge,
            address: "203.0.113.9",
            ..another_ticket(&connection, second, later(5))
        })
        .await;
    assert_eq!(issued.unwrap(), TicketOutcome::Issued);
    let stored = connections.get(connection.user, connection.id).await;
    let stored = stored.unwrap().unwrap();
    assert_eq!(stored.connection.address, "203.0.113.9");
    // What was read is out of date: it is found out and does not matter.
    let claim = Claim {
        ticket: second,
        edge,
        ..claim
    };
    assert_eq!(
        connections.claim(claim).await.unwrap(),
        ClaimOutcome::Claimed(Attach::Again)
    );
    let stored = connections
        .get(connection.user, connection.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.connection.edge, edge);

    let EndOutcome::Ended(ended) = world.end(table, &connection, EndReason::Terminated).await
    else {
        panic!("it was not over");
    };
    assert_eq!(ended.end_reason, Some(EndReason::Terminated));
    assert_eq!(ended.ended_at, Some(later(2)));
    assert_eq!(world.taken(table).await, (0, vec![0]));
    let again = world.end(table, &connection, EndReason::Left).await;
    assert_eq!(
        again,
        EndOutcome::AlreadyEnded(ended.clone()),
        "how it ended is told once"
    );
    let stored = connections
        .get(connection.user, connection.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.connection, ended);
    assert_eq!(stored.tickets, []);
    assert_eq!(world.taken(table).await, (0, vec![0]));
    assert_eq!(connections.claim(claim).await.unwrap(), ClaimOutcome::Ended);
    assert!(
        !connections
            .detach(connection.user, connection.id)
            .await
            .unwrap()
    );
}

pub(crate) async fn a_full_endpoint_takes_nobody(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(1), &[4]).await;
    let (first, _) = world.launched(table).await;
    let second = world.connection(0);
    let full = Usage {
        connections: 1,
        maximum: MaximumConnections::Limited(1),
    };
    let refused = ReserveOutcome::Refused(vec![ReserveRefusal::EndpointFull(full)]);
    assert_eq!(
        world.reserve(table, &second, TicketId::new(uuid())).await,
        refused
    );
    assert_eq!(world.taken(table).await, (1, vec![1]));
    world.end(table, &first, EndReason::Exited).await;
    assert_eq!(
        world.reserve(table, &second, TicketId::new(uuid())).await,
        ReserveOutcome::Reserved
    );
}

pub(crate) async fn an_unlimited_endpoint_takes_everybody_and_counts(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[40]).await;
    for _ in 0..12 {
        world.launched(table).await;
    }
    assert_eq!(world.taken(table).await, (12, vec![12]));
}

pub(crate) async fn an_endpoint_with_no_places_takes_nobody(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(0), &[4]).await;
    let outcome = world
        .reserve(table, &world.connection(0), TicketId::new(uuid()))
        .await;
    assert!(matches!(outcome, ReserveOutcome::Refused(_)));
}

pub(crate) async fn a_node_that_cannot_take_it_is_told_as_it_is(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[1]).await;
    let node = &world.nodes[0];
    let refused = async |at_most| {
        let ticket = TicketId::new(uuid());
        let connection = world.connection(0);
        match world
            .reserve_at_most(table, &connection, ticket, at_most)
            .await
        {
            ReserveOutcome::Refused(refusals) => match &refusals[..] {
                [ReserveRefusal::NodeTaken(state)] => state.clone(),
                _ => panic!("{refusals:?}"),
            },
            ReserveOutcome::Reserved => panic!("reserved"),
        }
    };
    world.beat(table, node, true, now()).await;
    assert!(refused(9).await.load.draining);
    world.beat(table, node, false, later(-60)).await;
    assert_eq!(refused(9).await.load.heartbeat_at, later(-60));
    world.beat(table, node, false, now()).await;
    world.launched(table).await;
    assert_eq!(refused(9).await.load.connections, 1, "no place is left");
    let roomy = Node {
        capacity: 9,
        ..node.clone()
    };
    world.beat(table, &roomy, false, now()).await;
    assert_eq!(
        refused(0).await.load.connections,
        1,
        "others are better by now"
    );
    assert_eq!(world.taken(table).await, (1, vec![1]));
}

pub(crate) async fn a_launch_needs_its_session(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4]).await;
    let (connection, ticket) = world.launched(table).await;
    let session = &world.session.session;
    table
        .sessions()
        .delete(session.user, session.id)
        .await
        .unwrap();
    let outcome = world
        .reserve(table, &world.connection(0), TicketId::new(uuid()))
        .await;
    assert_eq!(
        outcome,
        ReserveOutcome::Refused(vec![ReserveRefusal::SessionGone])
    );
    let claimed = table
        .connections()
        .claim(world.claim(&connection, ticket))
        .await
        .unwrap();
    assert_eq!(claimed, ClaimOutcome::SessionGone);
}

pub(crate) async fn an_expired_session_launches_nothing(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4]).await;
    let (connection, ticket) = world.launched(table).await;
    let claim = Claim {
        now: later(3600),
        ..world.claim(&connection, ticket)
    };
    assert_eq!(
        table.connections().claim(claim).await.unwrap(),
        ClaimOutcome::SessionGone
    );
}

pub(crate) async fn several_reasons_are_all_told(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(1), &[1]).await;
    let (first, ticket) = world.launched(table).await;
    let outcome = world.reserve(table, &first, ticket).await;
    let ReserveOutcome::Refused(refusals) = outcome else {
        panic!("reserved twice");
    };
    assert!(matches!(
        refusals[..],
        [
            ReserveRefusal::EndpointFull(_),
            ReserveRefusal::NodeTaken(_),
            ReserveRefusal::Exists
        ]
    ));
}

pub(crate) async fn a_ticket_is_good_for_its_node_and_time_only(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4, 4]).await;
    let (connection, ticket) = world.launched(table).await;
    let claim = world.claim(&connection, ticket);
    let check = async |claim: Claim, expected| {
        assert_eq!(table.connections().claim(claim).await.unwrap(), expected);
    };
    // Another node has no lease of it.
    check(
        Claim {
            node: world.nodes[1].id,
            ..claim
        },
        ClaimOutcome::OtherNode,
    )
    .await;
    check(
        Claim {
            ticket: TicketId::new(uuid()),
            ..claim
        },
        ClaimOutcome::TicketUsed,
    )
    .await;
    check(
        Claim {
            connection: ConnectionId::new(uuid()),
            ..claim
        },
        ClaimOutcome::NotFound,
    )
    .await;
    assert_eq!(state(table, &connection).await, ConnectionState::Pending);
    check(claim, ClaimOutcome::Claimed(Attach::First)).await;
}

pub(crate) async fn a_connection_out_of_time_cannot_be_claimed(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4]).await;
    let connection = Connection {
        expires_at: Some(later(60)),
        ..world.connection(0)
    };
    let ticket = TicketId::new(uuid());
    assert_eq!(
        world.reserve(table, &connection, ticket).await,
        ReserveOutcome::Reserved
    );
    let claim = Claim {
        now: later(60),
        ..world.claim(&connection, ticket)
    };
    assert_eq!(
        table.connections().claim(claim).await.unwrap(),
        ClaimOutcome::Expired
    );
    let other = TicketId::new(uuid());
    let issued = table
        .connections()
        .issue_ticket(another_ticket(&connection, other, later(60)))
        .await;
    assert_eq!(issued.unwrap(), TicketOutcome::Expired);
}

pub(crate) async fn tickets_of_a_connection_are_few(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4]).await;
    let (connection, _) = world.launched(table).await;
    let connections = table.connections();
    let mut last = TicketId::new(uuid());
    for _ in 0..20 {
        last = TicketId::new(uuid());
        let issued = connections
            .issue_ticket(another_ticket(&connection, last, later(1)))
            .await;
        assert_eq!(issued.unwrap(), TicketOutcome::Issued);
        let stored = connections
            .get(connection.user, connection.id)
            .await
            .unwrap()
            .unwrap();
        assert!(stored.tickets.contains(&last));
        assert!(stored.tickets.len() <= 8, "{}", stored.tickets.len());
    }
    world.end(table, &connection, EndReason::Left).await;
    let issued = connections
        .issue_ticket(another_ticket(&connection, last, later(3)))
        .await;
    assert_eq!(issued.unwrap(), TicketOutcome::Ended);
}

pub(crate) async fn an_end_can_depend_on_the_state(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4]).await;
    let (connection, ticket) = world.launched(table).await;
    table
        .connections()
        .claim(world.claim(&connection, ticket))
        .await
        .unwrap();
    let ending = Ending {
        user: connection.user,
        connection: connection.id,
        reason: EndReason::NeverClaimed,
        code: Some("too_late"),
        only_if: Some(ConnectionState::Pending),
        only_at: None,
        now: later(2),
        keep_until: later(60),
        events: &[],
    };
    let outcome = table.connections().end(ending).await.unwrap();
    assert!(
        matches!(outcome, EndOutcome::OtherState(found) if found.state == ConnectionState::Active)
    );
    let outcome = table
        .connections()
        .end(Ending {
            only_if: None,
            ..ending
        })
        .await
        .unwrap();
    assert!(
        matches!(outcome, EndOutcome::Ended(found) if found.end_code.as_deref() == Some("too_late"))
    );
    let missing = Ending {
        connection: ConnectionId::new(uuid()),
        ..ending
    };
    assert_eq!(
        table.connections().end(missing).await.unwrap(),
        EndOutcome::NotFound
    );
}

pub(crate) async fn a_sweep_ends_what_nobody_else_ends(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9, 9]).await;
    let nodes: Vec<NodeId> = world.nodes.iter().map(|node| node.id).collect();
    let launch = async |node, expires: i64| {
        let connection = Connection {
            expires_at: Some(later(expires)),
            ..world.connection(node)
        };
        let ticket = TicketId::new(uuid());
        assert_eq!(
            world.reserve(table, &connection, ticket).await,
            ReserveOutcome::Reserved
        );
        (connection, ticket)
    };
    let (never, _) = launch(0, 9000).await;
    let (short, short_ticket) = launch(0, 100).await;
    let (long, long_ticket) = launch(0, 9000).await;
    let (lost, lost_ticket) = launch(1, 9000).await;
    for (connection, ticket) in [
        (&short, short_ticket),
        (&long, long_ticket),
        (&lost, lost_ticket),
    ] {
        let outcome = table
            .connections()
            .claim(world.claim(connection, ticket))
            .await
            .unwrap();
        assert_eq!(outcome, ClaimOutcome::Claimed(Attach::First));
    }
    let sweep_at = async |seconds| {
        let sweep = Sweep {
            keep_movable: false,
            nodes: &nodes,
            heartbeat_after: later(seconds - 15),
            expired_before: later(seconds - 5),
            now: later(seconds),
            keep_until: later(9999),
        };
        let ended = table.connections().sweep(sweep).await.unwrap().ended;
        let mut told: Vec<_> = ended
            .iter()
            .map(|ended| (ended.id, ended.end_reason.unwrap()))
            .collect();
        told.sort_by_key(|(id, _)| *id);
        told
    };
    assert_eq!(sweep_at(10).await, []);
    world.beat(table, &world.nodes[0], false, later(110)).await;
    assert_eq!(
        sweep_at(110).await,
        [
            (never.id, EndReason::NeverClaimed),
            (short.id, EndReason::Expired),
            (lost.id, EndReason::NodeLost)
        ]
    );
    assert_eq!(world.taken(table).await, (1, vec![1, 0]));
    assert_eq!(state(table, &long).await, ConnectionState::Active);
    assert_eq!(sweep_at(110).await, []);
}

fn another_ticket(
    connection: &Connection,
    ticket: TicketId,
    now: jiff::Timestamp,
) -> IssueTicket<'static> {
    IssueTicket {
        user: connection.user,
        connection: connection.id,
        ticket,
        edge: connection.edge,
        address: "",
        now,
    }
}
