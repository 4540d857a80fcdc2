//! Settings on their way to the table and back: held against the catalogue,
//! secrets sealed for the object that they belong to.

use std::collections::HashMap;

use causeway_model::object::Protocol;
use causeway_model::settings::{SettingError, Settings};
use causeway_trust::{SealError, SecretBox};
use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::problem::FieldError;

/// The object that settings belong to: its kind and id. A sealed secret opens
/// nowhere else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner {
    pub(crate) kind: &'static str,
    pub(crate) id: Uuid,
}

impl Owner {
    fn context(self, path: &str) -> String {
        format!("{}:{}:{path}", self.kind, self.id)
    }
}

/// Settings that can be stored, and what is to be said about them.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) sealed: Settings,
    pub(crate) warnings: Vec<FieldError>,
}

/// Why settings cannot be stored.
#[derive(Debug)]
pub(crate) enum Rejected {
    /// They are wrong.
    Fields(Vec<FieldError>),
    /// A stored secret does not open, or a new one cannot be sealed.
    Seal(SealError),
}

impl From<SealError> for Rejected {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

/// Takes settings as they are written over those stored `before`. A secret
/// that did not change keeps its sealed text, so that writing the same twice
/// changes nothing.
pub(crate) fn accept(
    secrets: &SecretBox,
    owner: Owner,
    field: &str,
    protocol: Option<Protocol>,
    written: Settings,
    before: Option<&Settings>,
) -> Result<Accepted, Rejected> {
    let nothing = Settings::default();
    let known = Known::of(secrets, owner, before.unwrap_or(&nothing))?;
    let settings = written
        .restore_secrets(&known.open)
        .map_err(|error| Rejected::Fields(vec![field_error(field, &error)]))?;
    let checked = settings.check(protocol);
    if !checked.errors.is_empty() {
        let errors = checked
            .errors
            .iter()
            .map(|error| field_error(field, error))
            .collect();
        return Err(Rejected::Fields(errors));
    }
    let warnings = checked
        .warnings
        .iter()
        .map(|warning| {
            let name = format!("{field}.{}", warning.name);
            FieldError::new(name, warning.kind.code(), warning.to_string())
        })
        .collect();
    let sealed = settings.map_secrets(|path, value| {
        if let Some((_, sealed)) = known.by_path.get(path).filter(|(open, _)| *open == value) {
            return Ok(sealed.clone());
        }
        let text = Zeroizing::new(value.to_string());
        secrets.seal(&owner.context(path), &text).map(Value::String)
    })?;
    Ok(Accepted { sealed, warnings })
}

/// Opens the secrets of stored settings.
///
/// # Errors
/// [`SealError`] when one is not what [`accept`] sealed for this owner.
pub(crate) fn open(
    secrets: &SecretBox,
    owner: Owner,
    sealed: Settings,
) -> Result<Settings, SealError> {
    sealed.map_secrets(|path, value| open_one(secrets, owner, path, &value))
}

fn open_one(
    secrets: &SecretBox,
    owner: Owner,
    path: &str,
    sealed: &Value,
) -> Result<Value, SealError> {
    let text = sealed.as_str().ok_or(SealError::Malformed)?;
    let open = secrets.open(&owner.context(path), text)?;
    serde_json::from_str(open.expose()).map_err(|_| SealError::Malformed)
}

/// What is stored already, open and sealed.
struct Known {
    open: Settings,
    by_path: HashMap<String, (Value, Value)>,
}

impl Known {
    fn of(secrets: &SecretBox, owner: Owner, sealed: &Settings) -> Result<Self, SealError> {
        let mut by_path = HashMap::new();
        let open = sealed.clone().map_secrets(|path, sealed| {
            let open = open_one(secrets, owner, path, &sealed)?;
            by_path.insert(path.to_owned(), (open.clone(), sealed));
            Ok::<_, SealError>(open)
        })?;
        Ok(Self { open, by_path })
    }
}

fn field_error(field: &str, error: &SettingError) -> FieldError {
    let name = error
        .name()
        .map_or_else(|| field.to_owned(), |name| format!("{field}.{name}"));
    FieldError::new(name, error.code(), error.to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    const OWNER: Owner = Owner {
        kind: "endpoint",
        id: Uuid::from_u128(1),
    };

    fn secrets() -> SecretBox {
        SecretBox::new(&[7; 32]).unwrap()
    }

    fn write(written: Value, before: Option<&Settings>) -> Result<Accepted, Rejected> {
        let written = serde_json::from_value(written).unwrap();
        accept(
            &secrets(),
            OWNER,
            "settings",
            Some(Protocol::Ssh),
            written,
            before,
        )
    }

    #[test]
    fn a_secret_is_sealed_and_opens_for_its_owner_only() {
        let sealed = write(json!({"username": "ada", "password": "hunter2"}), None)
            .unwrap()
            .sealed;
        assert!(
            !sealed
                .get("password")
                .unwrap()
                .to_string()
                .contains("hunter2")
        );
        assert_eq!(sealed.get("username"), Some(&json!("ada")));
        let open_settings = open(&secrets(), OWNER, sealed.clone()).unwrap();
        assert_eq!(open_settings.get("password"), Some(&json!("hunter2")));
        let other = Owner {
            id: Uuid::from_u128(2),
            ..OWNER
        };
        assert_eq!(
            open(&secrets(), other, sealed).unwrap_err(),
            SealError::Closed
        );
    }

    #[test]
    fn what_did_not_change_stays_as_it_is() {
        let first = write(json!({"password": "hunter2"}), None).unwrap().sealed;
        let same = write(json!({"password": "hunter2"}), Some(&first))
            .unwrap()
            .sealed;
        assert_eq!(same, first);
        let masked = write(json!({"password": {"$secret": "set"}}), Some(&first))
            .unwrap()
            .sealed;
        assert_eq!(masked, first);
        let changed = write(json!({"password": "hunter3"}), Some(&first))
            .unwrap()
            .sealed;
        assert_ne!(changed, first);
    }

    #[test]
    fn errors_and_warnings_name_the_field() {
        let Err(Rejected::Fields(errors)) = write(json!({"port": "no"}), None) else {
            panic!("a port that is no number was taken");
        };
        assert_eq!(errors[0].field, "settings.port");
        let warnings = write(json!({"usrname": "ada"}), None).unwrap().warnings;
        assert_eq!(
            (warnings[0].field.as_str(), warnings[0].code.as_str()),
            ("settings.usrname", "setting_unknown")
        );
    }
}
