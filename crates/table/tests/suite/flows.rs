//! Runs of flows, requests for approvals, and what is good once.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;

use super::fixtures::*;

fn execution(world: &World) -> StoredExecution {
    StoredExecution {
        id: ExecutionId::new(uuid()),
        user: world.user.id,
        credential: world.credential(),
        plan: "sealed plan".to_owned(),
        version: 1,
        expires_at: later(600),
    }
}

pub(crate) fn approval() -> Approval {
    Approval {
        id: ApprovalId::new(uuid()),
        state: ApprovalState::Waiting,
        requester: UserId::new(uuid()),
        requester_username: "ada".to_owned(),
        application: ApplicationId::new(uuid()),
        application_name: "Linux".to_owned(),
        endpoint: EndpointId::new(uuid()),
        endpoint_name: "web-01".to_owned(),
        flow: "ask".to_owned(),
        stage: "boss".to_owned(),
        reason: "a disk is full".to_owned(),
        address: "192.0.2.1".to_owned(),
        approver_groups: vec![GroupId::new(uuid())],
        approver_users: Vec::new(),
        requested_at: now(),
        expires_at: later(300),
        decided_by: String::new(),
        decided_at: None,
        comment: String::new(),
    }
}

async fn asked(table: &Table) -> Approval {
    let approval = approval();
    let stored = StoredApproval {
        approval: approval.clone(),
    };
    table.approvals().create(&stored, None).await.unwrap();
    approval
}

pub(crate) fn deciding(id: ApprovalId, decision: Decision, seconds: i64) -> Deciding<'static> {
    Deciding {
        id,
        decision,
        by: "boss",
        comment: "go on",
        now: later(seconds),
        event: None,
    }
}

pub(crate) async fn an_execution_goes_on_under_its_version(table: &Table) {
    let world = World::new(table, MaximumConnections::default(), &[9]).await;
    let first = execution(&world);
    table.executions().create(&first).await.unwrap();
    assert!(table.executions().create(&first).await.is_err());
    let second = StoredExecution {
        plan: "sealed later".to_owned(),
        version: 2,
        ..first.clone()
    };
    assert!(table.executions().update(1, &second).await.unwrap());
    assert!(!table.executions().update(1, &second).await.unwrap());

    let mut batch = Batch::new();
    let slot = batch.execution(world.user.id, first.id);
    let answer = table.read(batch).await.unwrap();
    assert_eq!(answer.take(slot).unwrap(), Some(second.clone()));
    assert!(!format!("{second:?}").contains("sealed"));

    let executions = table.executions();
    let stranger = UserId::new(uuid());
    assert_eq!(executions.get(stranger, first.id).await.unwrap(), None);
    assert!(executions.delete(world.user.id, first.id).await.unwrap());
    assert!(!executions.delete(world.user.id, first.id).await.unwrap());
    assert!(!executions.update(2, &second).await.unwrap());
    assert_eq!(executions.get(world.user.id, first.id).await.unwrap(), None);
}

async fn launch_from(
    table: &Table,
    world: &World,
    execution: (ExecutionId, u64),
    seconds: i64,
) -> (Connection, ReserveOutcome) {
    let connection = world.connection(0);
    let reservation = Reservation {
        connection: &connection,
        credential: world.credential(),
        ticket: TicketId::new(uuid()),
        node_at_most: u32::MAX,
        pending_until: later(90),
        heartbeat_after: later(-15),
        now: later(seconds),
        execution: Some(execution),
        flow_result: Some("sealed settings"),
        event: None,
    };
    let outcome = table.connections().reserve(reservation).await.unwrap();
    (connection, outcome)
}

pub(crate) async fn an_execution_launches_once(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9]).await;
    let gone = ReserveOutcome::Refused(vec![ReserveRefusal::ExecutionGone]);
    let stored = execution(&world);
    table.executions().create(&stored).await.unwrap();
    // Not under an older version, and not after its time.
    assert_eq!(launch_from(table, &world, (stored.id, 2), 1).await.1, gone);
    assert_eq!(
        launch_from(table, &world, (stored.id, 1), 600).await.1,
        gone
    );
    let (connection, outcome) = launch_from(table, &world, (stored.id, 1), 1).await;
    assert_eq!(outcome, ReserveOutcome::Reserved);
    assert_eq!(launch_from(table, &world, (stored.id, 1), 1).await.1, gone);
    assert_eq!(world.taken(table).await, (1, vec![1]));

    // What the flow set stays with the connection until it ends.
    let settings = async || {
        let stored = table
            .connections()
            .get(world.user.id, connection.id)
            .await
            .unwrap()
            .unwrap();
        assert!(!format!("{stored:?}").contains("sealed"));
        stored.flow_result
    };
    assert_eq!(settings().await.as_deref(), Some("sealed settings"));
    world.end(table, &connection, EndReason::Left).await;
    assert_eq!(settings().await, None);
}

pub(crate) async fn a_refused_launch_leaves_its_execution(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(0), &[9]).await;
    let stored = execution(&world);
    table.executions().create(&stored).await.unwrap();
    let (_, outcome) = launch_from(table, &world, (stored.id, 1), 1).await;
    assert!(matches!(outcome, ReserveOutcome::Refused(refusals)
        if matches!(refusals[..], [ReserveRefusal::EndpointFull(_)])));
    let found = table.executions().get(world.user.id, stored.id).await;
    assert_eq!(found.unwrap(), Some(stored));
}

pub(crate) async fn two_launches_of_one_execution_have_one_winner(table: &Table) {
    let world = std::sync::Arc::new(World::new(table, MaximumConnections::Unlimited, &[64]).await);
    let stored = execution(&world);
    table.executions().create(&stored).await.unwrap();
    let outcomes = at_once(16, |_| {
        let (table, world, id) = (table.clone(), std::sync::Arc::clone(&world), stored.id);
        async move { launch_from(&table, &world, (id, 1), 1).await.1 }
    })
    .await;
    let won = outcomes
        .iter()
        .filter(|outcome| **outcome == ReserveOutcome::Reserved);
    assert_eq!(won.count(), 1);
    assert_eq!(world.taken(table).await, (1, vec![1]));
}

pub(crate) async fn an_approval_is_decided_once(table: &Table) {
    let waiting = asked(table).await;
    let approvals = table.approvals();
    let stored = approvals.get(waiting.id).await.unwrap().unwrap();
    assert_eq!(stored.approval, waiting);
    let DecideOutcome::Decided(decided) = approvals
        .decide(deciding(waiting.id, Decision::Approve, 299))
        .await
        .unwrap()
    else {
        panic!("not decided");
    };
    assert_eq!(decided.state, ApprovalState::Approved);
    assert_eq!(
        (&*decided.decided_by, &*decided.comment, decided.decided_at),
        ("boss", "go on", Some(later(299)))
    );
    assert_eq!(
        approvals
            .decide(deciding(waiting.id, Decision::Deny, 299))
            .await
            .unwrap(),
        DecideOutcome::AlreadyDecided(decided.clone())
    );
    assert!(
        !approvals
            .withdraw(waiting.id, later(299), None)
            .await
            .unwrap()
    );
    assert!(
        !approvals
            .expire(waiting.id, later(400), None)
            .await
            .unwrap()
    );
    let mut batch = Batch::new();
    let slot = batch.approval(waiting.id);
    let found = table.read(batch).await.unwrap().take(slot).unwrap();
    assert_eq!(found.map(|stored| stored.approval), Some(decided));
    let unknown = deciding(ApprovalId::new(uuid()), Decision::Deny, 1);
    assert_eq!(
        approvals.decide(unknown).await.unwrap(),
        DecideOutcome::NotFound
    );
}

pub(crate) async fn an_approval_out_of_time_is_not_decided(table: &Table) {
    let waiting = asked(table).await;
    let approvals = table.approvals();
    assert!(
        !approvals
            .expire(waiting.id, later(299), None)
            .await
            .unwrap()
    );
    let late = deciding(waiting.id, Decision::Approve, 300);
    assert!(matches!(
        approvals.decide(late).await.unwrap(),
        DecideOutcome::Expired(_)
    ));
    // It is written down once, with its event.
    let event = event(later(300), "nobody decided");
    assert!(
        approvals
            .expire(waiting.id, later(300), Some(&event))
            .await
            .unwrap()
    );
    assert!(
        !approvals
            .expire(waiting.id, later(300), None)
            .await
            .unwrap()
    );
    let found = approvals.get(waiting.id).await.unwrap().unwrap().approval;
    assert_eq!(found.state, ApprovalState::Expired);
    assert!(matches!(
        approvals.decide(late).await.unwrap(),
        DecideOutcome::Expired(_)
    ));
}

pub(crate) async fn a_withdrawn_approval_is_over(table: &Table) {
    let waiting = asked(table).await;
    let approvals = table.approvals();
    assert!(
        approvals
            .withdraw(waiting.id, later(1), None)
            .await
            .unwrap()
    );
    assert!(
        !approvals
            .withdraw(waiting.id, later(1), None)
            .await
            .unwrap()
    );
    let outcome = approvals
        .decide(deciding(waiting.id, Decision::Approve, 2))
        .await
        .unwrap();
    assert!(
        matches!(outcome, DecideOutcome::AlreadyDecided(found) if found.state == ApprovalState::Withdrawn)
    );
}

pub(crate) async fn approvals_are_listed_newest_first(table: &Table) {
    let mut mine = Vec::new();
    for _ in 0..5 {
        mine.insert(0, asked(table).await.id);
    }
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let page = table.approvals().list(cursor.as_ref(), 2).await.unwrap();
        all.extend(page.items.into_iter().map(|approval| approval.id));
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    all.retain(|id| mine.contains(id));
    assert_eq!(all, mine);
}

pub(crate) async fn of_decisions_at_once_one_stands(table: &Table) {
    for _ in 0..4 {
        let waiting = asked(table).await;
        let outcomes = at_once(12, |index| {
            let (table, id) = (table.clone(), waiting.id);
            async move {
                let approvals = table.approvals();
                match index % 4 {
                    0 => approvals.withdraw(id, later(1), None).await.unwrap(),
                    // A clock that is ahead finds its time to be up.
                    1 => approvals.expire(id, later(301), None).await.unwrap(),
                    other => {
                        let decision = [Decision::Approve, Decision::Deny][other - 2];
                        let outcome = approvals.decide(deciding(id, decision, 1)).await.unwrap();
                        matches!(outcome, DecideOutcome::Decided(_))
                    }
                }
            }
        })
        .await;
        assert_eq!(outcomes.into_iter().filter(|won| *won).count(), 1);
        let found = table.approvals().get(waiting.id).await.unwrap().unwrap();
        assert_ne!(found.approval.state, ApprovalState::Waiting);
    }
}

pub(crate) async fn what_is_good_once_is_taken_once(table: &Table) {
    let id = name("state");
    let one_time = table.one_time();
    assert!(
        one_time
            .put("test", &id, "sealed", later(60))
            .await
            .unwrap()
    );
    assert!(!one_time.put("test", &id, "other", later(60)).await.unwrap());
    // Purposes are apart.
    assert_eq!(one_time.take("other", &id, now()).await.unwrap(), None);
    assert_eq!(one_time.peek("test", &id, later(60)).await.unwrap(), None);
    assert_eq!(one_time.take("test", &id, later(60)).await.unwrap(), None);
    let sealed = Some("sealed".to_owned());
    assert_eq!(one_time.peek("test", &id, later(59)).await.unwrap(), sealed);
    let taken = at_once(16, |_| {
        let (table, id) = (table.clone(), id.clone());
        async move { table.one_time().take("test", &id, later(59)).await.unwrap() }
    })
    .await;
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken, ["sealed"]);
    assert_eq!(one_time.peek("test", &id, later(1)).await.unwrap(), None);
}
