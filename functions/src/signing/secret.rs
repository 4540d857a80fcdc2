//! The secret of Secrets Manager that keeps the signing keys.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use causeway_model::secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{KeySet, KeySource, SecretVersions};
use crate::aws::{Aws, Call, CallError};

/// The code with which a secret or a version of it is missing.
const MISSING: &str = "ResourceNotFoundException";

/// A secret, by id or ARN.
#[derive(Debug, Clone)]
pub struct SigningSecret {
    aws: Arc<Aws>,
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Held {
    secret_string: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    #[serde(default)]
    version_ids_to_stages: BTreeMap<String, Vec<String>>,
}

impl SigningSecret {
    /// The secret with this id or ARN.
    #[must_use]
    pub const fn new(aws: Arc<Aws>, id: String) -> Self {
        Self { aws, id }
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        target: &'static str,
        mut arguments: Value,
    ) -> Result<T, CallError> {
        arguments["SecretId"] = Value::String(self.id.clone());
        let call = Call {
            service: "secretsmanager",
            target,
            arguments,
        };
        let body = self.aws.call(&call).await?;
        serde_json::from_slice(&body).map_err(|_| CallError::Unreadable)
    }
}

#[async_trait]
impl KeySource for SigningSecret {
    async fn read(&self) -> Result<KeySet, Box<dyn Error + Send + Sync>> {
        let held: Held = self
            .call("secretsmanager.GetSecretValue", json!({}))
            .await?;
        let text = held.secret_string.ok_or(CallError::Unreadable)?;
        Ok(KeySet::parse(text.expose())?)
    }
}

#[async_trait]
impl SecretVersions for SigningSecret {
    async fn stages(&self) -> Result<BTreeMap<String, Vec<String>>, CallError> {
        let described: Described = self
            .call("secretsmanager.DescribeSecret", json!({}))
            .await?;
        Ok(described.version_ids_to_stages)
    }

    async fn value(&self, version: &str) -> Result<Option<Secret>, CallError> {
        let arguments = json!({"VersionId": version});
        let held: Result<Held, _> = self.call("secretsmanager.GetSecretValue", arguments).await;
        match held {
            Ok(held) => Ok(held.secret_string),
            Err(error) if error.code() == Some(MISSING) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_pending(&self, version: &str, text: &str) -> Result<(), CallError> {
        let arguments = json!({
            "ClientRequestToken": version,
            "SecretString": text,
            "VersionStages": ["AWSPENDING"],
        });
        let _: Value = self
            .call("secretsmanager.PutSecretValue", arguments)
            .await?;
        Ok(())
    }

    async fn make_current(&self, version: &str, instead_of: Option<&str>) -> Result<(), CallError> {
        let mut arguments = json!({
            "VersionStage": "AWSCURRENT",
            "MoveToVersionId": version,
        });
        if let Some(instead_of) = instead_of {
            arguments["RemoveFromVersionId"] = Value::String(instead_of.to_owned());
        }
        let _: Value = self
            .call("secretsmanager.UpdateSecretVersionStage", arguments)
            .await?;
        Ok(())
    }
}
