//! Lists with a filter.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;

use super::fixtures::*;
use super::lists::walk;

fn ids<T, I: Ord>(all: &[T], id: impl Fn(&T) -> I) -> Vec<I> {
    let mut ids: Vec<I> = all.iter().map(id).collect();
    ids.sort_unstable();
    ids
}

pub(crate) async fn users_are_found_by_what_they_are_called(table: &Table) {
    let mark = name("m");
    let group = group();
    write(table, Change::Create(group.clone())).await.unwrap();
    let people: Vec<User> = (0..7)
        .map(|index| User {
            name: format!("Person {index} of {}", mark.to_uppercase()),
            email: format!("p{index}@example.org"),
            role: if index == 3 {
                Role::Auditor
            } else {
                Role::User
            },
            groups: if index > 3 {
                vec![group.id]
            } else {
                Vec::new()
            },
            ..user()
        })
        .collect();
    for person in &people {
        write(table, Change::Create(person.clone())).await.unwrap();
    }
    let check = async |filter: UserFilter<'_>, expected: &[&User]| {
        for limit in [1, 2, 100] {
            let list = async |cursor: Option<Cursor>| {
                table.users().search(&filter, cursor.as_ref(), limit).await
            };
            let (found, _) = walk(list).await;
            let wanted: Vec<_> = expected.iter().map(|user| (*user).clone()).collect();
            assert_eq!(
                ids(&found, |user| user.id),
                ids(&wanted, |user| user.id),
                "{filter:?}"
            );
        }
    };
    let all: Vec<&User> = people.iter().collect();
    let search = Some(&*mark);
    check(
        UserFilter {
            search,
            ..UserFilter::default()
        },
        &all,
    )
    .await;
    let username = people[2].username.to_uppercase();
    check(
        UserFilter {
            search: Some(&username[1..]),
            ..UserFilter::default()
        },
        &[&people[2]],
    )
    .await;
    let role = Some(Role::Auditor);
    check(
        UserFilter {
            search,
            role,
            ..UserFilter::default()
        },
        &[&people[3]],
    )
    .await;
    let group = Some(group.id);
    check(
        UserFilter {
            group,
            ..UserFilter::default()
        },
        &all[4..],
    )
    .await;
    check(
        UserFilter {
            group,
            search: Some("person 5"),
            ..UserFilter::default()
        },
        &[&people[5]],
    )
    .await;
    check(
        UserFilter {
            group,
            role,
            ..UserFilter::default()
        },
        &[],
    )
    .await;
    // What changed is listed as it is now.
    let renamed = update(
        &people[0],
        |user| &mut user.meta,
        |user| user.name = "Nobody".to_owned(),
    );
    write(table, renamed).await.unwrap();
    check(
        UserFilter {
            search,
            ..UserFilter::default()
        },
        &all[1..],
    )
    .await;
}

pub(crate) async fn endpoints_are_found_across_providers(table: &Table) {
    let (here, there) = (provider(), provider());
    let site = name("site");
    let mut changes: Vec<ObjectChange> = vec![
        Change::Create(here.clone()).into(),
        Change::Create(there.clone()).into(),
    ];
    let all: Vec<Endpoint> = (0..6)
        .map(|index| Endpoint {
            labels: [("site".to_owned(), site.clone())].into(),
            protocol: if index == 5 {
                Protocol::Vnc
            } else {
                Protocol::Ssh
            },
            host: format!("Host-{index}.example:2222").parse().unwrap(),
            ..endpoint(
                if index % 2 == 0 { &here } else { &there },
                MaximumConnections::default(),
            )
        })
        .collect();
    changes.extend(
        all.iter()
            .map(|endpoint| Change::Create(endpoint.clone()).into()),
    );
    table.write(&changes, &[]).await.unwrap();
    let check = async |filter: EndpointFilter<'_>, expected: &[usize]| {
        for limit in [1, 4, 100] {
            let list = async |cursor: Option<Cursor>| {
                table
                    .endpoints()
                    .search(&filter, cursor.as_ref(), limit)
                    .await
            };
            let (found, _) = walk(list).await;
            let wanted: Vec<_> = expected.iter().map(|index| all[*index].clone()).collect();
            assert_eq!(
                ids(&found, |one| one.id),
                ids(&wanted, |one| one.id),
                "{filter:?}"
            );
            assert!(found.is_sorted_by_key(|one| one.name.to_lowercase()));
        }
    };
    let label = format!("SITE={site}");
    let by_label = EndpointFilter {
        search: Some(&label),
        ..EndpointFilter::default()
    };
    check(by_label, &[0, 1, 2, 3, 4, 5]).await;
    let one = [there.id];
    check(
        EndpointFilter {
            providers: Some(&one),
            ..by_label
        },
        &[1, 3, 5],
    )
    .await;
    check(
        EndpointFilter {
            providers: Some(&one),
            search: None,
            ..by_label
        },
        &[1, 3, 5],
    )
    .await;
    check(
        EndpointFilter {
            providers: Some(&[]),
            ..by_label
        },
        &[],
    )
    .await;
    check(
        EndpointFilter {
            protocol: Some(Protocol::Vnc),
            ..by_label
        },
        &[5],
    )
    .await;
    let both = [here.id, there.id];
    let by_host = EndpointFilter {
        providers: Some(&both),
        search: Some("host-4.EX"),
        protocol: None,
    };
    check(by_host, &[4]).await;
    check(
        EndpointFilter {
            search: Some(&all[2].name),
            ..EndpointFilter::default()
        },
        &[2],
    )
    .await;
    write(table, Change::Delete(all[2].clone())).await.unwrap();
    check(
        EndpointFilter {
            search: Some(&all[2].name),
            ..EndpointFilter::default()
        },
        &[],
    )
    .await;
}

pub(crate) async fn connections_are_found_by_what_they_use(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9, 9]).await;
    let nodes: Vec<NodeId> = world.nodes.iter().map(|node| node.id).collect();
    let mut all = Vec::new();
    for index in 0..6 {
        let connection = world.connection(index % 2);
        let ticket = TicketId::new(uuid());
        world.reserve(table, &connection, ticket).await;
        if index == 2 {
            table
                .connections()
                .claim(world.claim(&connection, ticket))
                .await
                .unwrap();
        }
        if index == 5 {
            world.end(table, &connection, EndReason::Left).await;
        }
        all.push(connection.id);
    }
    let check = async |filter: ConnectionFilter, expected: &[usize]| {
        for limit in [1, 4, 100] {
            let list = async |cursor: Option<Cursor>| {
                table
                    .connections()
                    .search(filter, &nodes, cursor.as_ref(), limit)
                    .await
            };
            let (found, _) = walk(list).await;
            let wanted: Vec<_> = expected.iter().map(|index| all[*index]).collect();
            assert_eq!(ids(&found, |one| one.id), wanted, "{filter:?}");
        }
    };
    let none = ConnectionFilter::default();
    let endpoint = Some(world.endpoint.id);
    let user = Some(world.user.id);
    let application = Some(world.application.id);
    check(ConnectionFilter { endpoint, ..none }, &[0, 1, 2, 3, 4, 5]).await;
    check(ConnectionFilter { user, ..none }, &[0, 1, 2, 3, 4, 5]).await;
    check(
        ConnectionFilter {
            application,
            node: Some(nodes[1]),
            ..none
        },
        &[1, 3, 5],
    )
    .await;
    check(ConnectionFilter { live: true, ..none }, &[0, 1, 2, 3, 4]).await;
    check(
        ConnectionFilter {
            live: true,
            endpoint,
            node: Some(nodes[0]),
            ..none
        },
        &[0, 2, 4],
    )
    .await;
    let state = Some(ConnectionState::Active);
    check(ConnectionFilter { state, ..none }, &[2]).await;
    let state = Some(ConnectionState::Ended);
    check(
        ConnectionFilter {
            state,
            application,
            ..none
        },
        &[5],
    )
    .await;
    check(
        ConnectionFilter {
            user,
            state,
            ..none
        },
        &[5],
    )
    .await;
    check(
        ConnectionFilter {
            user: Some(UserId::new(uuid())),
            ..none
        },
        &[],
    )
    .await;
    check(
        ConnectionFilter {
            endpoint: Some(EndpointId::new(uuid())),
            live: true,
            ..none
        },
        &[],
    )
    .await;
    let found = table.connections().by_id(all[3]).await.unwrap().unwrap();
    assert_eq!(found.connection.id, all[3]);
}

pub(crate) async fn events_are_found_by_what_they_say(table: &Table) {
    // The trail is everybody's: a time of its own keeps others out.
    let slot = i64::from(uuid::Uuid::new_v4().as_fields().1 % 400);
    let start = later(slot * 500 * 86_400 + 250 * 86_400);
    let day = |days: i64| start + jiff::SignedDuration::from_hours(24 * days);
    let connection = ConnectionId::new(uuid());
    let all: Vec<Event> = (0..8)
        .map(|index| Event {
            actor: if index % 2 == 0 { "Ada" } else { "bob" }.to_owned(),
            action: if index == 6 {
                EventAction::SignIn
            } else {
                EventAction::Launch
            },
            outcome: if index == 1 {
                Outcome::Refused
            } else {
                Outcome::Success
            },
            connection: (index == 2 || index == 4).then_some(connection),
            target_kind: "endpoint".to_owned(),
            target_name: format!("web-{index}"),
            policy: if index == 1 { "Office hours" } else { "" }.to_owned(),
            ..event(day(index * 10), "")
        })
        .collect();
    for event in &all {
        table.events().append(event).await.unwrap();
    }
    let check = async |filter: EventFilter<'_>, expected: &[usize]| {
        let filter = EventFilter {
            since: filter.since.or(Some(day(-1))),
            ..filter
        };
        for limit in [1, 3, 100] {
            let list = async |cursor: Option<Cursor>| {
                table
                    .events()
                    .search(&filter, cursor.as_ref(), limit, day(100))
                    .await
            };
            let (found, _) = walk(list).await;
            let wanted: Vec<_> = expected.iter().map(|index| all[*index].clone()).collect();
            assert_eq!(found, wanted, "{filter:?}");
        }
    };
    let none = EventFilter::default();
    check(none, &[7, 6, 5, 4, 3, 2, 1, 0]).await;
    check(
        EventFilter {
            since: Some(day(20)),
            until: Some(day(50)),
            ..none
        },
        &[5, 4, 3, 2],
    )
    .await;
    check(
        EventFilter {
            since: Some(day(21)),
            until: Some(day(29)),
            ..none
        },
        &[],
    )
    .await;
    check(
        EventFilter {
            actor: Some("ADA"),
            ..none
        },
        &[6, 4, 2, 0],
    )
    .await;
    check(
        EventFilter {
            action: Some(EventAction::SignIn),
            ..none
        },
        &[6],
    )
    .await;
    check(
        EventFilter {
            outcome: Some(Outcome::Refused),
            ..none
        },
        &[1],
    )
    .await;
    check(
        EventFilter {
            target: Some("web-3"),
            target_kind: Some("endpoint"),
            ..none
        },
        &[3],
    )
    .await;
    check(
        EventFilter {
            target_kind: Some("user"),
            ..none
        },
        &[],
    )
    .await;
    check(
        EventFilter {
            search: Some("office"),
            ..none
        },
        &[1],
    )
    .await;
    check(
        EventFilter {
            connection: Some(connection),
            ..none
        },
        &[4, 2],
    )
    .await;
    check(
        EventFilter {
            connection: Some(connection),
            until: Some(day(25)),
            ..none
        },
        &[2],
    )
    .await;
}

pub(crate) async fn endpoints_and_users_are_counted(table: &Table) {
    let provider = provider();
    write(table, Change::Create(provider.clone()))
        .await
        .unwrap();
    let before = table.counts().await.unwrap();
    let mut changes: Vec<ObjectChange> = Vec::new();
    for _ in 0..5 {
        changes.push(Change::Create(endpoint(&provider, MaximumConnections::default())).into());
        changes.push(Change::Create(user()).into());
    }
    table.write(&changes, &[]).await.unwrap();
    // Others may write at the same time.
    let after = table.counts().await.unwrap();
    assert!(after.endpoints >= before.endpoints + 5 && after.users >= before.users + 5);
}
