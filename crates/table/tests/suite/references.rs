//! References between objects: what is referred to exists and stays.

use causeway_model::object::*;
use causeway_table::*;

use super::fixtures::*;

pub(crate) async fn what_is_referred_to_must_exist(table: &Table) {
    let missing = provider();
    let error = write(table, Change::Create(application(&missing)))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::MissingReference {
                kind: Kind::Provider,
                ..
            }
        ),
        "{error}"
    );
    let orphan = endpoint(&missing, MaximumConnections::default());
    let error = write(table, Change::Create(orphan)).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::MissingReference {
                kind: Kind::Provider,
                ..
            }
        ),
        "{error}"
    );

    let mut lonely = provider();
    lonely.outposts = vec![outpost().id];
    let error = write(table, Change::Create(lonely)).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::MissingReference {
                kind: Kind::Outpost,
                ..
            }
        ),
        "{error}"
    );
}

pub(crate) async fn what_is_referred_to_cannot_be_deleted(table: &Table) {
    let (mapping, outpost) = (property_mapping(), outpost());
    let mut provider = provider();
    provider.property_mappings = vec![mapping.id];
    provider.outposts = vec![outpost.id];
    let application = application(&provider);
    let first = endpoint(&provider, MaximumConnections::default());
    let second = endpoint(&provider, MaximumConnections::default());
    let changes = [
        Change::Create(mapping.clone()).into(),
        Change::Create(outpost.clone()).into(),
        Change::Create(provider.clone()).into(),
        Change::Create(application.clone()).into(),
        Change::Create(first.clone()).into(),
        Change::Create(second.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();

    in_use(table, Change::Delete(provider.clone()), Kind::Provider, 3).await;
    in_use(
        table,
        Change::Delete(mapping.clone()),
        Kind::PropertyMapping,
        1,
    )
    .await;
    in_use(table, Change::Delete(outpost.clone()), Kind::Outpost, 1).await;

    write(table, Change::Delete(application)).await.unwrap();
    write(table, Change::Delete(first)).await.unwrap();
    in_use(table, Change::Delete(provider.clone()), Kind::Provider, 1).await;

    // All at once, the rest of the references goes with those who hold them.
    let rest = [
        Change::Delete(second).into(),
        Change::Delete(provider).into(),
        Change::Delete(mapping).into(),
        Change::Delete(outpost).into(),
    ];
    table.write(&rest, &[]).await.unwrap();
}

async fn in_use(table: &Table, change: impl Into<ObjectChange>, expected: Kind, count: u64) {
    let error = write(table, change).await.unwrap_err();
    assert!(
        matches!(error, WriteError::InUse { kind, references, .. } if kind == expected && references == count),
        "{error:?}"
    );
}

pub(crate) async fn an_update_moves_references(table: &Table) {
    let (old, new) = (property_mapping(), property_mapping());
    let mut provider = provider();
    provider.property_mappings = vec![old.id];
    let changes = [
        Change::Create(old.clone()).into(),
        Change::Create(new.clone()).into(),
        Change::Create(provider.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    let moved = update(
        &provider,
        |provider| &mut provider.meta,
        |provider| {
            // Twice the same is one reference.
            provider.property_mappings = vec![new.id, new.id];
        },
    );
    write(table, moved).await.unwrap();
    write(table, Change::Delete(old)).await.unwrap();
    in_use(table, Change::Delete(new), Kind::PropertyMapping, 1).await;
}

pub(crate) async fn a_provider_serves_one_application(table: &Table) {
    let provider = provider();
    let first = application(&provider);
    let second = application(&provider);
    let changes = [
        Change::Create(provider.clone()).into(),
        Change::Create(first.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    let error = write(table, Change::Create(second.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(error, WriteError::ProviderTaken { provider: id } if id == provider.id.uuid()),
        "{error}"
    );

    // One goes and another comes in one transaction.
    let replace = [
        Change::Delete(first).into(),
        Change::Create(second.clone()).into(),
    ];
    table.write(&replace, &[]).await.unwrap();
    let snapshot = table.config().current().await.unwrap();
    assert_eq!(snapshot.application_of(provider.id).unwrap().id, second.id);

    let other = super::fixtures::provider();
    let rivals = [
        Change::Create(other.clone()).into(),
        Change::Create(application(&other)).into(),
        Change::Create(application(&other)).into(),
    ];
    let error = table.write(&rivals, &[]).await.unwrap_err();
    assert!(matches!(error, WriteError::ProviderTaken { .. }), "{error}");
}

pub(crate) async fn a_group_with_members_stays(table: &Table) {
    let group = group();
    let mut member = user();
    member.groups = vec![group.id];
    let changes = [
        Change::Create(group.clone()).into(),
        Change::Create(member.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    in_use(table, Change::Delete(group.clone()), Kind::Group, 1).await;
    let left = update(&member, |user| &mut user.meta, |user| user.groups.clear());
    write(table, left).await.unwrap();
    write(table, Change::Delete(group)).await.unwrap();
}

pub(crate) async fn what_connections_use_cannot_be_deleted(table: &Table) {
    let world = World::new(table, MaximumConnections::Limited(1), &[4]).await;
    let (connection, _) = world.launched(table).await;
    in_use(
        table,
        Change::Delete(world.endpoint.clone()),
        Kind::Endpoint,
        1,
    )
    .await;
    in_use(table, Change::Delete(world.nodes[0].clone()), Kind::Node, 1).await;
    world.end(table, &connection, EndReason::Left).await;
    write(table, Change::Delete(world.endpoint.clone()))
        .await
        .unwrap();
    write(table, Change::Delete(world.nodes[0].clone()))
        .await
        .unwrap();
    assert_eq!(table.nodes().state(world.nodes[0].id).await.unwrap(), None);
}
