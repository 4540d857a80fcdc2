//! The merge by examples, and against a model that works the other way round:
//! name by name from the highest level down.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn settings(value: &Value) -> Settings {
    serde_json::from_value(value.clone()).unwrap()
}

/// One launch as a test writes it: a mapping is (name, static, expression).
#[derive(Debug, Clone)]
struct Case {
    defaults: Value,
    provider: Value,
    endpoint: Value,
    connection: Value,
    provider_mappings: Vec<(&'static str, Value, Value)>,
    endpoint_mappings: Vec<(&'static str, Value, Value)>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            defaults: json!({}),
            provider: json!({}),
            endpoint: json!({}),
            connection: json!({}),
            provider_mappings: Vec::new(),
            endpoint_mappings: Vec::new(),
        }
    }
}

impl Case {
    fn merge(&self) -> Effective {
        let owned = |mappings: &[(&'static str, Value, Value)]| -> Vec<_> {
            mappings
                .iter()
                .map(|(name, fixed, expression)| {
                    let expression = (!expression.is_null()).then(|| settings(expression));
                    (*name, settings(fixed), expression)
                })
                .collect()
        };
        let provider_mappings = owned(&self.provider_mappings);
        let endpoint_mappings = owned(&self.endpoint_mappings);
        fn layers<'a>(
            owned: &'a [(&'static str, Settings, Option<Settings>)],
        ) -> Vec<MappingLayer<'a>> {
            owned
                .iter()
                .map(|(name, fixed, expression)| MappingLayer {
                    name,
                    static_settings: fixed,
                    expression: expression.as_ref(),
                })
                .collect()
        }
        merge(&Levels {
            defaults: &settings(&self.defaults),
            provider: NamedLayer {
                name: "linux",
                settings: &settings(&self.provider),
            },
            endpoint: NamedLayer {
                name: "web-01",
                settings: &settings(&self.endpoint),
            },
            connection: &settings(&self.connection),
            provider_mappings: &layers(&provider_mappings),
            endpoint_mappings: &layers(&endpoint_mappings),
        })
    }
}

fn check(case: &Case, expected: &Value) {
    let merged = serde_json::to_value(case.merge().to_settings()).unwrap();
    assert_eq!(merged, *expected, "{case:?}");
}

#[test]
fn a_later_level_wins_and_is_named() {
    fn check(levels: usize, level: Level, kind: SourceKind, name: &str) {
        let at = |index: usize| {
            if index < levels {
                json!({ "x": index })
            } else {
                json!({})
            }
        };
        let case = Case {
            defaults: at(0),
            provider: at(1),
            endpoint: at(2),
            connection: at(3),
            provider_mappings: vec![("pm", at(4), Value::Null)],
            endpoint_mappings: vec![("em", json!({}), at(5))],
        };
        let merged = case.merge();
        let setting = merged.get("x").unwrap();
        assert_eq!(setting.value, json!(levels - 1));
        assert_eq!((setting.level, setting.source.kind), (level, kind));
        assert_eq!(setting.source.name, name);
    }
    check(1, Level::Default, SourceKind::Default, "causeway");
    check(2, Level::Provider, SourceKind::Provider, "linux");
    check(3, Level::Endpoint, SourceKind::Endpoint, "web-01");
    check(
        4,
        Level::Connection,
        SourceKind::Connection,
        "connection_settings",
    );
    check(5, Level::ProviderMapping, SourceKind::PropertyMapping, "pm");
    check(6, Level::EndpointMapping, SourceKind::PropertyMapping, "em");
}

#[test]
fn the_defaults_of_the_host_come_from_the_endpoint() {
    let case = Case {
        defaults: json!({"hostname": "h", "port": 22}),
        provider: json!({"port": 2222}),
        ..Case::default()
    };
    let merged = case.merge();
    let hostname = merged.get("hostname").unwrap();
    assert_eq!(hostname.level, Level::Default);
    assert_eq!(hostname.source, source(SourceKind::Endpoint, "web-01"));
    assert_eq!(merged.get("port").unwrap().level, Level::Provider);
}

#[test]
fn maps_merge_lists_append_and_the_rest_is_replaced() {
    check(
        &Case {
            provider: json!({"m": {"a": 1, "n": {"b": 1}}, "l": [1], "s": "x", "t": [1], "u": {"a": 1}}),
            endpoint: json!({"m": {"c": 2, "n": {"b": 2, "d": [1]}}, "l": [1, 2], "s": "", "t": {"a": 1}, "u": 3}),
            connection: json!({"m": {"n": {"d": [2]}}, "l": []}),
            ..Case::default()
        },
        &json!({
            "m": {"a": 1, "c": 2, "n": {"b": 2, "d": [1, 2]}},
            "l": [1, 1, 2], "s": "", "t": {"a": 1}, "u": 3,
        }),
    );
}

#[test]
fn null_removes_at_every_depth() {
    check(
        &Case {
            defaults: json!({"a": null, "client-name": "c"}),
            provider: json!({"username": "root", "m": {"x": 1, "y": 1}}),
            endpoint: json!({"username": null, "m": {"x": null}, "fresh": {"gone": null, "k": {}}}),
            ..Case::default()
        },
        &json!({"client-name": "c", "m": {"y": 1}, "fresh": {"k": {}}}),
    );
    let again = Case {
        provider: json!({"l": [1]}),
        endpoint: json!({ "l": null }),
        connection: json!({"l": [2]}),
        ..Case::default()
    };
    check(&again, &json!({"l": [2]}));
}

#[test]
fn a_reference_to_a_secret_is_one_value() {
    check(
        &Case {
            provider: json!({"a": {"secret": "env:A"}, "b": {"secret": "env:A"}, "c": {"x": 1}}),
            endpoint: json!({
                "a": {"secret": "env:B"}, "b": {"x": 1}, "c": {"secret": "env:C"}, "d": [1],
            }),
            connection: json!({"d": {"secret": "env:D"}}),
            ..Case::default()
        },
        &json!({
            "a": {"secret": "env:B"}, "b": {"x": 1}, "c": {"secret": "env:C"},
            "d": {"secret": "env:D"},
        }),
    );
}

#[test]
fn falsy_static_settings_do_not_override() {
    check(
        &Case {
            provider: json!({"a": 1, "b": 1, "c": 1, "d": 1, "g": 1, "i": 1}),
            provider_mappings: vec![(
                "m",
                json!({"a": "", "b": null, "c": false, "d": 0, "e": "false", "f": "x", "g": [], "h": true, "i": {}}),
                Value::Null,
            )],
            ..Case::default()
        },
        &json!({"a": 1, "b": 1, "c": 1, "d": 1, "e": "false", "f": "x", "g": 1, "h": true, "i": 1}),
    );
}

#[test]
fn the_expression_merges_over_the_static_settings_falsy_or_not() {
    check(
        &Case {
            provider: json!({"keep": 1, "gone": 1}),
            provider_mappings: vec![(
                "m",
                json!({"username": "static", "m": {"a": 1}, "l": [1], "gone": 2}),
                json!({"username": "", "m": {"b": false}, "l": [2], "gone": null}),
            )],
            ..Case::default()
        },
        &json!({"keep": 1, "username": "", "m": {"a": 1, "b": false}, "l": [1, 2]}),
    );
}

#[test]
fn mappings_apply_in_the_order_of_their_names() {
    let mapping = |name| (name, json!({ "x": name, "l": [name] }), Value::Null);
    check(
        &Case {
            provider_mappings: vec![mapping("b"), mapping("a")],
            endpoint_mappings: vec![mapping("d"), mapping("c")],
            ..Case::default()
        },
        &json!({"x": "d", "l": ["a", "b", "c", "d"]}),
    );
}

/// The model: all values that a name was given, lowest level first, come to
/// the last one, joined with those right before it that are of its shape.
fn model(given: &[&Value]) -> Option<Value> {
    let (last, before) = given.split_last()?;
    let run = |same: fn(&Value) -> bool| {
        let start = before
            .iter()
            .rposition(|value| !same(value))
            .map_or(0, |at| at + 1);
        before[start..].iter().chain([last])
    };
    match last {
        Value::Null => None,
        Value::Array(_) => Some(
            run(Value::is_array)
                .filter_map(|value| value.as_array())
                .flatten()
                .cloned()
                .collect(),
        ),
        Value::Object(_) => {
            let maps: Vec<_> = run(Value::is_object)
                .filter_map(|value| value.as_object())
                .collect();
            let names: BTreeSet<_> = maps.iter().flat_map(|map| map.keys()).collect();
            let inner = |name: &String| {
                let given: Vec<_> = maps.iter().filter_map(|map| map.get(name)).collect();
                model(&given).map(|value| (name.clone(), value))
            };
            Some(
                names
                    .into_iter()
                    .filter_map(inner)
                    .collect::<Map<_, _>>()
                    .into(),
            )
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some((*last).clone()),
    }
}

fn model_of(case: &Case) -> Value {
    let mut layers = vec![
        case.defaults.clone(),
        case.provider.clone(),
        case.endpoint.clone(),
        case.connection.clone(),
    ];
    for mappings in [&case.provider_mappings, &case.endpoint_mappings] {
        let mut mappings = mappings.clone();
        mappings.sort_by_key(|(name, ..)| *name);
        for (_, fixed, expression) in mappings {
            let mut fixed = fixed.as_object().cloned().unwrap();
            let falsy = [
                json!(""),
                json!(null),
                json!(false),
                json!(0),
                json!([]),
                json!({}),
            ];
            fixed.retain(|_, value| !falsy.contains(value));
            layers.push(Value::Object(fixed));
            layers.push(if expression.is_null() {
                json!({})
            } else {
                expression
            });
        }
    }
    model(&layers.iter().collect::<Vec<_>>()).unwrap()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        "[xy]?".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[ab]", inner, 0..3)
                .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn any_settings() -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-c]", any_value(), 0..4)
        .prop_map(|map| map.into_iter().collect::<Map<_, _>>().into())
}

fn any_mappings() -> impl Strategy<Value = Vec<(&'static str, Value, Value)>> {
    let name = prop::sample::select(vec!["m1", "m2", "m3", "m4"]);
    let expression = prop_oneof![Just(Value::Null), any_settings()];
    prop::collection::hash_map(name, (any_settings(), expression), 0..3).prop_map(|mappings| {
        mappings
            .into_iter()
            .map(|(name, (fixed, expression))| (name, fixed, expression))
            .collect()
    })
}

proptest! {
    #[test]
    fn the_merge_agrees_with_its_model(
        defaults in any_settings(),
        provider in any_settings(),
        endpoint in any_settings(),
        connection in any_settings(),
        provider_mappings in any_mappings(),
        endpoint_mappings in any_mappings(),
    ) {
        let case = Case {
            defaults, provider, endpoint, connection, provider_mappings, endpoint_mappings,
        };
        let merged = serde_json::to_value(case.merge().to_settings()).unwrap();
        prop_assert_eq!(merged, model_of(&case));
    }
}
