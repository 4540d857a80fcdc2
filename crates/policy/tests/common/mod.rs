//! What the tests share: a scope with everything in it.
#![allow(dead_code, reason = "each test binary uses a part")]

use causeway_model::id::UserId;
use causeway_model::object::{AuthenticationMethod, Protocol, Role};
use causeway_policy::{
    ApplicationFacts, EndpointFacts, EvaluateError, Expression, ProviderFacts, Purpose,
    RequestFacts, Scope, SessionFacts, UserFacts,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// A Thursday, 9:30 in Berlin.
pub(crate) fn now() -> Timestamp {
    "2026-01-15T08:30:00Z".parse().unwrap()
}

/// Ada, at work, launching a machine.
pub(crate) fn scope() -> Scope {
    Scope {
        user: UserFacts {
            id: UserId::new(Uuid::from_u128(7)),
            username: "ada".to_owned(),
            name: "Ada Lovelace".to_owned(),
            email: "ada@example.org".to_owned(),
            role: Role::Operator,
            groups: vec!["staff".to_owned(), "Ünïx".to_owned()],
            attributes: object(json!({
                "team": "engines", "level": 3, "ratio": 0.5, "on_call": true, "nothing": null,
                "hosts": ["a", "b"], "ssh": {"user": "alovelace", "port": 2222},
                "big": 18_446_744_073_709_551_615_u64, "like-this": 1,
            })),
        },
        request: RequestFacts {
            address: Some("10.1.2.3".parse().unwrap()),
            time: now(),
        },
        session: SessionFacts {
            methods: vec![AuthenticationMethod::Password, AuthenticationMethod::Totp],
            created_at: "2026-01-15T06:30:00Z".parse().unwrap(),
            source: None,
            age_s: 7200,
        },
        application: Some(ApplicationFacts {
            slug: "linux".to_owned(),
            name: "Linux machines".to_owned(),
            group: String::new(),
        }),
        endpoint: Some(EndpointFacts {
            name: "web-01".to_owned(),
            protocol: Protocol::Ssh,
            host: "web-01.example:22".to_owned(),
            labels: [("stage".to_owned(), "production".to_owned())].into(),
        }),
        provider: Some(ProviderFacts {
            name: "machines".to_owned(),
        }),
        connection_settings: object(json!({"username": "typed", "password": "hunter2"})),
        value: json!("typed"),
        claims: object(json!({"department": "R&D"})),
    }
}

pub(crate) fn object(value: Value) -> serde_json::Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => panic!("no object"),
    }
}

/// What `source` gives, whatever its type.
pub(crate) fn value(source: &str) -> Result<Value, EvaluateError> {
    let source = format!("{{'it': {source}\n}}");
    let expression = Expression::compile(&source, Purpose::PropertyMapping)
        .unwrap_or_else(|error| panic!("{source}: {error}"));
    expression
        .evaluate(&scope())
        .map(|mut map| map["it"].take())
}
