//! Secrets in AWS Secrets Manager and in Systems Manager Parameter Store.
//!
//! Both speak JSON over `POST /` (AWS JSON 1.1), and one call of each is all we
//! need. Their SDKs are generated for hundreds of calls and cost minutes to
//! build; what signs a request (Signature Version 4) is here already for
//! DynamoDB, so the two calls are made with it.

use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use base64::Engine;
use causeway_model::secret::Secret;
use causeway_model::settings::{SecretReference, SecretStore};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::{OutsideSecrets, SECRET_BYTES_MAX, Unavailable, text};
use crate::clock::{Clock, SystemClock};

/// The longest answer that is read, in bytes: a secret of the largest size, each
/// character escaped, and what is said about it.
const ANSWER_BYTES_MAX: usize = 8 * SECRET_BYTES_MAX;
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Secrets Manager and Parameter Store of one region.
pub struct Aws {
    client: reqwest::Client,
    region: String,
    credentials: SharedCredentialsProvider,
    clock: Arc<dyn Clock>,
    /// Where the services are, where it is not where AWS has them.
    endpoint: Option<Url>,
}

/// `AWS_ACCESS_KEY_ID` and its like, read each time: AWS renews them.
#[derive(Debug)]
pub struct EnvironmentCredentials;

impl ProvideCredentials for EnvironmentCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let credentials = match (
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
        ) {
            (Some(id), Some(key)) => {
                let token = variable("AWS_SESSION_TOKEN");
                Ok(Credentials::new(id, key, token, None, "environment"))
            }
            _ => Err(CredentialsError::not_loaded_no_source()),
        };
        future::ProvideCredentials::ready(credentials)
    }
}

/// A call: service, operation and its arguments.
struct Call {
    service: &'static str,
    target: &'static str,
    arguments: Value,
}

impl Aws {
    /// The stores of `region`.
    #[must_use]
    pub fn new(
        client: reqwest::Client,
        region: String,
        credentials: SharedCredentialsProvider,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            client,
            region,
            credentials,
            clock,
            endpoint: None,
        }
    }

    /// The stores of `region`, with the credentials of the environment: what AWS
    /// gives functions, and people their programs.
    #[must_use]
    pub fn with_environment(client: reqwest::Client, region: String) -> Self {
        let credentials = SharedCredentialsProvider::new(EnvironmentCredentials);
        Self::new(client, region, credentials, Arc::new(SystemClock))
    }

    /// The same with both services at `endpoint`, as an emulated cloud has them.
    #[must_use]
    pub fn at(mut self, endpoint: Url) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// The answer to a call, as JSON.
    async fn call(&self, call: &Call) -> Result<Zeroizing<Vec<u8>>, Unavailable> {
        let request = self.signed(call).await?;
        let failed = |error: reqwest::Error| Unavailable::Failed(error.without_url().to_string());
        let mut answer = self.client.execute(request).await.map_err(failed)?;
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(Unavailable::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        if answer.status().is_success() {
            return Ok(body);
        }
        Err(refusal(answer.status().as_u16(), &body))
    }

    async fn signed(&self, call: &Call) -> Result<reqwest::Request, Unavailable> {
        let failed = |what: &str| Unavailable::Failed(what.to_owned());
        let service = call.service;
        let url = match &self.endpoint {
            Some(endpoint) => endpoint.to_string(),
            None => format!("https://{service}.{}.amazonaws.com/", self.region),
        };
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials
            .map_err(|_| failed("there are no credentials for AWS"))?
            .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::from(self.clock.now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| failed("the request cannot be signed"))?
            .into();
        let body = call.arguments.to_string();
        let headers = [
            ("content-type", CONTENT_TYPE),
            ("x-amz-target", call.target),
        ];
        let signable = SignableRequest::new(
            "POST",
            &url,
            headers.into_iter(),
            SignableBody::Bytes(body.as_bytes()),
        );
        let (instructions, _) = signable
            .and_then(|signable| sign(signable, &parameters))
            .map_err(|_| failed("the request cannot be signed"))?
            .into_parts();
        let mut request = http::Request::post(&url)
            .header("content-type", CONTENT_TYPE)
            .header("x-amz-target", call.target)
            .body(body)
            .map_err(|_| failed("the request cannot be made"))?;
        instructions.apply_to_request_http1x(&mut request);
        request
            .try_into()
            .map_err(|_| failed("the request cannot be made"))
    }
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

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

/// What an error of AWS means. Its own words may repeat what was asked and are
/// left out; its code is enough.
fn refusal(status: u16, body: &[u8]) -> Unavailable {
    let code = serde_json::from_slice::<Value>(body)
        .ok()
        .and_then(|answer| {
            let kind = answer.get("__type")?.as_str()?;
            Some(kind.rsplit('#').next().unwrap_or(kind).to_owned())
        });
    match code.as_deref() {
        Some("ResourceNotFoundException" | "ParameterNotFound" | "ParameterVersionNotFound") => {
            Unavailable::NotFound
        }
        Some(code) if code.len() <= 80 && code.chars().all(|c| c.is_ascii_alphanumeric()) => {
            Unavailable::Failed(code.to_owned())
        }
        _ => Unavailable::Failed(format!("status {status}")),
    }
}

#[cfg(test)]
mod tests;
