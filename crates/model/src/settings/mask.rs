//! Secrets inside settings: found by name at every depth, masked for readers,
//! kept when a reader writes the mask back, and passed to whoever seals them.

use std::convert::Infallible;

use serde_json::{Map, Value, json};

use super::{SecretReference, SettingError, Settings, catalogue};

/// Key of the map that stands for a secret value towards readers.
const MASK_KEY: &str = "$secret";

/// What readers see instead of a secret: `{"$secret": "set"}`.
pub(super) fn mask() -> Value {
    json!({ MASK_KEY: "set" })
}

/// Whether a value is the mask.
fn is_mask(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|map| map.len() == 1 && map.get(MASK_KEY) == Some(&json!("set")))
}

impl Settings {
    /// The settings with every secret value replaced by `{"$secret": "set"}`.
    /// `null` stays: it removes a setting and tells nothing.
    #[must_use]
    pub fn masked(&self) -> Self {
        let mut masked = self.clone();
        let Ok(()) = each_secret(&mut masked.0, "", &mut |_, _| Ok::<_, Infallible>(mask()));
        masked
    }

    /// Puts the earlier value back wherever the mask stands, so that an object
    /// can be read, changed and written without its secrets.
    ///
    /// # Errors
    /// [`SettingError::NothingToKeep`] where there was no value before.
    pub fn restore_secrets(mut self, previous: &Self) -> Result<Self, SettingError> {
        for (name, value) in &mut self.0 {
            restore(value, previous.0.get(name), name)?;
        }
        Ok(self)
    }

    /// Passes each secret value that is not `null` through `change`, with its
    /// name (and the path inside it), for sealing and opening.
    ///
    /// # Errors
    /// The first that `change` returns.
    pub fn map_secrets<E>(
        mut self,
        mut change: impl FnMut(&str, Value) -> Result<Value, E>,
    ) -> Result<Self, E> {
        each_secret(&mut self.0, "", &mut change)?;
        Ok(self)
    }

    /// Whether the mask stands anywhere in the settings.
    #[must_use]
    pub fn has_mask(&self) -> bool {
        self.0.values().any(holds_mask)
    }
}

fn each_secret<E>(
    map: &mut Map<String, Value>,
    path: &str,
    change: &mut impl FnMut(&str, Value) -> Result<Value, E>,
) -> Result<(), E> {
    for (name, value) in map {
        // A reference to a secret is none, and names nothing that must not be seen.
        if matches!(SecretReference::of(value), Ok(Some(_))) {
            continue;
        }
        let path = join(path, name);
        if !catalogue::is_secret(name) {
            each_secret_inside(value, &path, change)?;
        } else if !value.is_null() {
            *value = change(&path, value.take())?;
        }
    }
    Ok(())
}

fn each_secret_inside<E>(
    value: &mut Value,
    path: &str,
    change: &mut impl FnMut(&str, Value) -> Result<Value, E>,
) -> Result<(), E> {
    match value {
        Value::Object(map) => each_secret(map, path, change),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, item)| each_secret_inside(item, &join(path, index), change)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn restore(value: &mut Value, previous: Option<&Value>, path: &str) -> Result<(), SettingError> {
    if is_mask(value) {
        let kept = previous.filter(|kept| !kept.is_null()).cloned();
        *value = kept.ok_or_else(|| SettingError::NothingToKeep {
            name: path.to_owned(),
        })?;
        return Ok(());
    }
    match value {
        Value::Object(map) => map.iter_mut().try_for_each(|(name, value)| {
            let previous = previous.and_then(|previous| previous.get(name));
            restore(value, previous, &join(path, name))
        }),
        Value::Array(items) => items.iter_mut().enumerate().try_for_each(|(index, value)| {
            let previous = previous.and_then(|previous| previous.get(index));
            restore(value, previous, &join(path, index))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// Whether the mask stands anywhere in a value.
pub(super) fn holds_mask(value: &Value) -> bool {
    is_mask(value)
        || match value {
            Value::Object(map) => map.values().any(holds_mask),
            Value::Array(items) => items.iter().any(holds_mask),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
}

fn join(path: &str, part: impl std::fmt::Display) -> String {
    if path.is_empty() {
        part.to_string()
    } else {
        format!("{path}.{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(value: Value) -> Settings {
        serde_json::from_value(value).unwrap()
    }

    fn secrets() -> Settings {
        settings(json!({
            "username": "ada",
            "password": "hunter2",
            "private-key": null,
            "my-token": ["a", "b"],
            "extra": {"note": 1, "password": 7, "list": [{"api_key": "k"}]},
        }))
    }

    #[test]
    fn readers_see_that_a_secret_is_set_and_nothing_of_it() {
        let masked = secrets().masked();
        let set = json!({"$secret": "set"});
        let expected = settings(json!({
            "username": "ada",
            "password": set,
            "private-key": null,
            "my-token": set,
            "extra": {"note": 1, "password": set, "list": [{"api_key": set}]},
        }));
        assert_eq!(masked, expected);
        assert_eq!(masked.masked(), expected);
        assert!(masked.has_mask() && !secrets().has_mask());
        assert!(!format!("{:?}", secrets()).contains("hunter2"));
    }

    #[test]
    fn the_mask_written_back_keeps_the_secret() {
        let kept = secrets().masked().restore_secrets(&secrets());
        assert_eq!(kept, Ok(secrets()));
        let changed = settings(json!({"password": "new", "extra": {"password": mask()}}));
        assert_eq!(
            changed.restore_secrets(&secrets()),
            Ok(settings(
                json!({"password": "new", "extra": {"password": 7}})
            ))
        );
    }

    #[test]
    fn a_reference_is_seen_and_not_sealed() {
        let reference = json!({"secret": "env:CAUSEWAY_SECRET_DB"});
        let written = settings(json!({"password": reference, "username": reference}));
        assert_eq!(written.masked(), written);
        assert_eq!(
            written.clone().map_secrets(|_, _| Err(())),
            Ok(written.clone())
        );
        assert!(written.check(None).errors.is_empty());
        let wrong = settings(json!({"password": {"secret": "hunter2"}}));
        let error = &wrong.check(None).errors[0];
        assert_eq!(
            (error.name(), error.code()),
            (Some("password"), "setting_reference")
        );
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn the_mask_of_no_secret_is_an_error() {
        let check = |written: Value, name: &str| {
            let error = settings(written).restore_secrets(&secrets()).unwrap_err();
            assert_eq!(error.name(), Some(name));
        };
        check(json!({"passphrase": mask()}), "passphrase");
        check(json!({"private-key": mask()}), "private-key");
        check(
            json!({"extra": {"list": [1, {"api_key": mask()}]}}),
            "extra.list.1.api_key",
        );
    }

    #[test]
    fn secrets_pass_through_the_hook_with_their_names() {
        let mut names = Vec::new();
        let sealed = secrets()
            .map_secrets(|name, value| {
                names.push(name.to_owned());
                Ok::<_, ()>(json!(format!("sealed:{value}")))
            })
            .unwrap();
        names.sort();
        assert_eq!(
            names,
            [
                "extra.list.0.api_key",
                "extra.password",
                "my-token",
                "password"
            ]
        );
        assert_eq!(sealed.get("password"), Some(&json!("sealed:\"hunter2\"")));
        assert_eq!(sealed.map_secrets(|_, _| Err(3)), Err(3));
    }
}
