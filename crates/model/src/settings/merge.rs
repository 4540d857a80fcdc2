//! The merge of settings: six levels, later wins, every value with its origin.
//!
//! Maps merge recursively, lists append, anything else is replaced, and `null`
//! removes what lower levels set. Within the levels of property mappings the
//! order is that of the mappings' names. Whether a value is of its type is
//! [`Settings::check`]'s question, not asked here.

use serde_json::{Map, Value};

use super::effective::{Effective, EffectiveSetting, Level, Source, SourceKind};
use super::{SecretReference, Settings};

/// Settings of one object.
#[derive(Debug, Clone, Copy)]
pub struct NamedLayer<'a> {
    /// Name of the object.
    pub name: &'a str,
    /// Its settings.
    pub settings: &'a Settings,
}

/// What one property mapping gives. A mapping whose expression failed is left
/// out of [`Levels`] as a whole.
#[derive(Debug, Clone, Copy)]
pub struct MappingLayer<'a> {
    /// Name of the mapping.
    pub name: &'a str,
    /// Its static settings; falsy ones do not override.
    pub static_settings: &'a Settings,
    /// The map that its expression returned, when it has one.
    pub expression: Option<&'a Settings>,
}

/// All that is merged for one launch.
#[derive(Debug, Clone, Copy)]
pub struct Levels<'a> {
    /// Level 0, from [`super::defaults()`].
    pub defaults: &'a Settings,
    /// Level 1.
    pub provider: NamedLayer<'a>,
    /// Level 2.
    pub endpoint: NamedLayer<'a>,
    /// Level 3: `connection_settings` of the plan context.
    pub connection: &'a Settings,
    /// Level 4, in any order.
    pub provider_mappings: &'a [MappingLayer<'a>],
    /// Level 5, in any order.
    pub endpoint_mappings: &'a [MappingLayer<'a>],
}

/// Merges the levels into the effective settings.
#[must_use]
pub fn merge(levels: &Levels<'_>) -> Effective {
    let mut merged = Merged::default();
    for (name, value) in levels.defaults.as_map() {
        // The defaults of these two were written on the endpoint, as its host.
        let source = match name.as_str() {
            "hostname" | "port" => source(SourceKind::Endpoint, levels.endpoint.name),
            _ => source(SourceKind::Default, "causeway"),
        };
        merged.set(name, value, Level::Default, &source);
    }
    let provider = source(SourceKind::Provider, levels.provider.name);
    merged.add(levels.provider.settings, Level::Provider, &provider);
    let endpoint = source(SourceKind::Endpoint, levels.endpoint.name);
    merged.add(levels.endpoint.settings, Level::Endpoint, &endpoint);
    let connection = source(SourceKind::Connection, "connection_settings");
    merged.add(levels.connection, Level::Connection, &connection);
    merged.add_mappings(levels.provider_mappings, Level::ProviderMapping);
    merged.add_mappings(levels.endpoint_mappings, Level::EndpointMapping);
    merged.0
}

fn source(kind: SourceKind, name: &str) -> Source {
    Source {
        kind,
        name: name.to_owned(),
    }
}

/// The settings of the levels seen so far.
#[derive(Default)]
struct Merged(Effective);

impl Merged {
    fn add_mappings(&mut self, mappings: &[MappingLayer<'_>], level: Level) {
        let mut by_name: Vec<_> = mappings.iter().collect();
        by_name.sort_by_key(|mapping| mapping.name);
        for mapping in by_name {
            let source = source(SourceKind::PropertyMapping, mapping.name);
            let fixed = mapping.static_settings.as_map().iter();
            for (name, value) in fixed.filter(|(_, value)| !is_falsy(value)) {
                self.set(name, value, level, &source);
            }
            if let Some(expression) = mapping.expression {
                self.add(expression, level, &source);
            }
        }
    }

    fn add(&mut self, settings: &Settings, level: Level, source: &Source) {
        for (name, value) in settings.as_map() {
            self.set(name, value, level, source);
        }
    }

    fn set(&mut self, name: &str, value: &Value, level: Level, source: &Source) {
        let settings = &mut self.0.0;
        let lower = settings.remove(name).map(|setting| setting.value);
        if let Some(value) = overlay(lower, value) {
            let source = source.clone();
            settings.insert(
                name.to_owned(),
                EffectiveSetting {
                    value,
                    level,
                    source,
                },
            );
        }
    }
}

/// The value that comes of a lower level's and a higher level's; `None` when
/// the higher removes it.
fn overlay(lower: Option<Value>, higher: &Value) -> Option<Value> {
    match (lower, higher) {
        (_, Value::Null) => None,
        // A reference to a secret is one value, not a map of parts.
        (Some(lower), higher) if is_reference(&lower) || is_reference(higher) => {
            overlay(None, higher)
        }
        (Some(Value::Object(lower)), Value::Object(higher)) => {
            Some(Value::Object(overlay_map(lower, higher)))
        }
        // Even a map that meets no other loses the names that are null in it.
        (_, Value::Object(higher)) => Some(Value::Object(overlay_map(Map::new(), higher))),
        (Some(Value::Array(mut lower)), Value::Array(higher)) => {
            lower.extend(higher.iter().cloned());
            Some(Value::Array(lower))
        }
        (_, other) => Some(other.clone()),
    }
}

fn is_reference(value: &Value) -> bool {
    matches!(SecretReference::of(value), Ok(Some(_)))
}

fn overlay_map(mut lower: Map<String, Value>, higher: &Map<String, Value>) -> Map<String, Value> {
    for (name, value) in higher {
        let under = lower.remove(name);
        if let Some(value) = overlay(under, value) {
            lower.insert(name.clone(), value);
        }
    }
    lower
}

/// Values of a mapping's static settings that count as not filled in.
fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

#[cfg(test)]
mod tests;
