//! Many at once: nothing is overshot, lost or given twice.

use std::collections::BTreeSet;

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use std::sync::Arc;

use super::fixtures::*;

pub(crate) async fn concurrent_launches_never_overshoot_an_endpoint(table: &Table) {
    let world = Arc::new(World::new(table, MaximumConnections::Limited(5), &[64]).await);
    for _ in 0..3 {
        let outcomes = launch_at_once(table, &world, 64, |_| 0).await;
        let reserved: Vec<_> = outcomes.into_iter().flatten().collect();
        assert_eq!(reserved.len(), 5);
        assert_eq!(world.taken(table).await, (5, vec![5]));
        end_at_once(table, &world, reserved).await;
        assert_eq!(world.taken(table).await, (0, vec![0]));
    }
}

pub(crate) async fn concurrent_launches_never_overshoot_a_node(table: &Table) {
    let world = Arc::new(World::new(table, MaximumConnections::Unlimited, &[3, 4]).await);
    let outcomes = launch_at_once(table, &world, 64, |index| index % 2).await;
    let reserved: Vec<_> = outcomes.into_iter().flatten().collect();
    assert_eq!(reserved.len(), 7);
    assert_eq!(world.taken(table).await, (7, vec![3, 4]));
    end_at_once(table, &world, reserved).await;
    assert_eq!(world.taken(table).await, (0, vec![0, 0]));
    for node in &world.nodes {
        assert!(!table.nodes().reconcile(node.id).await.unwrap());
    }
}

async fn launch_at_once(
    table: &Table,
    world: &Arc<World>,
    count: usize,
    node: impl Fn(usize) -> usize,
) -> Vec<Option<Connection>> {
    at_once(count, |index| {
        let (table, world) = (table.clone(), Arc::clone(world));
        let connection = world.connection(node(index));
        async move {
            let outcome = world
                .reserve(&table, &connection, TicketId::new(uuid()))
                .await;
            (outcome == ReserveOutcome::Reserved).then_some(connection)
        }
    })
    .await
}

/// Everybody who might end a connection does so, several times.
async fn end_at_once(table: &Table, world: &Arc<World>, connections: Vec<Connection>) {
    let connections = Arc::new(connections);
    let count = connections.len();
    let outcomes = at_once(count * 4, |index| {
        let (table, world, connections) =
            (table.clone(), Arc::clone(world), Arc::clone(&connections));
        async move {
            world
                .end(&table, &connections[index % count], EndReason::Terminated)
                .await
        }
    })
    .await;
    let ended = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, EndOutcome::Ended(_)));
    assert_eq!(ended.count(), count);
}

pub(crate) async fn a_burst_spreads_over_nodes(table: &Table) {
    let world = Arc::new(World::new(table, MaximumConnections::Unlimited, &[100, 100, 100]).await);
    // Each takes the least loaded node as it knows it, and learns from refusals.
    let tries = at_once(30, |_| {
        let (table, world) = (table.clone(), Arc::clone(&world));
        async move {
            let mut known = [0_u32; 3];
            for attempt in 1.. {
                let best = (0..3).min_by_key(|node| known[*node]).unwrap();
                let connection = world.connection(best);
                let ticket = TicketId::new(uuid());
                match world
                    .reserve_at_most(&table, &connection, ticket, known[best])
                    .await
                {
                    ReserveOutcome::Reserved => return attempt,
                    ReserveOutcome::Refused(refusals) => match &refusals[..] {
                        [ReserveRefusal::NodeTaken(state)] => known[best] = state.load.connections,
                        other => panic!("{other:?}"),
                    },
                }
            }
            unreachable!()
        }
    })
    .await;
    let (total, loads) = world.taken(table).await;
    assert_eq!(total, 30);
    assert_eq!(loads, [10, 10, 10]);
    assert!(tries.into_iter().max().unwrap() <= 60);
}

pub(crate) async fn a_ticket_is_burnt_once(table: &Table) {
    let world = Arc::new(World::new(table, MaximumConnections::Unlimited, &[4]).await);
    let (connection, ticket) = world.launched(table).await;
    let outcomes = at_once(32, |_| {
        let table = table.clone();
        let claim = world.claim(&connection, ticket);
        async move { table.connections().claim(claim).await.unwrap() }
    })
    .await;
    let claimed = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, ClaimOutcome::Claimed(_)));
    assert_eq!(claimed.count(), 1);
    let used = outcomes
        .iter()
        .filter(|outcome| **outcome == ClaimOutcome::TicketUsed);
    assert_eq!(used.count(), 31);
}

pub(crate) async fn a_name_has_one_winner(table: &Table) {
    let name = name("contested");
    let provider = provider();
    write(table, Change::Create(provider.clone()))
        .await
        .unwrap();
    let winners = at_once(24, |index| {
        let (table, name) = (table.clone(), name.clone());
        let change: ObjectChange = match index % 3 {
            0 => Change::Create(Group { name, ..group() }).into(),
            1 => Change::Create(User {
                username: name,
                ..user()
            })
            .into(),
            _ => Change::Create(Endpoint {
                name,
                ..endpoint(&provider, MaximumConnections::default())
            })
            .into(),
        };
        async move {
            match table.write(&[change], &[]).await {
                Ok(()) => Some(index % 3),
                Err(WriteError::NameTaken { .. }) => None,
                Err(error) => panic!("{error}"),
            }
        }
    })
    .await;
    let mut kinds: Vec<_> = winners.into_iter().flatten().collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [0, 1, 2]);
}

pub(crate) async fn an_update_has_one_winner(table: &Table) {
    let group = group();
    write(table, Change::Create(group.clone())).await.unwrap();
    let outcomes = at_once(16, |_| {
        let table = table.clone();
        let change = update(
            &group,
            |group| &mut group.meta,
            |group| group.name = name("winner"),
        );
        async move { write(&table, change).await.is_ok() }
    })
    .await;
    assert_eq!(outcomes.into_iter().filter(|won| *won).count(), 1);
}

pub(crate) async fn a_provider_is_not_deleted_under_a_new_endpoint(table: &Table) {
    for _ in 0..8 {
        let provider = provider();
        write(table, Change::Create(provider.clone()))
            .await
            .unwrap();
        let outcomes = at_once(8, |index| {
            let (table, provider) = (table.clone(), provider.clone());
            async move {
                if index == 3 {
                    write(&table, Change::Delete(provider)).await.is_ok()
                } else {
                    let endpoint = endpoint(&provider, MaximumConnections::default());
                    write(&table, Change::Create(endpoint)).await.is_ok()
                }
            }
        })
        .await;
        let kept = outcomes.iter().filter(|done| **done).count();
        let snapshot = table.config().current().await.unwrap();
        let endpoints = table.endpoints().of_provider(provider.id).await.unwrap();
        match snapshot.providers().get(provider.id.uuid()) {
            Some(_) => assert_eq!(endpoints.len(), kept),
            None => assert_eq!(endpoints, []),
        }
    }
}

pub(crate) async fn snapshots_are_whole_under_writers(table: &Table) {
    // Two groups are always written together; no snapshot has one alone.
    let writers = at_once(8, |_| {
        let table = table.clone();
        async move {
            let mut seen = BTreeSet::new();
            for _ in 0..6 {
                let pair = [group(), group()];
                let changes = pair.clone().map(|group| Change::Create(group).into());
                table.write(&changes, &[]).await.unwrap();
                let snapshot = table.config().current().await.unwrap();
                seen.insert(snapshot.epoch());
                let found = pair
                    .iter()
                    .filter(|group| snapshot.groups().get(group.id.uuid()).is_some());
                assert_eq!(found.count(), 2);
            }
            seen.len()
        }
    })
    .await;
    assert!(writers.into_iter().all(|epochs| epochs == 6));
}

pub(crate) async fn attempts_at_once_are_all_counted(table: &Table) {
    let who = name("ada");
    let limit = RateLimit {
        what: "race",
        limit: 10,
        window: jiff::SignedDuration::from_hours(1),
    };
    let decisions = at_once(40, |_| {
        let (table, who) = (table.clone(), who.clone());
        async move { table.rate_limits().take(limit, &who, now()).await.unwrap() }
    })
    .await;
    let allowed = decisions
        .iter()
        .filter(|decision| matches!(decision, RateDecision::Allowed { .. }));
    assert_eq!(allowed.count(), 10);
}
