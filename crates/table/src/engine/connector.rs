//! The SDK's HTTP client seam, answered by the engine in this process.
//!
//! An SDK request comes in as an HTTP request with `X-Amz-Target` and a JSON
//! body (AWS JSON 1.0) and leaves as an HTTP response; no byte of it touches a
//! socket.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::auth::{Params, ResolveAuthScheme};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{ConfigBag, Region, RuntimeComponents};
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeId, AuthSchemeOption, AuthSchemeOptionsFuture,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use dynoxide::DynoxideError;

use super::cloud::{OPERATION_TIMEOUT, common};
use super::dispatch::Request;
use super::worker::Worker;

/// The content type of AWS JSON 1.0.
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";

/// A client for the engine in this process: unsigned, never retried.
pub(crate) fn embedded_client(connector: EmbeddedConnector, requests: Arc<AtomicU64>) -> Client {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let config = common(SharedHttpClient::new(connector), requests)
        .region(Region::from_static("local"))
        .endpoint_url("http://embedded.invalid")
        .auth_scheme_resolver(Unsigned)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .build();
    Client::from_conf(config)
}

/// Answers the SDK from the embedded engine.
#[derive(Debug, Clone)]
pub(crate) struct EmbeddedConnector {
    worker: Worker,
}

impl EmbeddedConnector {
    /// Sends requests to `worker`.
    pub(crate) const fn new(worker: Worker) -> Self {
        Self { worker }
    }
}

impl HttpClient for EmbeddedConnector {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for EmbeddedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let worker = self.worker.clone();
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let body = request.body().bytes().unwrap_or_default();
            match answer(&worker, target, body).await {
                Ok(body) => respond(200, body),
                Err(error) => respond(error.status_code(), SdkBody::from(error.to_json())),
            }
        })
    }
}

pub(super) async fn answer(
    worker: &Worker,
    target: &str,
    body: &[u8],
) -> Result<SdkBody, DynoxideError> {
    let request = Request::read(target, body)?.without_idempotency_token();
    worker.run(request).await?.write()
}

fn respond(status: u16, body: SdkBody) -> Result<HttpResponse, ConnectorError> {
    let status =
        StatusCode::try_from(status).map_err(|error| ConnectorError::other(error.into(), None))?;
    let mut response = HttpResponse::new(status, body);
    response.headers_mut().insert("content-type", CONTENT_TYPE);
    Ok(response)
}

/// Chooses no authentication: the engine is in this process.
#[derive(Debug)]
struct Unsigned;

impl ResolveAuthScheme for Unsigned {
    fn resolve_auth_scheme<'a>(
        &'a self,
        _params: &'a Params,
        _config: &'a ConfigBag,
        _components: &'a RuntimeComponents,
    ) -> AuthSchemeOptionsFuture<'a> {
        AuthSchemeOptionsFuture::ready(Ok(vec![AuthSchemeOption::from(AuthSchemeId::new(
            "noAuth",
        ))]))
    }
}
