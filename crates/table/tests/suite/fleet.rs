//! Nodes, edges and their admission.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;

use super::fixtures::*;

pub(crate) async fn a_heartbeat_leaves_the_leases_alone(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4]).await;
    world.launched(table).await;
    let state = world.beat(table, &world.nodes[0], true, later(5)).await;
    assert_eq!(state.load.connections, 1);
    assert!(state.load.draining);
    assert_eq!(state.load.heartbeat_at, later(5));
    assert_eq!(
        state.load.edges.iter().copied().collect::<Vec<_>>(),
        [world.edge.id]
    );
    assert_eq!(state.version, "0.1.1");
    assert_eq!(
        table.nodes().state(world.nodes[0].id).await.unwrap(),
        Some(state)
    );
}

pub(crate) async fn a_heartbeat_of_an_unknown_node_makes_none(table: &Table) {
    let edges = Default::default();
    let beat = NodeBeat {
        draining: false,
        capacity: 1,
        version: "",
        edges: &edges,
        now: now(),
    };
    let id = NodeId::new(uuid());
    assert_eq!(table.nodes().heartbeat(id, beat).await.unwrap(), None);
    assert_eq!(table.nodes().state(id).await.unwrap(), None);
}

pub(crate) async fn a_right_count_is_not_corrected(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[4]).await;
    world.launched(table).await;
    assert!(!table.nodes().reconcile(world.nodes[0].id).await.unwrap());
    assert!(!table.nodes().reconcile(NodeId::new(uuid())).await.unwrap());
}

fn enrolment(kind: EnrolmentKind, outpost: Option<OutpostId>) -> StoredEnrolment {
    StoredEnrolment {
        enrolment: Enrolment {
            kind,
            outpost,
            created_at: now(),
            expires_at: later(600),
        },
        token: SecretHash::of(uuid().as_bytes()),
    }
}

pub(crate) async fn an_enrolment_token_is_used_once(table: &Table) {
    let outpost = outpost();
    write(table, Change::Create(outpost.clone())).await.unwrap();
    let stored = enrolment(EnrolmentKind::Node, Some(outpost.id));
    table.enrolments().create(&stored).await.unwrap();
    assert_eq!(
        table.enrolments().find(&stored.token, now()).await.unwrap(),
        Some(stored.enrolment.clone())
    );

    let outcomes = at_once(8, |_| {
        let (table, token) = (table.clone(), stored.token);
        let node = node(outpost.id, 4);
        async move {
            table
                .enrolments()
                .redeem(&token, Enrolled::Node(node), now(), None)
                .await
        }
    })
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    let refused = outcomes.into_iter().filter_map(Result::err);
    assert!(
        refused
            .into_iter()
            .all(|error| matches!(error, RedeemError::TokenUnknown))
    );
    assert_eq!(
        table.enrolments().find(&stored.token, now()).await.unwrap(),
        None
    );

    let snapshot = table.config().current().await.unwrap();
    let nodes: Vec<_> = snapshot.nodes_of(outpost.id).collect();
    assert_eq!(nodes.len(), 1);
    let state = table.nodes().state(nodes[0].id).await.unwrap().unwrap();
    assert_eq!((state.capacity, state.load.connections), (4, 0));
}

pub(crate) async fn an_enrolment_token_is_good_for_what_it_says(table: &Table) {
    let outpost = outpost();
    write(table, Change::Create(outpost.clone())).await.unwrap();
    let for_edge = enrolment(EnrolmentKind::Edge, None);
    let for_node = enrolment(EnrolmentKind::Node, Some(outpost.id));
    for stored in [&for_edge, &for_node] {
        table.enrolments().create(stored).await.unwrap();
    }
    let refuse = async |token: &SecretHash, enrolled, at| {
        let error = table
            .enrolments()
            .redeem(token, enrolled, at, None)
            .await
            .unwrap_err();
        assert!(matches!(error, RedeemError::TokenUnknown), "{error}");
    };
    refuse(&for_edge.token, Enrolled::Node(node(outpost.id, 1)), now()).await;
    refuse(&for_node.token, Enrolled::Edge(edge()), now()).await;
    refuse(
        &for_node.token,
        Enrolled::Node(node(OutpostId::new(uuid()), 1)),
        now(),
    )
    .await;
    refuse(
        &for_node.token,
        Enrolled::Node(node(outpost.id, 1)),
        later(600),
    )
    .await;
    refuse(&SecretHash::of(b"guessed"), Enrolled::Edge(edge()), now()).await;

    let edge = edge();
    let told = event(now(), "enrolled");
    let redeemed = table.enrolments().redeem(
        &for_edge.token,
        Enrolled::Edge(edge.clone()),
        now(),
        Some(&told),
    );
    redeemed.await.unwrap();
    let snapshot = table.config().current().await.unwrap();
    assert_eq!(
        snapshot.edges().get(edge.id.uuid()).unwrap().as_ref(),
        &edge
    );
}

pub(crate) async fn a_failed_enrolment_leaves_the_token_good(table: &Table) {
    let missing = OutpostId::new(uuid());
    let stored = enrolment(EnrolmentKind::Node, Some(missing));
    table.enrolments().create(&stored).await.unwrap();
    let redeemed =
        table
            .enrolments()
            .redeem(&stored.token, Enrolled::Node(node(missing, 1)), now(), None);
    let error = redeemed.await.unwrap_err();
    assert!(
        matches!(
            error,
            RedeemError::Write(WriteError::MissingReference {
                kind: Kind::Outpost,
                ..
            })
        ),
        "{error}"
    );
    assert!(
        table
            .enrolments()
            .find(&stored.token, now())
            .await
            .unwrap()
            .is_some()
    );
}

pub(crate) async fn an_edge_is_heard_of_until_it_is_deleted(table: &Table) {
    let edge = edge();
    write(table, Change::Create(edge.clone())).await.unwrap();
    assert_eq!(table.edges().state(edge.id).await.unwrap(), None);
    let state = EdgeState {
        nodes: 3,
        draining: true,
        heartbeat_at: now(),
    };
    table.edges().heartbeat(edge.id, state).await.unwrap();
    assert_eq!(table.edges().state(edge.id).await.unwrap(), Some(state));
    write(table, Change::Delete(edge.clone())).await.unwrap();
    assert_eq!(table.edges().state(edge.id).await.unwrap(), None);
}
