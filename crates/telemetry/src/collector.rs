//! The collector over HTTP, through our own client. The exporter calls from a
//! thread without a runtime, so the exchange runs on the one it is given.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::traces::EXPORT_DEADLINE;

/// Longest answer that is read, in bytes: it only says what was refused.
const ANSWER_LENGTH_MAX: usize = 64 * 1024;

/// Carries what the exporter sends. What goes wrong is logged when it begins
/// to, not at each batch, and never with the URL.
pub(crate) struct Collector {
    client: reqwest::Client,
    runtime: Handle,
    fails: AtomicBool,
}

impl Collector {
    pub(crate) const fn new(client: reqwest::Client, runtime: Handle) -> Self {
        Self {
            client,
            runtime,
            fails: AtomicBool::new(false),
        }
    }

    fn note(&self, result: &Result<Response<Bytes>, CollectorError>) {
        let problem = match result {
            Ok(response) if response.status().is_success() => {
                if self.fails.swap(false, Ordering::Relaxed) {
                    tracing::info!("the collector takes traces again");
                }
                return;
            }
            Ok(response) => CollectorError::Status(response.status().as_u16()),
            Err(CollectorError::Unreachable(error)) => CollectorError::Words(error.to_string()),
            Err(error) => CollectorError::Words(error.to_string()),
        };
        if !self.fails.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = %problem, "the collector does not take traces, they are lost");
        }
    }
}

/// Why a batch was not taken.
#[derive(Debug, thiserror::Error)]
enum CollectorError {
    #[error("the collector cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("no answer within {} s", EXPORT_DEADLINE.as_secs())]
    Deadline,
    #[error("an answer of more than {ANSWER_LENGTH_MAX} bytes")]
    TooLong,
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("{0}")]
    Words(String),
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let client = self.client.clone();
        let exchange = async move {
            timeout(EXPORT_DEADLINE, exchange(&client, request))
                .await
                .unwrap_or(Err(CollectorError::Deadline))
        };
        let result = self.runtime.spawn(exchange).await?;
        self.note(&result);
        Ok(result?)
    }
}

async fn exchange(
    client: &reqwest::Client,
    request: reqwest::Request,
) -> Result<Response<Bytes>, CollectorError> {
    let unreachable = |error: reqwest::Error| CollectorError::Unreachable(error.without_url());
    let mut answer = client.execute(request).await.map_err(unreachable)?;
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_LENGTH_MAX {
            return Err(CollectorError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::new(body.freeze());
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    Ok(response)
}
