//! One HTTP client for everything that a function asks: the table through the
//! SDK, secrets, keys, edges. It is made once, with its roots of trust, and
//! keeps its connections from invocation to invocation.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::redirect::Policy;

/// How long a connection may take to stand.
const CONNECT_DEADLINE: Duration = Duration::from_secs(2);
/// How long any one request may take, its answer included; callers have
/// deadlines of their own below it.
const REQUEST_DEADLINE: Duration = Duration::from_secs(15);
/// How long an unused connection is kept. A process that was frozen for longer
/// finds it closed by the other side.
const IDLE_KEPT: Duration = Duration::from_secs(20);

/// Makes the client.
///
/// # Errors
/// When the machine has no usable roots of trust.
pub(crate) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(REQUEST_DEADLINE)
        .pool_idle_timeout(IDLE_KEPT)
        .tcp_nodelay(true)
        .redirect(Policy::none())
        .no_proxy()
        .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
        .build()
}

/// The client as the SDK takes it.
pub(crate) fn for_sdk(client: reqwest::Client) -> SharedHttpClient {
    SharedHttpClient::new(Carrier(client))
}

/// Carries the SDK's requests, which are all small documents in memory.
#[derive(Debug, Clone)]
struct Carrier(reqwest::Client);

impl HttpClient for Carrier {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Carrier {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = outgoing(request)?;
            let answer = client.execute(request).await.map_err(failed)?;
            let status = answer.status().into();
            let headers = answer.headers().clone();
            let body = answer.bytes().await.map_err(failed)?;
            let mut response = HttpResponse::new(status, SdkBody::from(body));
            for (name, value) in &headers {
                if let Ok(value) = value.to_str() {
                    response
                        .headers_mut()
                        .append(name.as_str().to_owned(), value.to_owned());
                }
            }
            Ok(response)
        })
    }
}

fn outgoing(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let unmade = |error| ConnectorError::user(error);
    let request = request
        .try_into_http1x()
        .map_err(|error| unmade(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body.bytes().map(<[u8]>::to_vec).unwrap_or_default();
    let request = http::Request::from_parts(parts, body);
    request
        .try_into()
        .map_err(|error: reqwest::Error| unmade(error.into()))
}

/// What the SDK retries depends on what kind of failure it is told.
fn failed(error: reqwest::Error) -> ConnectorError {
    let error = error.without_url();
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}
