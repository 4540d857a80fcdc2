//! Effective settings on their way to the node that serves the connection.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroize as _;

/// Settings by their Guacamole names, secrets in clear: for the answer to a
/// claim and for nothing else. `Debug` shows names only; texts are wiped on
/// drop.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretSettings(Map<String, Value>);

impl SecretSettings {
    /// The value of a setting.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All settings by name.
    #[must_use]
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl From<Map<String, Value>> for SecretSettings {
    fn from(settings: Map<String, Value>) -> Self {
        Self(settings)
    }
}

impl fmt::Debug for SecretSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Drop for SecretSettings {
    fn drop(&mut self) {
        self.0.values_mut().for_each(wipe);
    }
}

/// The depth is bounded by what `serde_json` reads (128 levels).
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(members) => members.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl utoipa::PartialSchema for SecretSettings {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        causeway_model::settings::Settings::schema()
    }
}

impl utoipa::ToSchema for SecretSettings {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_names_only() {
        let settings = Map::from_iter([("password".to_owned(), Value::from("hunter2"))]);
        assert_eq!(
            format!("{:?}", SecretSettings::from(settings)),
            r#"{"password"}"#
        );
    }
}
