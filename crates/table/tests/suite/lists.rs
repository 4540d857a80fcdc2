//! Lists, page by page.

use std::collections::BTreeSet;

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use uuid::Uuid;

use super::fixtures::*;

/// Walks through a list as a client does: the cursor goes out as text.
pub(crate) async fn walk<T>(
    mut page: impl AsyncFnMut(Option<Cursor>) -> Result<Page<T>, TableError>,
) -> (Vec<T>, usize) {
    let (mut all, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let Page { items, next } = page(cursor).await.unwrap();
        all.extend(items);
        pages += 1;
        match next {
            Some(next) => cursor = Some(next.to_string().parse().unwrap()),
            None => return (all, pages),
        }
        assert!(pages < 1000, "a list without end");
    }
}

pub(crate) async fn endpoints_are_listed_by_name(table: &Table) {
    let provider = provider();
    let mut changes: Vec<ObjectChange> = vec![Change::Create(provider.clone()).into()];
    let mut names = BTreeSet::new();
    for _ in 0..23 {
        let endpoint = endpoint(&provider, MaximumConnections::default());
        names.insert(endpoint.name.clone());
        changes.push(Change::Create(endpoint).into());
    }
    table.write(&changes, &[]).await.unwrap();
    let list = async |cursor: Option<Cursor>| {
        table
            .endpoints()
            .list(provider.id, cursor.as_ref(), 5)
            .await
    };
    let (all, pages) = walk(list).await;
    let listed: Vec<_> = all.iter().map(|endpoint| &endpoint.name).collect();
    assert_eq!(listed, names.iter().collect::<Vec<_>>());
    assert!(pages >= 5);
    assert_eq!(
        table.endpoints().of_provider(provider.id).await.unwrap(),
        all
    );
}

pub(crate) async fn a_cursor_is_good_for_its_list_only(table: &Table) {
    let (mine, theirs) = (provider(), provider());
    let mut changes: Vec<ObjectChange> = Vec::new();
    for provider in [&mine, &theirs] {
        changes.push(Change::Create(provider.clone()).into());
        for _ in 0..2 {
            changes.push(Change::Create(endpoint(provider, MaximumConnections::default())).into());
        }
    }
    table.write(&changes, &[]).await.unwrap();
    let cursor = table
        .endpoints()
        .list(mine.id, None, 1)
        .await
        .unwrap()
        .next
        .unwrap();
    for refused in [
        table
            .endpoints()
            .list(theirs.id, Some(&cursor), 1)
            .await
            .map(|_| ()),
        table.users().list(Some(&cursor), 1).await.map(|_| ()),
        table.sessions().list(Some(&cursor), 1).await.map(|_| ()),
        table
            .events()
            .list(Some(&cursor), 1, now())
            .await
            .map(|_| ()),
    ] {
        assert!(matches!(refused, Err(TableError::BadCursor)), "{refused:?}");
    }
}

pub(crate) async fn more_than_a_megabyte_is_read_whole(table: &Table) {
    let provider = provider();
    write(table, Change::Create(provider.clone()))
        .await
        .unwrap();
    for _ in 0..8 {
        let mut endpoint = endpoint(&provider, MaximumConnections::default());
        let big = serde_json::json!({ "private-key": "k".repeat(200_000) });
        endpoint.settings = serde_json::from_value(big).unwrap();
        write(table, Change::Create(endpoint)).await.unwrap();
    }
    assert_eq!(
        table
            .endpoints()
            .of_provider(provider.id)
            .await
            .unwrap()
            .len(),
        8
    );
    let list = async |cursor: Option<Cursor>| {
        table
            .endpoints()
            .list(provider.id, cursor.as_ref(), 100)
            .await
    };
    assert_eq!(walk(list).await.0.len(), 8);
}

pub(crate) async fn users_are_listed_by_name(table: &Table) {
    let mut mine = BTreeSet::new();
    for _ in 0..7 {
        let user = user();
        mine.insert(user.username.clone());
        write(table, Change::Create(user)).await.unwrap();
    }
    let list = async |cursor: Option<Cursor>| table.users().list(cursor.as_ref(), 3).await;
    let (all, _) = walk(list).await;
    let names: Vec<_> = all.iter().map(|user| user.username.clone()).collect();
    assert!(names.is_sorted_by_key(|name| key::fold_username(name)));
    assert!(mine.is_subset(&names.into_iter().collect()));
}

pub(crate) async fn sessions_are_listed_newest_first(table: &Table) {
    let user = user();
    write(table, Change::Create(user.clone())).await.unwrap();
    let mut mine = Vec::new();
    for _ in 0..5 {
        let stored = session(user.id);
        mine.push(stored.session.id);
        table.sessions().create(&stored).await.unwrap();
        table.tokens().create(&token(user.id)).await.unwrap();
    }
    let list = async |cursor: Option<Cursor>| table.sessions().list(cursor.as_ref(), 2).await;
    let (all, _) = walk(list).await;
    let listed: Vec<_> = all
        .iter()
        .map(|session| session.id)
        .filter(|id| mine.contains(id))
        .collect();
    mine.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(listed, mine);
    let tokens = async |cursor: Option<Cursor>| table.tokens().list(cursor.as_ref(), 2).await;
    let (all, _) = walk(tokens).await;
    assert_eq!(all.iter().filter(|token| token.user == user.id).count(), 5);
}

pub(crate) async fn live_connections_are_listed_over_nodes(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9, 9, 9]).await;
    let nodes: Vec<NodeId> = world.nodes.iter().map(|node| node.id).collect();
    let mut live = BTreeSet::new();
    for index in 0..11 {
        let connection = world.connection(index % 2);
        world
            .reserve(table, &connection, TicketId::new(uuid()))
            .await;
        if index == 4 {
            world.end(table, &connection, EndReason::Left).await;
        } else {
            live.insert(connection.id);
        }
    }
    for limit in [1, 3, 5, 100] {
        let list = async |cursor: Option<Cursor>| {
            table
                .connections()
                .live(&nodes, cursor.as_ref(), limit)
                .await
        };
        let (all, _) = walk(list).await;
        assert_eq!(all.len(), live.len(), "limit {limit}");
        assert_eq!(
            all.iter()
                .map(|connection| connection.id)
                .collect::<BTreeSet<_>>(),
            live
        );
    }
    let mine = table.connections().of_user(world.user.id).await.unwrap();
    assert_eq!(mine.len(), 11);
    let over = mine
        .iter()
        .filter(|stored| stored.connection.state == ConnectionState::Ended);
    assert_eq!(over.count(), 1);
}

pub(crate) async fn events_are_listed_newest_first_over_months(table: &Table) {
    // The trail is everybody's: a time of its own keeps others out.
    let slot = i64::from(Uuid::new_v4().as_fields().1 % 400);
    let end = later(slot * 500 * 86_400);
    let mut expected = Vec::new();
    for index in (0..9).rev() {
        let at = end - jiff::SignedDuration::from_hours(24 * 20 * index);
        let event = event(at, &format!("{index}"));
        table.events().append(&event).await.unwrap();
        expected.insert(0, event);
    }
    for limit in [1, 2, 100] {
        let list =
            async |cursor: Option<Cursor>| table.events().list(cursor.as_ref(), limit, end).await;
        let (all, _) = walk(list).await;
        assert_eq!(all, expected, "limit {limit}");
    }
}
