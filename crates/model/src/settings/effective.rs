//! The settings of one launch, each with its origin.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::flat::flatten;
use super::{FlatSettings, SecretReference, Settings};

/// The levels of the merge; a later one wins.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// What is set when nobody sets anything.
    Default,
    /// The provider's settings.
    Provider,
    /// The endpoint's settings.
    Endpoint,
    /// What the flow's plan context holds as `connection_settings`.
    Connection,
    /// The provider's property mappings.
    ProviderMapping,
    /// The endpoint's property mappings.
    EndpointMapping,
}

/// Kinds of what can set a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SettingSourceKind)]
pub enum SourceKind {
    /// Causeway itself.
    Default,
    /// A provider.
    Provider,
    /// An endpoint.
    Endpoint,
    /// The launch's own settings.
    Connection,
    /// A property mapping.
    PropertyMapping,
}

/// What set a setting.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SettingSource)]
pub struct Source {
    /// Its kind.
    pub kind: SourceKind,
    /// Its name.
    pub name: String,
}

/// One effective setting and its origin. Where levels were merged into one map
/// or list, the origin is the last that added to it.
#[derive(Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EffectiveSetting {
    /// Its value.
    pub value: Value,
    /// The level that set it.
    pub level: Level,
    /// The object that set it.
    pub source: Source,
}

/// The settings of one launch by name, as [`super::merge()`] makes them.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Effective(pub(super) BTreeMap<String, EffectiveSetting>);

impl Effective {
    /// One setting with its origin.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&EffectiveSetting> {
        self.0.get(name)
    }

    /// All settings with their origins, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &EffectiveSetting)> {
        self.0
            .iter()
            .map(|(name, setting)| (name.as_str(), setting))
    }

    /// The settings by name, for documents.
    #[must_use]
    pub fn into_map(self) -> BTreeMap<String, EffectiveSetting> {
        self.0
    }

    /// The values alone.
    #[must_use]
    pub fn to_settings(&self) -> Settings {
        self.iter()
            .map(|(name, setting)| (name, setting.value.clone()))
            .collect()
    }

    /// The settings with every secret value masked, for people.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mut masked = self.clone();
        for (name, value) in self.to_settings().masked().into_map() {
            if let Some(setting) = masked.0.get_mut(&name) {
                setting.value = value;
            }
        }
        masked
    }

    /// The settings whose value is a reference to a secret that is kept
    /// elsewhere, by name. What is badly written was never taken.
    pub fn references(&self) -> impl Iterator<Item = (&str, SecretReference)> {
        self.iter().filter_map(|(name, setting)| {
            let reference = SecretReference::of(&setting.value).ok().flatten()?;
            Some((name, reference))
        })
    }

    /// Puts what a reference led to in its place.
    pub fn replace(&mut self, name: &str, value: Value) {
        if let Some(setting) = self.0.get_mut(name) {
            setting.value = value;
        }
    }

    /// The values as texts, secrets included, for the node: booleans as `true`
    /// and `false`, numbers in decimal, maps and lists as JSON.
    #[must_use]
    pub fn to_flat(&self) -> FlatSettings {
        self.iter()
            .map(|(name, setting)| (name.to_owned(), flatten(&setting.value)))
            .collect()
    }
}

impl std::fmt::Debug for Effective {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let masked = self.masked();
        let entries = masked.iter().map(|(name, setting)| {
            let EffectiveSetting {
                value,
                level,
                source,
            } = setting;
            (name, (value, level, source))
        });
        f.debug_map().entries(entries).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn effective(values: Value) -> Effective {
        let settings: Settings = serde_json::from_value(values).unwrap();
        let with_origin = |(name, value)| {
            let source = Source {
                kind: SourceKind::Endpoint,
                name: "web-01".to_owned(),
            };
            (
                name,
                EffectiveSetting {
                    value,
                    level: Level::Endpoint,
                    source,
                },
            )
        };
        Effective(settings.into_map().into_iter().map(with_origin).collect())
    }

    #[test]
    fn the_node_gets_texts() {
        fn check(value: Value, expected: &str) {
            let flat = effective(json!({ "x": value })).to_flat();
            assert_eq!(flat.raw("x"), Some(expected));
        }
        check(json!("a"), "a");
        check(json!(true), "true");
        check(json!(false), "false");
        check(json!(6), "6");
        check(json!(1.5), "1.5");
        check(json!(""), "");
        check(json!([1, "a"]), r#"[1,"a"]"#);
        check(json!({"a": true}), r#"{"a":true}"#);
    }

    #[test]
    fn people_get_origins_and_no_secret() {
        let effective = effective(json!({"port": 22, "password": "hunter2"}));
        assert!(!format!("{effective:?}").contains("hunter2"));
        assert_eq!(
            serde_json::to_value(effective.masked()).unwrap(),
            json!({
                "port": {
                    "value": 22, "level": "endpoint",
                    "source": {"kind": "endpoint", "name": "web-01"},
                },
                "password": {
                    "value": {"$secret": "set"}, "level": "endpoint",
                    "source": {"kind": "endpoint", "name": "web-01"},
                },
            })
        );
    }
}
