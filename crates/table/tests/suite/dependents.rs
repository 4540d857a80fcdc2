//! What depends on an object: what goes with it, and who keeps it.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use uuid::Uuid;

use super::fixtures::*;

pub(crate) fn policy() -> Policy {
    Policy {
        id: PolicyId::new(uuid()),
        name: name("policy"),
        expression: "true".to_owned(),
        meta: Meta::first(now()),
    }
}

pub(crate) fn binding(kind: TargetKind, target: Uuid, subject: Subject) -> PolicyBinding {
    PolicyBinding {
        id: PolicyBindingId::new(uuid()),
        name: PolicyBinding::name_of(kind, target, subject),
        target,
        target_kind: kind,
        order: 0,
        enabled: true,
        negate: false,
        timeout_s: 30,
        failure_result: false,
        subject,
        meta: Meta::first(now()),
    }
}

pub(crate) fn flow(stages: usize) -> Flow {
    Flow {
        id: FlowId::new(uuid()),
        name: name("flow"),
        title: String::new(),
        stages: (0..stages)
            .map(|index| FlowStage {
                id: StageId::new(uuid()),
                stage: Stage::Deny(DenyStage {
                    name: format!("no-{index}"),
                    policy_engine_mode: EngineMode::Any,
                    message: String::new(),
                }),
            })
            .collect(),
        meta: Meta::first(now()),
    }
}

pub(crate) async fn is_there(table: &Table, binding: &PolicyBinding) -> bool {
    let snapshot = table.config().current().await.unwrap();
    snapshot.policy_bindings().get(binding.id.uuid()).is_some()
}

fn assert_missing(error: WriteError, expected: Kind) {
    assert!(
        matches!(error, WriteError::MissingReference { kind, .. } if kind == expected),
        "{error}"
    );
}

pub(crate) fn names(dependents: &[Dependent]) -> Vec<(Kind, &str, bool)> {
    dependents
        .iter()
        .map(|one| (one.kind, one.relation, one.blocks))
        .collect()
}

pub(crate) async fn bindings_go_with_their_target(table: &Table) {
    let policy = policy();
    let subject = Subject::Policy(policy.id);
    let world = World::new(table, MaximumConnections::default(), &[1]).await;
    let flow = flow(2);
    let of_application = binding(
        TargetKind::Application,
        world.application.id.uuid(),
        subject,
    );
    let of_endpoint = binding(TargetKind::Endpoint, world.endpoint.id.uuid(), subject);
    let stages: Vec<_> = flow
        .stages
        .iter()
        .map(|stage| binding(TargetKind::Stage, stage.id.uuid(), subject))
        .collect();
    let mut changes: Vec<ObjectChange> = vec![
        Change::Create(policy.clone()).into(),
        Change::Create(flow.clone()).into(),
    ];
    let all = [&of_application, &of_endpoint, &stages[0], &stages[1]];
    changes.extend(all.map(|binding| Change::Create(binding.clone()).into()));
    table.write(&changes, &[]).await.unwrap();

    // A policy is kept by its bindings, which are named.
    let error = write(table, Change::Delete(policy.clone()))
        .await
        .unwrap_err();
    let WriteError::InUse {
        references,
        referrers,
        ..
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(references, 4);
    assert_eq!(
        names(&referrers),
        [(Kind::PolicyBinding, "policy", true); 4]
    );

    let found = table
        .dependents(Kind::Application, world.application.id.uuid(), 9)
        .await;
    assert_eq!(
        names(&found.unwrap()),
        [(Kind::PolicyBinding, "target", false)]
    );
    write(table, Change::Delete(world.application.clone()))
        .await
        .unwrap();
    assert!(!is_there(table, &of_application).await);
    write(table, Change::Delete(world.endpoint.clone()))
        .await
        .unwrap();
    assert!(!is_there(table, &of_endpoint).await);

    // A stage that goes takes its own along, the flow those of all.
    let mut after = flow.clone();
    after.meta = flow.meta.next(later(1));
    after.stages.remove(0);
    write(
        table,
        Change::Update {
            before: flow,
            after: after.clone(),
        },
    )
    .await
    .unwrap();
    assert!(!is_there(table, &stages[0]).await);
    assert!(is_there(table, &stages[1]).await);
    write(table, Change::Delete(after)).await.unwrap();
    assert!(!is_there(table, &stages[1]).await);
    write(table, Change::Delete(policy)).await.unwrap();
}

pub(crate) async fn a_binding_needs_its_target_and_subject(table: &Table) {
    let world = World::new(table, MaximumConnections::default(), &[1]).await;
    let group = group();
    write(table, Change::Create(group.clone())).await.unwrap();
    let refused = async |binding: PolicyBinding, kind| {
        let error = write(table, Change::Create(binding)).await.unwrap_err();
        assert_missing(error, kind);
    };
    let (none, endpoint) = (uuid(), world.endpoint.id.uuid());
    let there = Subject::Group(group.id);
    refused(
        binding(TargetKind::Application, none, there),
        Kind::Application,
    )
    .await;
    refused(binding(TargetKind::Endpoint, none, there), Kind::Endpoint).await;
    refused(binding(TargetKind::Stage, none, there), Kind::Stage).await;
    let nobody = Subject::User(UserId::new(none));
    refused(binding(TargetKind::Endpoint, endpoint, nobody), Kind::User).await;
    let no_policy = Subject::Policy(PolicyId::new(none));
    refused(
        binding(TargetKind::Endpoint, endpoint, no_policy),
        Kind::Policy,
    )
    .await;

    // Together with what it needs, it can be made.
    let (flow, ada) = (flow(1), user());
    let made = binding(
        TargetKind::Stage,
        flow.stages[0].id.uuid(),
        Subject::User(ada.id),
    );
    let changes = [
        Change::Create(made.clone()).into(),
        Change::Create(flow).into(),
        Change::Create(ada).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    assert!(is_there(table, &made).await);
    // But not along with the end of either.
    let goes = user();
    write(table, Change::Create(goes.clone())).await.unwrap();
    let late = binding(TargetKind::Endpoint, endpoint, Subject::User(goes.id));
    let changes = [Change::Delete(goes).into(), Change::Create(late).into()];
    assert_missing(table.write(&changes, &[]).await.unwrap_err(), Kind::User);
    let late = binding(TargetKind::Endpoint, endpoint, there);
    let changes = [
        Change::Delete(world.endpoint.clone()).into(),
        Change::Create(late).into(),
    ];
    assert_missing(
        table.write(&changes, &[]).await.unwrap_err(),
        Kind::Endpoint,
    );
}

pub(crate) async fn a_binding_and_the_end_of_its_target_have_one_winner(table: &Table) {
    for _ in 0..8 {
        let world = World::new(table, MaximumConnections::default(), &[1]).await;
        let bound = binding(
            TargetKind::Endpoint,
            world.endpoint.id.uuid(),
            Subject::User(world.user.id),
        );
        let change = |index: usize| -> ObjectChange {
            match index {
                0 => Change::Create(bound.clone()).into(),
                _ => Change::Delete(world.endpoint.clone()).into(),
            }
        };
        let outcomes = at_once(2, |index| {
            let (table, change) = (table.clone(), change(index));
            async move { table.write(&[change], &[]).await }
        })
        .await;
        outcomes[1].as_ref().unwrap();
        assert!(!is_there(table, &bound).await, "{outcomes:?}");
    }
}

pub(crate) async fn who_refers_is_named(table: &Table) {
    let (mapping, group) = (property_mapping(), group());
    let mut provider = provider();
    provider.property_mappings = vec![mapping.id];
    let application = application(&provider);
    let mut first = endpoint(&provider, MaximumConnections::default());
    first.property_mappings = vec![mapping.id];
    let second = endpoint(&provider, MaximumConnections::default());
    let mut ada = user();
    ada.groups = vec![group.id];
    ada.operates = vec![application.id];
    let changes = [
        Change::Create(mapping.clone()).into(),
        Change::Create(group.clone()).into(),
        Change::Create(provider.clone()).into(),
        Change::Create(application.clone()).into(),
        Change::Create(first.clone()).into(),
        Change::Create(second).into(),
        Change::Create(ada.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    let check = async |kind, id, expected: &[(Kind, &str, bool)]| {
        let found = table.dependents(kind, id, 50).await.unwrap();
        assert_eq!(names(&found), expected, "{kind}");
    };
    check(
        Kind::PropertyMapping,
        mapping.id.uuid(),
        &[
            (Kind::Provider, "property mapping", true),
            (Kind::Endpoint, "property mapping", true),
        ],
    )
    .await;
    check(
        Kind::Provider,
        provider.id.uuid(),
        &[
            (Kind::Application, "provider", true),
            (Kind::Endpoint, "provider", true),
            (Kind::Endpoint, "provider", true),
        ],
    )
    .await;
    check(
        Kind::Group,
        group.id.uuid(),
        &[(Kind::User, "member", true)],
    )
    .await;
    check(
        Kind::Application,
        application.id.uuid(),
        &[(Kind::User, "operator", true)],
    )
    .await;
    let error = write(table, Change::Delete(group.clone()))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, WriteError::InUse { references: 1, referrers, .. }
            if referrers[0].name == ada.username),
        "{error:?}"
    );

    // An update moves what it refers to.
    let left = update(
        &ada,
        |user| &mut user.meta,
        |user| {
            user.groups.clear();
            user.operates.clear();
        },
    );
    write(table, left).await.unwrap();
    let bare = update(
        &first,
        |endpoint| &mut endpoint.meta,
        |endpoint| {
            endpoint.property_mappings.clear();
        },
    );
    write(table, bare).await.unwrap();
    check(Kind::Group, group.id.uuid(), &[]).await;
    check(
        Kind::PropertyMapping,
        mapping.id.uuid(),
        &[(Kind::Provider, "property mapping", true)],
    )
    .await;
    write(table, Change::Delete(group)).await.unwrap();
    write(table, Change::Delete(application)).await.unwrap();
}

pub(crate) async fn a_node_is_kept_by_its_connections(table: &Table) {
    let world = World::new(table, MaximumConnections::Unlimited, &[9]).await;
    let (connection, _) = world.launched(table).await;
    let node = world.nodes[0].clone();
    let error = write(table, Change::Delete(node)).await.unwrap_err();
    let WriteError::InUse { referrers, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(referrers.len(), 1);
    assert_eq!(
        (referrers[0].kind, referrers[0].id),
        (Kind::Connection, connection.id.uuid())
    );
}
