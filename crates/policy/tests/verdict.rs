//! Verdicts, as bindings are combined.

#![allow(clippy::unwrap_used)]

use causeway_model::id::{GroupId, PolicyBindingId};
use causeway_model::object::{EngineMode, Meta, PolicyBinding, Subject, TargetKind};
use causeway_policy::{
    BindingFacts, Expression, Purpose, Scope, SubjectFacts, decide, decide_quick,
};
use jiff::Timestamp;
use uuid::Uuid;

fn binding(number: u128) -> PolicyBinding {
    PolicyBinding {
        id: PolicyBindingId::new(Uuid::from_u128(number)),
        name: format!("binding {number}"),
        target: Uuid::from_u128(1000),
        target_kind: TargetKind::Application,
        order: 0,
        enabled: true,
        negate: false,
        timeout_s: 30,
        failure_result: false,
        subject: Subject::Group(GroupId::new(Uuid::from_u128(2000))),
        meta: Meta::first(Timestamp::UNIX_EPOCH),
    }
}

fn scope() -> Scope {
    Scope::at(Timestamp::UNIX_EPOCH)
}

#[test]
fn no_binding_passes() {
    for mode in [EngineMode::Any, EngineMode::All] {
        assert!(decide(mode, &[], &scope()).passing);
    }
}

#[test]
fn a_binding_that_is_not_enabled_counts_for_nothing() {
    let mut off = binding(1);
    off.enabled = false;
    let facts = [BindingFacts {
        binding: &off,
        subject: SubjectFacts::Group {
            name: "staff",
            is_member: false,
        },
    }];
    for mode in [EngineMode::Any, EngineMode::All] {
        let verdict = decide(mode, &facts, &scope());
        assert!(verdict.passing && verdict.results.is_empty());
    }
}

#[test]
fn a_failure_is_not_negated() {
    let broken = Expression::compile("user.attributes.missing == 1", Purpose::Policy).unwrap();
    for (failure_result, negate) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut binding = binding(1);
        binding.negate = negate;
        binding.failure_result = failure_result;
        let facts = [BindingFacts {
            binding: &binding,
            subject: SubjectFacts::Policy {
                name: "broken",
                expression: Ok(&broken),
            },
        }];
        for verdict in [
            decide(EngineMode::Any, &facts, &scope()),
            decide_quick(EngineMode::All, &facts, &scope()),
        ] {
            assert_eq!(verdict.passing, failure_result);
            let failed = verdict.results[0].failed.as_ref().unwrap();
            assert_eq!((failed.line, failed.column), (1, 17));
            assert_eq!(failed.kind.code(), "missing");
        }
    }
}

#[test]
fn what_a_binding_says_is_told_in_words() {
    let mut turned = binding(1);
    turned.negate = true;
    let facts = [BindingFacts {
        binding: &turned,
        subject: SubjectFacts::User {
            username: "ada",
            is_it: true,
        },
    }];
    let verdict = decide(EngineMode::Any, &facts, &scope());
    let result = &verdict.results[0];
    assert!(!verdict.passing);
    assert_eq!((result.subject_kind, result.name.as_str()), ("user", "ada"));
    assert_eq!(
        result.reason,
        "it is this user; the binding turns that around"
    );
}
