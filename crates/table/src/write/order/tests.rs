use causeway_model::id::{GroupId, PolicyBindingId, PolicyId, ProviderId};
use causeway_model::object::{Group, Meta, Policy, PolicyBinding, Role, Subject, TargetKind};
use jiff::Timestamp;

use super::*;

fn group(name: &str, operates: Vec<causeway_model::id::ApplicationId>) -> Group {
    Group {
        role: Role::User,
        operates,
        attributes: serde_json::Map::new(),
        id: GroupId::new(Uuid::now_v7()),
        name: name.to_owned(),
        meta: Meta::first(Timestamp::UNIX_EPOCH),
    }
}

fn policy() -> Policy {
    Policy {
        id: PolicyId::new(Uuid::now_v7()),
        name: "p".to_owned(),
        expression: "true".to_owned(),
        meta: Meta::first(Timestamp::UNIX_EPOCH),
    }
}

fn binding(target: Uuid, subject: Subject) -> PolicyBinding {
    PolicyBinding {
        id: PolicyBindingId::new(Uuid::now_v7()),
        name: String::new(),
        target,
        target_kind: TargetKind::Application,
        order: 0,
        enabled: true,
        negate: false,
        timeout_s: 1,
        failure_result: false,
        subject,
        meta: Meta::first(Timestamp::UNIX_EPOCH),
    }
}

fn application(provider: ProviderId) -> causeway_model::object::Application {
    causeway_model::object::Application {
        id: causeway_model::id::ApplicationId::new(Uuid::now_v7()),
        name: "a".to_owned(),
        slug: "a".to_owned(),
        icon: String::new(),
        group: String::new(),
        provider,
        policy_engine_mode: causeway_model::object::EngineMode::Any,
        meta: Meta::first(Timestamp::UNIX_EPOCH),
    }
}

fn check(changes: &[ObjectChange], core: Core, expected: &[&[usize]]) {
    let changes: Vec<&ObjectChange> = changes.iter().collect();
    let units = units(&changes, core);
    assert_eq!(units, expected, "{core:?}");
}

#[test]
fn what_is_needed_comes_first_and_what_needs_each_other_together() {
    let provider = ProviderId::new(Uuid::now_v7());
    let application = application(provider);
    let policy = policy();
    let keepers = group("keepers", vec![application.id]);
    let bound = [
        binding(application.id.uuid(), Subject::Policy(policy.id)),
        binding(application.id.uuid(), Subject::Group(keepers.id)),
    ];
    let changes = [
        Change::Create(bound[0].clone()).into(),
        Change::Create(application).into(),
        Change::Create(policy).into(),
        Change::Create(keepers).into(),
        Change::Create(bound[1].clone()).into(),
    ];
    check(&changes, Core::Together, &[&[2], &[0, 1, 3, 4]]);
}

#[test]
fn changes_of_what_exists_come_together_behind_what_is_new() {
    let renamed = |name: &str| {
        let before = group(name, Vec::new());
        let mut after = before.clone();
        after.name.push('2');
        Change::Update { before, after }.into()
    };
    let policy = policy();
    let exists = Uuid::now_v7();
    let changes = [
        renamed("a"),
        renamed("b"),
        Change::Create(binding(exists, Subject::Policy(policy.id))).into(),
        Change::Create(policy).into(),
    ];
    check(&changes, Core::Together, &[&[3], &[0, 1, 2]]);
    check(&changes, Core::Apart, &[&[3], &[0], &[1], &[2]]);
}

#[test]
fn a_long_chain_needs_no_stack() {
    let mut changes: Vec<ObjectChange> = Vec::new();
    for _ in 0..5_000 {
        let before = group("a", Vec::new());
        let after = before.clone();
        changes.push(Change::Update { before, after }.into());
    }
    let changes: Vec<&ObjectChange> = changes.iter().collect();
    assert_eq!(units(&changes, Core::Together).len(), 1);
    assert_eq!(units(&changes, Core::Apart).len(), 5_000);
}
