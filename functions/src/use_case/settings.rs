//! Settings on their way to the table and back: held against the catalogue,
//! secrets sealed for the object that they belong to.

use std::collections::HashMap;
use std::convert::Infallible;

use causeway_model::object::Protocol;
use causeway_model::settings::{SettingError, Settings};
use causeway_trust::SealError;
use serde_json::Value;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::problem::FieldError;
use crate::sealing::{Sealing, SealingError};

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
    Seal(SealingError),
}

impl From<SealingError> for Rejected {
    fn from(error: SealingError) -> Self {
        Self::Seal(error)
    }
}

/// Takes settings as they are written over those stored `before`. A secret
/// that did not change keeps its sealed text, so that writing the same twice
/// changes nothing.
pub(crate) async fn accept(
    secrets: &dyn Sealing,
    owner: Owner,
    field: &str,
    protocol: Option<Protocol>,
    written: Settings,
    before: Option<&Settings>,
) -> Result<Accepted, Rejected> {
    let nothing = Settings::default();
    let known = Known::of(secrets, owner, before.unwrap_or(&nothing)).await?;
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
    let mut sealed = HashMap::new();
    for (path, value) in secrets_in(&settings) {
        let text = match known.by_path.get(&path) {
            Some((open, sealed)) if *open == value => sealed.clone(),
            _ => {
                let text = Zeroizing::new(value.to_string());
                Value::String(secrets.seal(&owner.context(&path), &text).await?)
            }
        };
        sealed.insert(path, text);
    }
    let sealed = replaced(settings, sealed).map_err(SealingError::from)?;
    Ok(Accepted { sealed, warnings })
}

/// Opens the secrets of stored settings.
///
/// # Errors
/// [`SealingError`] when one is not what [`accept`] sealed for this owner, or its
/// key cannot be had.
pub(crate) async fn open(
    secrets: &dyn Sealing,
    owner: Owner,
    sealed: Settings,
) -> Result<Settings, SealingError> {
    let mut open = HashMap::new();
    for (path, sealed) in secrets_in(&sealed) {
        let value = open_one(secrets, owner, &path, &sealed).await?;
        open.insert(path, value);
    }
    Ok(replaced(sealed, open)?)
}

async fn open_one(
    secrets: &dyn Sealing,
    owner: Owner,
    path: &str,
    sealed: &Value,
) -> Result<Value, SealingError> {
    let text = sealed.as_str().ok_or(SealError::Malformed)?;
    let open = secrets.open(&owner.context(path), text).await?;
    Ok(serde_json::from_str(open.expose()).map_err(|_| SealError::Malformed)?)
}

/// The secrets in settings, each with its path.
fn secrets_in(settings: &Settings) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let noted = settings.clone().map_secrets(|path, value| {
        found.push((path.to_owned(), value));
        Ok::<_, Infallible>(Value::Null)
    });
    match noted {
        Ok(_) => found,
        Err(never) => match never {},
    }
}

/// Settings with another value in place of each secret.
fn replaced(
    settings: Settings,
    mut by_path: HashMap<String, Value>,
) -> Result<Settings, SealError> {
    settings.map_secrets(|path, _| by_path.remove(path).ok_or(SealError::Malformed))
}

/// What is stored already, open and sealed.
struct Known {
    open: Settings,
    by_path: HashMap<String, (Value, Value)>,
}

impl Known {
    async fn of(
        secrets: &dyn Sealing,
        owner: Owner,
        sealed: &Settings,
    ) -> Result<Self, SealingError> {
        let (mut by_path, mut open) = (HashMap::new(), HashMap::new());
        for (path, sealed) in secrets_in(sealed) {
            let value = open_one(secrets, owner, &path, &sealed).await?;
            open.insert(path.clone(), value.clone());
            by_path.insert(path, (value, sealed));
        }
        let open = replaced(sealed.clone(), open)?;
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
    use causeway_trust::SecretBox;
    use serde_json::json;

    use super::*;

    const OWNER: Owner = Owner {
        kind: "endpoint",
        id: Uuid::from_u128(1),
    };

    fn secrets() -> SecretBox {
        SecretBox::new(&[7; 32]).unwrap()
    }

    async fn write(written: Value, before: Option<&Settings>) -> Result<Accepted, Rejected> {
        let written = serde_json::from_value(written).unwrap();
        accept(
            &secrets(),
            OWNER,
            "settings",
            Some(Protocol::Ssh),
            written,
            before,
        )
        .await
    }

    #[tokio::test]
    async fn a_secret_is_sealed_and_opens_for_its_owner_only() {
        let sealed = write(json!({"username": "ada", "password": "hunter2"}), None)
            .await
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
        let open_settings = open(&secrets(), OWNER, sealed.clone()).await.unwrap();
        assert_eq!(open_settings.get("password"), Some(&json!("hunter2")));
        let other = Owner {
            id: Uuid::from_u128(2),
            ..OWNER
        };
        assert!(matches!(
            open(&secrets(), other, sealed).await,
            Err(SealingError::Seal(SealError::Closed))
        ));
    }

    #[tokio::test]
    async fn what_did_not_change_stays_as_it_is() {
        let first = write(json!({"password": "hunter2"}), None)
            .await
            .unwrap()
            .sealed;
        let same = write(json!({"password": "hunter2"}), Some(&first))
            .await
            .unwrap()
            .sealed;
        assert_eq!(same, first);
        let masked = write(json!({"password": {"$secret": "set"}}), Some(&first))
            .await
            .unwrap()
            .sealed;
        assert_eq!(masked, first);
        let changed = write(json!({"password": "hunter3"}), Some(&first))
            .await
            .unwrap()
            .sealed;
        assert_ne!(changed, first);
    }

    #[tokio::test]
    async fn errors_and_warnings_name_the_field() {
        let Err(Rejected::Fields(errors)) = write(json!({"port": "no"}), None).await else {
            panic!("a port that is no number was taken");
        };
        assert_eq!(errors[0].field, "settings.port");
        let warnings = write(json!({"usrname": "ada"}), None)
            .await
            .unwrap()
            .warnings;
        assert_eq!(
            (warnings[0].field.as_str(), warnings[0].code.as_str()),
            ("settings.usrname", "setting_unknown")
        );
    }
}
