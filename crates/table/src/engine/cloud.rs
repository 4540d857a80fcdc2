//! The SDK client for the cloud, and what it shares with that of the engine in
//! this process.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Builder, Config, Region, StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::count::CountingClient;
use super::http::HttpTransport;

/// Longest wait for an answer. In the cloud each attempt has a shorter one, and
/// it is `store` that tries again (`retry`).
pub(super) const OPERATION_TIMEOUT: Duration = Duration::from_secs(15);

/// Where the table is in the cloud, or in an emulator of it.
///
/// The HTTP client is the caller's, who decides about TLS, connection reuse and
/// proxies; [`Self::over_http`] takes the one that the process has already.
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

impl CloudConfig {
    /// The table of that name in a region, asked for through `client`.
    #[must_use]
    pub fn over_http(
        table_name: String,
        region: String,
        credentials: SharedCredentialsProvider,
        client: reqwest::Client,
    ) -> Self {
        Self {
            table_name,
            region,
            endpoint_url: None,
            credentials,
            http_client: SharedHttpClient::new(HttpTransport::new(client)),
        }
    }

    /// The same at another endpoint, e.g. `http://127.0.0.1:4566`.
    #[must_use]
    pub fn at(mut self, endpoint_url: String) -> Self {
        self.endpoint_url = Some(endpoint_url);
        self
    }
}

/// A client for the cloud.
pub(crate) fn cloud_client(config: CloudConfig, requests: Arc<AtomicU64>) -> Client {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut builder = common(config.http_client, requests)
        .region(Region::new(config.region))
        .credentials_provider(config.credentials)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    builder.set_endpoint_url(config.endpoint_url);
    Client::from_conf(builder.build())
}

pub(super) fn common(http_client: SharedHttpClient, requests: Arc<AtomicU64>) -> Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(CountingClient::new(http_client, requests))
}
