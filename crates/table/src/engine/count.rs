//! Counts requests to the table, in all and for one future.
//!
//! Every attempt counts, retries included: what is counted is what the wire
//! would carry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

tokio::task_local! {
    static SPENT: Arc<AtomicU64>;
}

/// Runs `future` and tells how many requests to the table it made itself.
///
/// Requests made by tasks that it spawns are not counted.
pub async fn counted<F: Future>(future: F) -> (F::Output, u64) {
    let spent = Arc::new(AtomicU64::new(0));
    let output = SPENT.scope(Arc::clone(&spent), future).await;
    (output, spent.load(Ordering::Relaxed))
}

/// An HTTP client that counts what passes through it.
#[derive(Debug)]
pub(crate) struct CountingClient {
    inner: SharedHttpClient,
    requests: Arc<AtomicU64>,
}

impl CountingClient {
    /// Counts the requests through `inner` in `requests`.
    pub(crate) fn new(inner: SharedHttpClient, requests: Arc<AtomicU64>) -> Self {
        Self { inner, requests }
    }
}

impl HttpClient for CountingClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(CountingConnector {
            inner: self.inner.http_connector(settings, components),
            requests: Arc::clone(&self.requests),
        })
    }
}

#[derive(Debug)]
struct CountingConnector {
    inner: SharedHttpConnector,
    requests: Arc<AtomicU64>,
}

impl HttpConnector for CountingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Fails outside `counted`, which is the usual case.
        let _ = SPENT.try_with(|spent| spent.fetch_add(1, Ordering::Relaxed));
        self.inner.call(request)
    }
}
