//! Random sources, random expressions against a reference, random bindings
//! against a reference. Proptest prints the seed of what fails.

#![allow(clippy::unwrap_used)]

mod common;

use causeway_model::id::{GroupId, PolicyBindingId};
use causeway_model::object::{EngineMode, Meta, PolicyBinding, Subject, TargetKind};
use causeway_policy::{BindingFacts, Expression, Purpose, SubjectFacts, decide, decide_quick};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

/// Pieces that sources are made of.
const PIECES: [&str; 58] = [
    "user",
    ".name",
    ".groups",
    ".attributes",
    "groups",
    "time",
    "address",
    "session",
    "value",
    "x",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ".",
    "?",
    ":",
    "&&",
    "||",
    "!",
    "==",
    "!=",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    " in ",
    "1",
    "0",
    "2u",
    "1.5",
    "'a'",
    "\"b\"",
    "b'c'",
    "r'\\'",
    "''",
    "true",
    "false",
    "null",
    ".map(x,",
    ".all(x,",
    ".exists(x,",
    "has(",
    "size(",
    "in_group(",
    "matches('a+')",
    ".split('')",
    ".replace('a','aa')",
    "int(",
    "string(",
    "\u{e4}",
    "\n",
];

fn purposes() -> impl Strategy<Value = Purpose> {
    prop::sample::select(Purpose::ALL.to_vec())
}

/// A tiny language with the same meaning.
#[derive(Debug, Clone)]
enum Tiny {
    Int(i64),
    Bool(bool),
    Add(Box<Tiny>, Box<Tiny>),
    Divide(Box<Tiny>, Box<Tiny>),
    Less(Box<Tiny>, Box<Tiny>),
    Equal(Box<Tiny>, Box<Tiny>),
    And(Box<Tiny>, Box<Tiny>),
    Or(Box<Tiny>, Box<Tiny>),
    Not(Box<Tiny>),
    If(Box<Tiny>, Box<Tiny>, Box<Tiny>),
    /// Whether any of three numbers, as `x`, is less than the body's number.
    Exists([i64; 3], Box<Tiny>),
    /// The number of those that are.
    Count([i64; 3], Box<Tiny>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Plain {
    Int(i64),
    Bool(bool),
}

impl Tiny {
    /// As CEL writes it; `dyn` keeps the checker from refusing what fails.
    fn source(&self) -> String {
        match self {
            Self::Int(value) => format!("dyn({value})"),
            Self::Bool(value) => format!("dyn({value})"),
            Self::Add(a, b) => format!("({} + {})", a.source(), b.source()),
            Self::Divide(a, b) => format!("({} / {})", a.source(), b.source()),
            Self::Less(a, b) => format!("dyn({} < {})", a.source(), b.source()),
            Self::Equal(a, b) => format!("dyn({} == {})", a.source(), b.source()),
            Self::And(a, b) => format!("dyn({} && {})", a.source(), b.source()),
            Self::Or(a, b) => format!("dyn({} || {})", a.source(), b.source()),
            Self::Not(a) => format!("dyn(!{})", a.source()),
            Self::If(a, b, c) => format!("({} ? {} : {})", a.source(), b.source(), c.source()),
            Self::Exists(list, body) => {
                format!("dyn({list:?}.exists(x, x < {}))", body.source())
            }
            Self::Count(list, body) => {
                format!("dyn(size({list:?}.filter(x, x < {})))", body.source())
            }
        }
    }

    /// What it gives; nothing where it fails.
    fn value(&self) -> Option<Plain> {
        let int = |tiny: &Self| match tiny.value()? {
            Plain::Int(value) => Some(value),
            Plain::Bool(_) => None,
        };
        let bool_of = |tiny: &Self| match tiny.value()? {
            Plain::Bool(value) => Some(value),
            Plain::Int(_) => None,
        };
        match self {
            Self::Int(value) => Some(Plain::Int(*value)),
            Self::Bool(value) => Some(Plain::Bool(*value)),
            Self::Add(a, b) => Some(Plain::Int(int(a)?.checked_add(int(b)?)?)),
            Self::Divide(a, b) => Some(Plain::Int(int(a)?.checked_div(int(b)?)?)),
            Self::Less(a, b) => match (a.value()?, b.value()?) {
                (Plain::Int(a), Plain::Int(b)) => Some(Plain::Bool(a < b)),
                (Plain::Bool(a), Plain::Bool(b)) => Some(Plain::Bool(!a & b)),
                _ => None,
            },
            Self::Equal(a, b) => Some(Plain::Bool(a.value()? == b.value()?)),
            Self::And(a, b) => match (bool_of(a), bool_of(b)) {
                (Some(false), _) | (_, Some(false)) => Some(Plain::Bool(false)),
                (Some(true), Some(true)) => Some(Plain::Bool(true)),
                _ => None,
            },
            Self::Or(a, b) => match (bool_of(a), bool_of(b)) {
                (Some(true), _) | (_, Some(true)) => Some(Plain::Bool(true)),
                (Some(false), Some(false)) => Some(Plain::Bool(false)),
                _ => None,
            },
            Self::Not(a) => Some(Plain::Bool(!bool_of(a)?)),
            Self::If(a, b, c) => {
                if bool_of(a)? {
                    b.value()
                } else {
                    c.value()
                }
            }
            Self::Exists(list, body) => {
                let body = int(body)?;
                Some(Plain::Bool(list.iter().any(|x| *x < body)))
            }
            Self::Count(list, body) => {
                let body = int(body)?;
                let count = list.iter().filter(|x| **x < body).count();
                Some(Plain::Int(i64::try_from(count).ok()?))
            }
        }
    }
}

fn tiny() -> impl Strategy<Value = Tiny> {
    let leaf = prop_oneof![
        prop::sample::select(vec![0, 1, 2, -1, 7, i64::MAX, i64::MIN]).prop_map(Tiny::Int),
        any::<bool>().prop_map(Tiny::Bool),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let two = (
            inner.clone().prop_map(Box::new),
            inner.clone().prop_map(Box::new),
        );
        let numbers = prop::array::uniform3(-3_i64..4);
        prop_oneof![
            two.clone().prop_map(|(a, b)| Tiny::Add(a, b)),
            two.clone().prop_map(|(a, b)| Tiny::Divide(a, b)),
            two.clone().prop_map(|(a, b)| Tiny::Less(a, b)),
            two.clone().prop_map(|(a, b)| Tiny::Equal(a, b)),
            two.clone().prop_map(|(a, b)| Tiny::And(a, b)),
            two.clone().prop_map(|(a, b)| Tiny::Or(a, b)),
            inner.clone().prop_map(|a| Tiny::Not(Box::new(a))),
            (inner.clone().prop_map(Box::new), two).prop_map(|(a, (b, c))| Tiny::If(a, b, c)),
            (numbers.clone(), inner.clone())
                .prop_map(|(list, body)| Tiny::Exists(list, Box::new(body))),
            (numbers, inner).prop_map(|(list, body)| Tiny::Count(list, Box::new(body))),
        ]
    })
}

/// A binding of a model: what its subject says (nothing: it fails), and how that
/// counts.
#[derive(Debug, Clone)]
struct Modelled {
    raw: Option<bool>,
    order: i32,
    enabled: bool,
    negate: bool,
    failure_result: bool,
    is_group: bool,
}

fn modelled() -> impl Strategy<Value = Modelled> {
    (
        prop::option::of(any::<bool>()),
        -2_i32..3,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(
            |(raw, order, enabled, negate, failure_result, is_group)| Modelled {
                raw,
                order,
                enabled,
                negate,
                failure_result,
                is_group,
            },
        )
}

impl Modelled {
    fn passes(&self) -> bool {
        match self.raw {
            Some(raw) => raw ^ self.negate,
            None => self.failure_result,
        }
    }

    fn binding(&self, number: usize) -> PolicyBinding {
        PolicyBinding {
            id: PolicyBindingId::new(Uuid::from_u128(number as u128)),
            name: number.to_string(),
            target: Uuid::from_u128(1000),
            target_kind: TargetKind::Endpoint,
            order: self.order,
            enabled: self.enabled,
            negate: self.negate,
            timeout_s: 30,
            failure_result: self.failure_result,
            subject: Subject::Group(GroupId::new(Uuid::from_u128(2000))),
            meta: Meta::first(Timestamp::UNIX_EPOCH),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_it_panic(source in "\\PC{0,60}", purpose in purposes()) {
        if let Ok(expression) = Expression::compile(&source, purpose) {
            let _ = expression.evaluate(&common::scope());
        }
    }

    #[test]
    fn no_pieces_make_it_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
        purpose in purposes(),
    ) {
        let source = pieces.concat();
        match Expression::compile(&source, purpose) {
            Ok(expression) => {
                let _ = expression.evaluate(&common::scope());
            }
            Err(error) => {
                let lines = source.split('\n').count();
                prop_assert!(usize::try_from(error.line).unwrap() <= lines);
                let line = source.split('\n').nth(error.line as usize - 1).unwrap();
                prop_assert!(error.column as usize <= line.chars().count() + 1);
            }
        }
    }

    #[test]
    fn expressions_give_what_the_reference_gives(tiny in tiny()) {
        let source = format!("{{'it': {}}}", tiny.source());
        let Ok(expression) = Expression::compile(&source, Purpose::PropertyMapping) else {
            // Only for being too deep or too long.
            let code = Expression::compile(&source, Purpose::PropertyMapping).unwrap_err().code;
            prop_assert!(code.starts_with("expression_too_"), "{}: {}", source, code);
            return Ok(());
        };
        let found = expression.evaluate(&common::scope());
        match (tiny.value(), found) {
            (Some(Plain::Int(value)), Ok(found)) => prop_assert_eq!(&found["it"], &json!(value), "{}", source),
            (Some(Plain::Bool(value)), Ok(found)) => prop_assert_eq!(&found["it"], &json!(value), "{}", source),
            (None, Err(error)) => prop_assert!(!error.kind.is_limit()),
            (expected, found) => prop_assert!(false, "{}: {:?} and {:?}", source, expected, found),
        }
    }

    #[test]
    fn verdicts_are_those_of_the_reference(
        modelled in prop::collection::vec(modelled(), 0..8),
        is_any in any::<bool>(),
    ) {
        let yes = Expression::compile("true", Purpose::Policy).unwrap();
        let no = Expression::compile("false", Purpose::Policy).unwrap();
        let fails = Expression::compile("1 / 0 == 1", Purpose::Policy).unwrap();
        let bindings: Vec<PolicyBinding> =
            modelled.iter().enumerate().map(|(number, one)| one.binding(number)).collect();
        let facts: Vec<BindingFacts<'_>> = modelled
            .iter()
            .zip(&bindings)
            .map(|(one, binding)| BindingFacts {
                binding,
                subject: match one.raw {
                    Some(is_member) if one.is_group => SubjectFacts::Group { name: "g", is_member },
                    Some(true) => SubjectFacts::Policy { name: "p", expression: Ok(&yes) },
                    Some(false) => SubjectFacts::Policy { name: "p", expression: Ok(&no) },
                    None => SubjectFacts::Policy { name: "p", expression: Ok(&fails) },
                },
            })
            .collect();
        let mode = if is_any { EngineMode::Any } else { EngineMode::All };
        let counting: Vec<&Modelled> = modelled.iter().filter(|one| one.enabled).collect();
        let expected = if counting.is_empty() {
            true
        } else if is_any {
            counting.iter().any(|one| one.passes())
        } else {
            counting.iter().all(|one| one.passes())
        };
        let scope = common::scope();
        let verdict = decide(mode, &facts, &scope);
        prop_assert_eq!(verdict.passing, expected);
        prop_assert_eq!(verdict.results.len(), counting.len());
        for result in &verdict.results {
            let number = usize::try_from(result.binding.uuid().as_u128()).unwrap();
            prop_assert_eq!(result.passing, modelled[number].passes());
            prop_assert_eq!(result.failed.is_some(), modelled[number].raw.is_none());
        }
        let orders: Vec<i32> = verdict
            .results
            .iter()
            .map(|result| modelled[usize::try_from(result.binding.uuid().as_u128()).unwrap()].order)
            .collect();
        prop_assert!(orders.is_sorted());
        let quick = decide_quick(mode, &facts, &scope);
        prop_assert_eq!(quick.passing, expected);
        prop_assert!(verdict.results.starts_with(&quick.results));
    }
}
