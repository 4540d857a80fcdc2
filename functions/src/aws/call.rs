//! One signed call.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::Value;
use url::Url;
use zeroize::Zeroizing;

use super::EnvironmentCredentials;
use crate::clock::{Clock, SystemClock};
use crate::outside_secret::SECRET_BYTES_MAX;

/// The longest answer that is read, in bytes: a secret of the largest size, each
/// character escaped, and what is said about it.
pub const ANSWER_BYTES_MAX: usize = 8 * SECRET_BYTES_MAX;
/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest code of an error that is repeated, in characters.
const CODE_LENGTH_MAX: usize = 80;
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The services of one region.
pub struct Aws {
    client: reqwest::Client,
    region: String,
    credentials: SharedCredentialsProvider,
    clock: Arc<dyn Clock>,
    /// Where the services are, where it is not where AWS has them.
    endpoint: Option<Url>,
}

/// What is called, with what.
pub(crate) struct Call {
    /// The service as its host is called: `kms`.
    pub(crate) service: &'static str,
    /// The operation as the service calls it: `TrentService.Decrypt`.
    pub(crate) target: &'static str,
    /// Its arguments.
    pub(crate) arguments: Value,
}

/// Why a call was not answered as hoped. Repeats nothing of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nobody said who calls.
    #[error("there are no credentials for AWS")]
    NoCredentials,
    /// The request could not be made or signed.
    #[error("the request cannot be signed")]
    Unsigned,
    /// No answer in time.
    #[error("there was no answer in time")]
    TimedOut,
    /// The service could not be reached.
    #[error("the service cannot be reached: {0}")]
    Unreachable(String),
    /// The answer is longer than what is asked for ever is.
    #[error("the answer is longer than {ANSWER_BYTES_MAX} bytes")]
    TooLarge,
    /// The answer is not what the service documents.
    #[error("the answer cannot be read")]
    Unreadable,
    /// The service said no, with this status.
    #[error("the service refused: {}", code.as_deref().unwrap_or("no code"))]
    Refused {
        /// Status of HTTP.
        status: u16,
        /// The code of the error, e.g. `AccessDeniedException`. Its words may
        /// repeat what was asked and are left out.
        code: Option<String>,
    },
}

impl CallError {
    /// The code with which the service refused, if it did.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => code.as_deref(),
            Self::NoCredentials
            | Self::Unsigned
            | Self::TimedOut
            | Self::Unreachable(_)
            | Self::TooLarge
            | Self::Unreadable => None,
        }
    }
}

impl Aws {
    /// The services of `region`.
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

    /// The services of `region`, with the credentials of the environment: what
    /// AWS gives functions, and people their programs.
    #[must_use]
    pub fn with_environment(client: reqwest::Client, region: String) -> Self {
        let credentials = SharedCredentialsProvider::new(EnvironmentCredentials);
        Self::new(client, region, credentials, Arc::new(SystemClock))
    }

    /// The same with all services at `endpoint`, as an emulated cloud has them.
    #[must_use]
    pub fn at(mut self, endpoint: Url) -> Self {
        self.endpoint = Some(endpoint);
        self
    }

    /// The answer to a call.
    pub(crate) async fn call(&self, call: &Call) -> Result<Zeroizing<Vec<u8>>, CallError> {
        tokio::time::timeout(CALL_TIMEOUT, self.answer(call))
            .await
            .map_err(|_| CallError::TimedOut)?
    }

    async fn answer(&self, call: &Call) -> Result<Zeroizing<Vec<u8>>, CallError> {
        let request = self.signed(call).await?;
        let mut answer = self.client.execute(request).await.map_err(unreachable)?;
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(CallError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        if answer.status().is_success() {
            return Ok(body);
        }
        Err(CallError::Refused {
            status: answer.status().as_u16(),
            code: code(&body),
        })
    }

    async fn signed(&self, call: &Call) -> Result<reqwest::Request, CallError> {
        let service = call.service;
        let url = match &self.endpoint {
            Some(endpoint) => endpoint.to_string(),
            None => format!("https://{service}.{}.amazonaws.com/", self.region),
        };
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials.map_err(|_| CallError::NoCredentials)?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(service)
            .time(SystemTime::from(self.clock.now()))
            .settings(SigningSettings::default())
            .build()
            .map_err(|_| CallError::Unsigned)?
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
            .map_err(|_| CallError::Unsigned)?
            .into_parts();
        let mut request = http::Request::post(&url)
            .header("content-type", CONTENT_TYPE)
            .header("x-amz-target", call.target)
            .body(body)
            .map_err(|_| CallError::Unsigned)?;
        instructions.apply_to_request_http1x(&mut request);
        request.try_into().map_err(|_| CallError::Unsigned)
    }
}

impl std::fmt::Debug for Aws {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Aws")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

fn unreachable(error: reqwest::Error) -> CallError {
    CallError::Unreachable(error.without_url().to_string())
}

/// The code of an error, when it looks like one.
fn code(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let kind = answer.get("__type")?.as_str()?;
    let code = kind.rsplit('#').next().unwrap_or(kind);
    let plain = code.len() <= CODE_LENGTH_MAX && code.chars().all(|c| c.is_ascii_alphanumeric());
    plain.then(|| code.to_owned())
}
