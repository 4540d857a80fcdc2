//! What has more policy bindings than fit in one transaction is deleted all the
//! same, and never stands there with only some of them.

use causeway_model::object::*;
use causeway_table::*;
use uuid::Uuid;

use super::dependents::{binding, policy};
use super::fixtures::*;

/// More bindings than one transaction can delete.
const MANY: usize = 70;

/// A world whose application has many bindings, all to one policy.
async fn bound(table: &Table) -> (World, Policy, Vec<PolicyBinding>) {
    let world = World::new(table, MaximumConnections::default(), &[1]).await;
    let policy = policy();
    write(table, Change::Create(policy.clone())).await.unwrap();
    let id = world.application.id.uuid();
    let bindings = bind(table, TargetKind::Application, id, &policy, MANY).await;
    (world, policy, bindings)
}

async fn bind(
    table: &Table,
    kind: TargetKind,
    target: Uuid,
    policy: &Policy,
    count: usize,
) -> Vec<PolicyBinding> {
    let one = |_| PolicyBinding {
        name: name("binding"),
        ..binding(kind, target, Subject::Policy(policy.id))
    };
    let bindings: Vec<_> = (0..count).map(one).collect();
    for some in bindings.chunks(20) {
        let create = |binding: &PolicyBinding| Change::Create(binding.clone()).into();
        let changes: Vec<ObjectChange> = some.iter().map(create).collect();
        table.write(&changes, &[]).await.unwrap();
    }
    bindings
}

/// The table as another process finds it: whether the application is there, and
/// how many bindings it has.
async fn found(table: &Table, application: &Application) -> (bool, usize) {
    let snapshot = table.apart().config().current().await.unwrap();
    let id = application.id.uuid();
    let is_there = snapshot.applications().get(id).is_some();
    (is_there, snapshot.bindings_of(id).len())
}

pub(crate) async fn a_target_with_many_bindings_is_deleted(table: &Table) {
    let (world, policy, bindings) = bound(table).await;
    let endpoint = world.endpoint.id.uuid();
    bind(table, TargetKind::Endpoint, endpoint, &policy, MANY).await;
    assert_eq!(found(table, &world.application).await, (true, MANY));
    for change in [
        Change::Delete(world.application.clone()).into(),
        Change::Delete(world.endpoint.clone()).into(),
    ] {
        let change: ObjectChange = change;
        table
            .write(&[change], &[event(now(), "deleted")])
            .await
            .unwrap();
    }
    assert_eq!(found(table, &world.application).await, (false, 0));
    let snapshot = table.config().current().await.unwrap();
    assert_eq!(snapshot.bindings_of(endpoint), []);
    // Nothing refers to the policy any more, and the names are free.
    let again = PolicyBinding {
        name: bindings[0].name.clone(),
        ..binding(TargetKind::Endpoint, endpoint, Subject::Policy(policy.id))
    };
    let error = write(table, Change::Create(again)).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::MissingReference {
                kind: Kind::Endpoint,
                ..
            }
        ),
        "{error}"
    );
    write(table, Change::Delete(policy)).await.unwrap();
}

pub(crate) async fn a_deletion_that_breaks_off_opens_nothing(table: &Table) {
    let mut steps = std::collections::BTreeSet::new();
    for requests in 1.. {
        let (world, policy, _) = bound(table).await;
        let delete = write(table, Change::Delete(world.application.clone()));
        let ended = cut_short(requests, delete).await;
        let (is_there, count) = found(table, &world.application).await;
        steps.insert((is_there, count));
        assert!(
            !is_there || count == MANY,
            "it stands open with {count} bindings"
        );
        if !is_there {
            table.apart().clear_left_behind().await.unwrap();
            assert_eq!(found(table, &world.application).await, (false, 0));
            write(table, Change::Delete(policy)).await.unwrap();
        }
        if ended.is_some() {
            break;
        }
    }
    // It was seen untouched, gone with bindings left, and gone.
    assert!(steps.contains(&(true, MANY)), "{steps:?}");
    assert!(steps.contains(&(false, 0)), "{steps:?}");
    assert!(
        steps
            .iter()
            .any(|(is_there, count)| !is_there && *count > 0),
        "{steps:?}"
    );
}
