//! Effective settings as texts, as the claiming node receives them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroize;

use super::catalogue::{self, Entry};
use super::{SettingError, form};
use crate::schema;
use crate::secret::Secret;

/// Names of settings and their values as texts, secrets included. `Debug`
/// shows names only, and the values are wiped when they are dropped. Types and
/// defaults are the catalogue's.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FlatSettings(BTreeMap<String, String>);

impl FlatSettings {
    /// The text of a setting, whatever it is.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A text, checked against the catalogue, or its default. The empty text
    /// counts as not set.
    ///
    /// # Errors
    /// [`SettingError::Mismatch`] when the catalogue's type does not take it.
    pub fn text(&self, name: &str) -> Result<Option<&str>, SettingError> {
        let entry = catalogue::find(name);
        let default = entry.and_then(|entry| entry.default);
        let Some(text) = self.raw(name).filter(|text| !text.is_empty()) else {
            return Ok(default);
        };
        match entry {
            Some(entry) if !entry.kind.takes_text(text) => Err(mismatch(entry, text)),
            _ => Ok(Some(text)),
        }
    }

    /// A secret text.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn secret(&self, name: &str) -> Result<Option<Secret>, SettingError> {
        Ok(self.text(name)?.map(Secret::from))
    }

    /// A boolean; false when it has neither value nor default.
    ///
    /// # Errors
    /// As [`Self::text`].
    pub fn boolean(&self, name: &str) -> Result<bool, SettingError> {
        let text = self.text(name)?;
        Ok(text.and_then(form::parse_boolean).unwrap_or(false))
    }

    /// A whole number in the catalogue's range, of the type that is asked for.
    ///
    /// # Errors
    /// As [`Self::text`], and when the type cannot hold the number.
    pub fn integer<N: TryFrom<i64>>(&self, name: &str) -> Result<Option<N>, SettingError> {
        let Some(text) = self.text(name)? else {
            return Ok(None);
        };
        let number = form::parse_integer(text).and_then(|number| N::try_from(number).ok());
        number.map(Some).ok_or_else(|| SettingError::Mismatch {
            name: name.to_owned(),
            expected: "a whole number in range".to_owned(),
            got: form::got(&Value::from(text), catalogue::is_secret(name)),
        })
    }
}

fn mismatch(entry: &Entry, text: &str) -> SettingError {
    SettingError::Mismatch {
        name: entry.name.to_owned(),
        expected: entry.kind.expected(),
        got: form::got(&Value::from(text), entry.secret),
    }
}

impl FromIterator<(String, String)> for FlatSettings {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(settings: I) -> Self {
        Self(settings.into_iter().collect())
    }
}

/// Settings by name as JSON gives them; see [`super::Effective::to_flat`] for
/// what becomes of values that are no texts.
impl From<&Map<String, Value>> for FlatSettings {
    fn from(settings: &Map<String, Value>) -> Self {
        settings
            .iter()
            .map(|(name, value)| (name.clone(), flatten(value)))
            .collect()
    }
}

/// A copy for JSON, secrets included.
impl From<&FlatSettings> for Map<String, Value> {
    fn from(settings: &FlatSettings) -> Self {
        let texts = settings.0.iter();
        texts
            .map(|(name, text)| (name.clone(), Value::from(text.as_str())))
            .collect()
    }
}

/// A value as text: booleans as `true` and `false`, numbers in decimal, maps
/// and lists as JSON, `null` as the empty text.
pub(super) fn flatten(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

impl utoipa::PartialSchema for FlatSettings {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        schema::free_object("Effective settings as texts, secrets included.").into()
    }
}

impl utoipa::ToSchema for FlatSettings {}

impl Drop for FlatSettings {
    fn drop(&mut self) {
        self.0.values_mut().for_each(Zeroize::zeroize);
    }
}

impl std::fmt::Debug for FlatSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(name: &str, value: &str) -> FlatSettings {
        [(name.to_owned(), value.to_owned())].into_iter().collect()
    }

    #[test]
    fn types_and_defaults_are_the_catalogues() {
        let none = FlatSettings::default();
        assert_eq!(none.text("terminal-type"), Ok(Some("xterm-256color")));
        assert_eq!(none.text("command"), Ok(None));
        assert_eq!(none.boolean("disable-copy"), Ok(false));
        assert_eq!(none.integer("scrollback"), Ok(Some(5000_u32)));
        assert_eq!(none.integer::<u16>("font-size"), Ok(None));
        assert_eq!(
            flat("disable-copy", "True").boolean("disable-copy"),
            Ok(true)
        );
        assert_eq!(
            flat("scrollback", "").integer("scrollback"),
            Ok(Some(5000_u32))
        );
        assert_eq!(
            flat("scrollback", "9").integer("scrollback"),
            Ok(Some(9_u32))
        );
    }

    #[test]
    fn a_wrong_type_names_the_setting() {
        let error = flat("font-size", "big")
            .integer::<u16>("font-size")
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "setting font-size: expected a whole number from 4 to 96, got \"big\""
        );
        assert!(flat("read-only", "2").boolean("read-only").is_err());
        assert!(
            flat("scrollback", "99999")
                .integer::<u8>("scrollback")
                .is_err()
        );
    }

    #[test]
    fn it_passes_through_json() {
        let map: Map<String, Value> = [("port".to_owned(), Value::from(22))].into_iter().collect();
        let flat = FlatSettings::from(&map);
        assert_eq!(flat.raw("port"), Some("22"));
        assert_eq!(FlatSettings::from(&Map::from(&flat)), flat);
    }

    #[test]
    fn debug_shows_names_only() {
        assert_eq!(format!("{:?}", flat("username", "ada")), r#"{"username"}"#);
    }
}
