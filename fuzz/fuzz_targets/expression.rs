//! Expressions, for every purpose: what compiles is evaluated, and ends within
//! its limits; data that looks like a reference to a secret never becomes one.
#![no_main]

use std::sync::LazyLock;

use causeway_policy::limits::Limits;
use causeway_policy::{Expression, Purpose, Scope};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

/// A reference that only data names.
const FORGED: &str = "env:FORGED";

static SCOPE: LazyLock<Scope> = LazyLock::new(|| {
    let mut scope = Scope::at(Timestamp::UNIX_EPOCH);
    let data = map(json!({
        "a": {"secret": FORGED}, "b": [FORGED, {"secret": FORGED, "c": null}], "c": FORGED,
        "n": [1, -1, 1.5, u64::MAX, null, true], "t": "2026-01-15T08:30:00Z", "d": "1h",
        "key": "secret", "address": "10.1.2.3", "ü": "ß",
    }));
    scope.user.username = "ada".to_owned();
    scope.user.groups = vec!["staff".to_owned(), "a".to_owned()];
    scope.user.attributes.clone_from(&data);
    scope.request.address = Some([10, 1, 2, 3].into());
    scope.connection_settings.clone_from(&data);
    scope.value = Value::Object(data.clone());
    scope.claims = data;
    scope
});

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Whether `value` holds the forged reference in the form of one.
fn is_fooled(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.get("secret").is_some_and(|secret| secret == FORGED) || map.values().any(is_fooled)
        }
        Value::Array(values) => values.iter().any(is_fooled),
        _ => false,
    }
}

fuzz_target!(|source: &str| {
    for purpose in Purpose::ALL {
        let Ok(expression) = Expression::compile(source, purpose) else {
            continue;
        };
        let outcome = expression.evaluate_metered(&SCOPE, &Limits::STANDARD);
        assert!(outcome.operations <= Limits::STANDARD.operations);
        let gives_settings = matches!(purpose, Purpose::PropertyMapping | Purpose::Stage);
        if let Ok(value) = outcome.value
            && gives_settings
            && !source.contains("FORGED")
        {
            assert!(!is_fooled(&value), "{value}");
        }
    }
});
