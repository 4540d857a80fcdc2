//! References to secrets that are kept elsewhere: a setting's value may be
//! `{"secret": "env:NAME"}` instead of the secret itself.
//!
//! A reference is no secret: it is stored, shown and explained as it is written.
//! Following it is the business of the control plane, at the claim.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

/// Key of the map that stands for a secret that is kept elsewhere.
pub const REFERENCE_KEY: &str = "secret";
/// The longest name of a secret, in bytes: that of an ARN.
pub const REFERENCE_BYTES_MAX: usize = 2048;
/// The longest name of an environment variable or a file, in bytes.
const LOCAL_NAME_BYTES_MAX: usize = 255;

/// Where a secret is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretStore {
    /// An environment variable of the control plane.
    Environment,
    /// A file in the control plane's directory of secrets.
    File,
    /// AWS Secrets Manager.
    SecretsManager,
    /// AWS Systems Manager Parameter Store.
    ParameterStore,
}

impl SecretStore {
    const ALL: [Self; 4] = [
        Self::Environment,
        Self::File,
        Self::SecretsManager,
        Self::ParameterStore,
    ];

    /// What stands before the colon of a reference.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Environment => "env",
            Self::File => "file",
            Self::SecretsManager => "aws-secretsmanager",
            Self::ParameterStore => "aws-ssm",
        }
    }
}

/// A reference to a secret that is kept elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SecretReference {
    /// Where.
    pub store: SecretStore,
    /// Its name there: of a variable, a file, a secret or a parameter.
    pub name: String,
    /// The key of the JSON object that the secret is; only of Secrets Manager.
    pub key: Option<String>,
}

/// A text that is no reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// It begins with none of the stores.
    #[error("a reference begins with env:, file:, aws-secretsmanager: or aws-ssm:")]
    Store,
    /// The name cannot be one in that store.
    #[error("the name after {} cannot be one there", .0.as_str())]
    Name(SecretStore),
}

impl SecretReference {
    /// Whether a value is meant as a reference, well or badly written.
    fn is_meant(value: &Value) -> bool {
        value
            .as_object()
            .is_some_and(|map| map.len() == 1 && map.contains_key(REFERENCE_KEY))
    }

    /// The reference that a value is; nothing where it is a value of its own.
    ///
    /// # Errors
    /// [`ReferenceError`] where a reference is meant and badly written.
    pub fn of(value: &Value) -> Result<Option<Self>, ReferenceError> {
        if !Self::is_meant(value) {
            return Ok(None);
        }
        let text = value.get(REFERENCE_KEY).and_then(Value::as_str);
        text.ok_or(ReferenceError::Store)?.parse().map(Some)
    }
}

impl FromStr for SecretReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (store, name) = text.split_once(':').ok_or(ReferenceError::Store)?;
        let store = SecretStore::ALL
            .into_iter()
            .find(|known| known.as_str() == store)
            .ok_or(ReferenceError::Store)?;
        let (name, key) = match (store, name.split_once('#')) {
            (SecretStore::SecretsManager, Some((name, key))) => (name, Some(key)),
            _ => (name, None),
        };
        let is_name = match store {
            SecretStore::Environment => is_variable(name),
            SecretStore::File => is_inner_path(name),
            SecretStore::SecretsManager | SecretStore::ParameterStore => is_cloud_name(name),
        };
        let is_key = key.is_none_or(|key| {
            (1..=LOCAL_NAME_BYTES_MAX).contains(&key.len()) && !key.contains(char::is_control)
        });
        if !is_name || !is_key {
            return Err(ReferenceError::Name(store));
        }
        Ok(Self {
            store,
            name: name.to_owned(),
            key: key.map(str::to_owned),
        })
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.store.as_str(), self.name)?;
        match &self.key {
            Some(key) => write!(f, "#{key}"),
            None => Ok(()),
        }
    }
}

fn is_variable(name: &str) -> bool {
    name.len() <= LOCAL_NAME_BYTES_MAX
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A path that leads nowhere but down.
fn is_inner_path(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
    };
    name.len() <= LOCAL_NAME_BYTES_MAX && name.split('/').all(is_part)
}

/// Names, paths and ARNs of AWS.
fn is_cloud_name(name: &str) -> bool {
    (1..=REFERENCE_BYTES_MAX).contains(&name.len())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/_+=.@!:-".contains(c))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_read_and_written_the_same() {
        for text in [
            "env:CAUSEWAY_SECRET_DB",
            "file:db/password",
            "file:..data",
            "aws-secretsmanager:prod/db",
            "aws-secretsmanager:prod/db#password",
            "aws-secretsmanager:arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf",
            "aws-ssm:/prod/db/password",
        ] {
            let reference: SecretReference = text.parse().unwrap();
            assert_eq!(reference.to_string(), text);
            assert_eq!(
                SecretReference::of(&json!({ "secret": text })),
                Ok(Some(reference))
            );
        }
    }

    #[test]
    fn what_leads_astray_is_no_reference() {
        let name = |store| Err(ReferenceError::Name(store));
        for (text, expected) in [
            ("hunter2", Err(ReferenceError::Store)),
            ("vault:x", Err(ReferenceError::Store)),
            ("env:", name(SecretStore::Environment)),
            ("env:A B", name(SecretStore::Environment)),
            ("env:1A", name(SecretStore::Environment)),
            ("file:", name(SecretStore::File)),
            ("file:/etc/passwd", name(SecretStore::File)),
            ("file:../key", name(SecretStore::File)),
            ("file:a/../../key", name(SecretStore::File)),
            ("file:a//b", name(SecretStore::File)),
            ("file:./a", name(SecretStore::File)),
            ("file:a\0", name(SecretStore::File)),
            ("aws-ssm:", name(SecretStore::ParameterStore)),
            ("aws-ssm:a\nb", name(SecretStore::ParameterStore)),
            ("aws-secretsmanager:a#", name(SecretStore::SecretsManager)),
        ] {
            assert_eq!(text.parse::<SecretReference>(), expected, "{text}");
        }
    }

    #[test]
    fn other_maps_are_values() {
        for value in [
            json!("env:A"),
            json!({"a": 1}),
            json!({"secret": "env:A", "b": 1}),
        ] {
            assert_eq!(SecretReference::of(&value), Ok(None));
        }
        for value in [json!({"secret": 1}), json!({"secret": "hunter2"})] {
            assert_eq!(SecretReference::of(&value), Err(ReferenceError::Store));
        }
    }
}
