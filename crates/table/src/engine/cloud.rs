//! The SDK client: for the cloud, and for the engine in this process.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::auth::{Params, ResolveAuthScheme};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, Config, ConfigBag, Region, RuntimeComponents,
    StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeId, AuthSchemeOption, AuthSchemeOptionsFuture,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::connector::EmbeddedConnector;
use super::count::CountingClient;

/// Longest wait for an answer, all attempts included.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(15);

/// Longest wait for one attempt in the cloud.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);

/// Attempts at one request in the cloud: throttling and lost answers.
const ATTEMPTS: u32 = 4;

/// Where the table is in the cloud, or in an emulator of it.
///
/// The HTTP client is the caller's: it decides about TLS, connection reuse and
/// proxies, and this crate stays without any of them.
#[derive(Debug, Clone)]
pub struct CloudConfig {
    /// Name of the table.
    pub table_name: String,
    /// AWS region, e.g. `eu-central-1`.
    pub region: String,
    /// Another endpoint than the region's own, e.g. of an emulator.
    pub endpoint_url: Option<String>,
    /// Who asks.
    pub credentials: SharedCredentialsProvider,
    /// What carries the requests.
    pub http_client: SharedHttpClient,
}

/// A client for the cloud.
pub(crate) fn cloud_client(config: CloudConfig, requests: Arc<AtomicU64>) -> Client {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(OPERATION_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build();
    let mut builder = common(config.http_client, requests)
        .region(Region::new(config.region))
        .credentials_provider(config.credentials)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    builder.set_endpoint_url(config.endpoint_url);
    Client::from_conf(builder.build())
}

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

fn common(http_client: SharedHttpClient, requests: Arc<AtomicU64>) -> Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(CountingClient::new(http_client, requests))
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
