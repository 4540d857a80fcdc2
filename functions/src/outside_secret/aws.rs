//! Secrets in AWS Secrets Manager and in Systems Manager Parameter Store.

use async_trait::async_trait;
use base64::Engine;
use causeway_model::secret::Secret;
use causeway_model::settings::{SecretReference, SecretStore};
use serde_json::{Value, json};

pub use crate::aws::{Aws, EnvironmentCredentials};

use super::{OutsideSecrets, Unavailable, text};
use crate::aws::{Call, CallError};

#[async_trait]
impl OutsideSecrets for Aws {
    async fn read(&self, reference: &SecretReference) -> Result<Secret, Unavailable> {
        match reference.store {
            SecretStore::SecretsManager => {
                let body = self
                    .call(&Call {
                        service: "secretsmanager",
                        target: "secretsmanager.GetSecretValue",
                        arguments: json!({"SecretId": reference.name}),
                    })
                    .await?;
                secret_value(&body, reference.key.as_deref())
            }
            SecretStore::ParameterStore => {
                let body = self
                    .call(&Call {
                        service: "ssm",
                        target: "AmazonSSM.GetParameter",
                        arguments: json!({"Name": reference.name, "WithDecryption": true}),
                    })
                    .await?;
                let mut answer = read(&body)?;
                match answer["Parameter"]["Value"].take() {
                    Value::String(value) => text(value.into_bytes()),
                    _ => Err(Unavailable::NoText),
                }
            }
            SecretStore::Environment | SecretStore::File => {
                Err(Unavailable::NoStore(reference.store))
            }
        }
    }
}

/// What an answer of Secrets Manager holds: a text, or bytes that are one; with
/// a key, what stands under it in the object that the text is.
fn secret_value(body: &[u8], key: Option<&str>) -> Result<Secret, Unavailable> {
    let mut answer = read(body)?;
    let secret = match (answer["SecretString"].take(), answer["SecretBinary"].take()) {
        (Value::String(value), _) => text(value.into_bytes())?,
        (_, Value::String(encoded)) => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(encoded);
            text(bytes.map_err(|_| Unavailable::NoText)?)?
        }
        _ => return Err(Unavailable::NoText),
    };
    let Some(key) = key else {
        return Ok(secret);
    };
    let object: Value = serde_json::from_str(secret.expose()).map_err(|_| Unavailable::NoKey)?;
    match object.get(key) {
        Some(Value::String(value)) => Ok(Secret::from(value.as_str())),
        Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Secret::new(value.to_string())),
        _ => Err(Unavailable::NoKey),
    }
}

fn read(body: &[u8]) -> Result<Value, Unavailable> {
    serde_json::from_slice(body)
        .map_err(|_| Unavailable::Failed("the answer is not JSON".to_owned()))
}

impl From<CallError> for Unavailable {
    fn from(error: CallError) -> Self {
        match error {
            CallError::TimedOut => Self::TimedOut,
            CallError::TooLarge => Self::TooLarge,
            CallError::Refused { status, code } => match code.as_deref() {
                Some(
                    "ResourceNotFoundException" | "ParameterNotFound" | "ParameterVersionNotFound",
                ) => Self::NotFound,
                Some(code) => Self::Failed(code.to_owned()),
                None => Self::Failed(format!("status {status}")),
            },
            CallError::Unreachable(why) => Self::Failed(why),
            error @ (CallError::NoCredentials | CallError::Unsigned | CallError::Unreadable) => {
                Self::Failed(error.to_string())
            }
        }
    }
}

#[cfg(test)]
mod tests;
