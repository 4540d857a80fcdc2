//! Objects: written with conditions, read as snapshots, all or nothing.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;

use super::fixtures::*;

pub(crate) async fn an_object_is_in_the_snapshot_after_it_was_written(table: &Table) {
    let before = table.config().current().await.unwrap();
    let group = group();
    write(table, Change::Create(group.clone())).await.unwrap();

    let after = table.config().current().await.unwrap();
    assert!(after.epoch() > before.epoch());
    assert!(before.groups().get(group.id.uuid()).is_none());
    assert_eq!(
        after.groups().get(group.id.uuid()).unwrap().as_ref(),
        &group
    );
    assert_eq!(after.groups().named(&group.name).unwrap().as_ref(), &group);
    for reference in [group.name.clone(), group.id.to_string()] {
        assert_eq!(after.groups().resolve(&reference).unwrap().id, group.id);
    }
}

pub(crate) async fn a_snapshot_is_read_again_only_when_the_epoch_moved(table: &Table) {
    write(table, Change::Create(group())).await.unwrap();
    let current = table.config().current().await.unwrap();
    let (again, trips) = counted(table.config().at(current.epoch())).await;
    assert_eq!(trips, 0);
    assert!(again.unwrap().epoch() >= current.epoch());
}

pub(crate) async fn an_update_needs_the_version_that_was_read(table: &Table) {
    let group = group();
    write(table, Change::Create(group.clone())).await.unwrap();
    let rename = || {
        update(
            &group,
            |group| &mut group.meta,
            |group| group.name = name("renamed"),
        )
    };
    write(table, rename()).await.unwrap();
    let error = write(table, rename()).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::VersionChanged {
                kind: Kind::Group,
                ..
            }
        ),
        "{error}"
    );
    let error = write(table, Change::Delete(group.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(error, WriteError::VersionChanged { .. }),
        "{error}"
    );
}

pub(crate) async fn what_is_not_there_cannot_be_changed(table: &Table) {
    let group = group();
    let rename = update(
        &group,
        |group| &mut group.meta,
        |group| group.name = name("renamed"),
    );
    for change in [rename, Change::Delete(group.clone())] {
        let error = write(table, change).await.unwrap_err();
        assert!(
            matches!(
                error,
                WriteError::NotFound {
                    kind: Kind::Group,
                    ..
                }
            ),
            "{error}"
        );
    }
}

pub(crate) async fn an_id_is_taken_once(table: &Table) {
    let group = group();
    write(table, Change::Create(group.clone())).await.unwrap();
    let twin = Group {
        name: name("twin"),
        ..group
    };
    let error = write(table, Change::Create(twin)).await.unwrap_err();
    assert!(matches!(error, WriteError::Exists { .. }), "{error}");
}

pub(crate) async fn a_name_is_taken_once_and_free_again(table: &Table) {
    let first = group();
    write(table, Change::Create(first.clone())).await.unwrap();
    let second = Group {
        name: first.name.clone(),
        ..group()
    };
    let error = write(table, Change::Create(second.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(error, WriteError::NameTaken { kind: Kind::Group, ref name } if *name == first.name),
        "{error}"
    );

    write(table, Change::Delete(first.clone())).await.unwrap();
    write(table, Change::Create(second)).await.unwrap();
}

pub(crate) async fn two_objects_can_swap_their_names(table: &Table) {
    let (first, second) = (group(), group());
    let create = [
        Change::Create(first.clone()).into(),
        Change::Create(second.clone()).into(),
    ];
    table.write(&create, &[]).await.unwrap();
    let take = |group: &Group, name: &str| {
        update(
            group,
            |group| &mut group.meta,
            |group| group.name = name.to_owned(),
        )
    };
    let swap = [
        take(&first, &second.name).into(),
        take(&second, &first.name).into(),
    ];
    table.write(&swap, &[]).await.unwrap();
    let snapshot = table.config().current().await.unwrap();
    assert_eq!(snapshot.groups().named(&first.name).unwrap().id, second.id);
    assert_eq!(snapshot.groups().named(&second.name).unwrap().id, first.id);
}

pub(crate) async fn one_refused_change_refuses_all(table: &Table) {
    let (good, taken) = (group(), group());
    write(table, Change::Create(taken.clone())).await.unwrap();
    let bad = Group {
        name: taken.name.clone(),
        ..group()
    };
    let changes = [
        Change::Create(good.clone()).into(),
        Change::Create(bad).into(),
    ];
    let error = table
        .write(&changes, &[event(now(), "never")])
        .await
        .unwrap_err();
    assert!(matches!(error, WriteError::NameTaken { .. }), "{error}");
    let snapshot = table.config().current().await.unwrap();
    assert!(snapshot.groups().get(good.id.uuid()).is_none());
}

pub(crate) async fn one_object_is_changed_once_in_a_transaction(table: &Table) {
    let group = group();
    let changes = [
        Change::Create(group.clone()).into(),
        Change::Delete(group).into(),
    ];
    let error = table.write(&changes, &[]).await.unwrap_err();
    assert!(matches!(error, WriteError::ChangedTwice { .. }), "{error}");
}

pub(crate) async fn a_transaction_has_a_limit_and_says_so(table: &Table) {
    let changes: Vec<ObjectChange> = (0..50).map(|_| Change::Create(group()).into()).collect();
    let error = table.write(&changes, &[]).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::TooManyChanges {
                actions: 102,
                limit: 100
            }
        ),
        "{error}"
    );
    table.write(&changes[..49], &[]).await.unwrap();
}

pub(crate) async fn an_object_has_a_largest_size(table: &Table) {
    let mut mapping = property_mapping();
    mapping.expression = "x".repeat(DOCUMENT_BYTES_MAX);
    let error = write(table, Change::Create(mapping)).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::TooLarge {
                kind: Kind::PropertyMapping,
                ..
            }
        ),
        "{error}"
    );
}

pub(crate) async fn a_name_is_neither_empty_nor_endless(table: &Table) {
    for name in [String::new(), "n".repeat(key::NAME_BYTES_MAX + 1)] {
        let group = Group { name, ..group() };
        let error = write(table, Change::Create(group)).await.unwrap_err();
        assert!(
            matches!(error, WriteError::BadName { kind: Kind::Group }),
            "{error}"
        );
    }
}

pub(crate) async fn an_endpoint_is_found_by_id_and_by_name(table: &Table) {
    let provider = provider();
    let endpoint = endpoint(&provider, MaximumConnections::Limited(3));
    let changes = [
        Change::Create(provider.clone()).into(),
        Change::Create(endpoint.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();

    let endpoints = table.endpoints();
    assert_eq!(
        endpoints.by_id(endpoint.id).await.unwrap(),
        Some(endpoint.clone())
    );
    assert_eq!(
        endpoints
            .by_name(provider.id, &endpoint.name)
            .await
            .unwrap(),
        Some(endpoint.clone())
    );
    let usage = endpoints.usage(endpoint.id).await.unwrap().unwrap();
    assert_eq!(
        usage,
        Usage {
            connections: 0,
            maximum: MaximumConnections::Limited(3)
        }
    );

    let rename = update(
        &endpoint,
        |endpoint| &mut endpoint.meta,
        |endpoint| {
            endpoint.name = name("renamed");
            endpoint.maximum_connections = MaximumConnections::Unlimited;
        },
    );
    let after = rename.after().unwrap().clone();
    write(table, rename).await.unwrap();
    assert_eq!(
        endpoints.by_id(endpoint.id).await.unwrap(),
        Some(after.clone())
    );
    assert_eq!(
        endpoints.by_name(provider.id, &after.name).await.unwrap(),
        Some(after.clone())
    );
    assert_eq!(
        endpoints
            .by_name(provider.id, &endpoint.name)
            .await
            .unwrap(),
        None
    );
    let usage = endpoints.usage(endpoint.id).await.unwrap().unwrap();
    assert_eq!(usage.maximum, MaximumConnections::Unlimited);

    write(table, Change::Delete(after.clone())).await.unwrap();
    assert_eq!(endpoints.by_id(endpoint.id).await.unwrap(), None);
    assert_eq!(
        endpoints.by_name(provider.id, &after.name).await.unwrap(),
        None
    );
    assert_eq!(endpoints.usage(endpoint.id).await.unwrap(), None);
}

pub(crate) async fn an_endpoint_keeps_its_name_when_something_else_changes(table: &Table) {
    let provider = provider();
    let first = endpoint(&provider, MaximumConnections::default());
    let changes = [
        Change::Create(provider.clone()).into(),
        Change::Create(first.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    let moved = update(
        &first,
        |endpoint| &mut endpoint.meta,
        |endpoint| {
            endpoint.host = "other.example".parse().unwrap();
        },
    );
    let after = moved.after().unwrap().clone();
    write(table, moved).await.unwrap();
    let found = table
        .endpoints()
        .by_name(provider.id, &first.name)
        .await
        .unwrap();
    assert_eq!(found, Some(after.clone()));

    let rival = Endpoint {
        name: first.name.clone(),
        ..endpoint(&provider, MaximumConnections::default())
    };
    let error = write(table, Change::Create(rival)).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::NameTaken {
                kind: Kind::Endpoint,
                ..
            }
        ),
        "{error}"
    );
}

pub(crate) async fn a_host_key_is_remembered_at_its_first_use(table: &Table) {
    let provider = provider();
    let endpoint = endpoint(&provider, MaximumConnections::default());
    let changes = [
        Change::Create(provider).into(),
        Change::Create(endpoint.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    let host_key = |key: &str| HostKey {
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: format!("SHA256:{key}"),
        key: key.to_owned(),
        first_seen: now(),
    };
    let keys = table.host_keys();
    let (known, other) = (host_key("A"), host_key("B"));
    assert_eq!(
        keys.remember(endpoint.id, &known).await.unwrap(),
        HostKeyOutcome::First
    );
    assert_eq!(
        keys.remember(endpoint.id, &known).await.unwrap(),
        HostKeyOutcome::Same
    );
    let differs = HostKeyOutcome::Differs(known.clone());
    assert_eq!(keys.remember(endpoint.id, &other).await.unwrap(), differs);

    let (read, trips) = counted(table.endpoints().with_host_keys(endpoint.id)).await;
    assert_eq!(read.unwrap(), Some((endpoint.clone(), vec![known])));
    assert_eq!(trips, 1);

    assert!(keys.forget(endpoint.id, "ssh-ed25519").await.unwrap());
    assert!(!keys.forget(endpoint.id, "ssh-ed25519").await.unwrap());
    assert_eq!(
        keys.remember(endpoint.id, &other).await.unwrap(),
        HostKeyOutcome::First
    );
    write(table, Change::Delete(endpoint.clone()))
        .await
        .unwrap();
    assert_eq!(keys.of(endpoint.id).await.unwrap(), []);
}

pub(crate) async fn nothing_is_found_under_an_id_that_is_not_there(table: &Table) {
    assert_eq!(
        table
            .endpoints()
            .by_id(EndpointId::new(uuid()))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        table.users().by_id(UserId::new(uuid())).await.unwrap(),
        None
    );
    assert_eq!(
        table
            .connections()
            .by_id(ConnectionId::new(uuid()))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        table.nodes().state(NodeId::new(uuid())).await.unwrap(),
        None
    );
}
