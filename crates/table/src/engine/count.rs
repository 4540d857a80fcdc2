//! Counts requests to the table, in all and for one future.
//!
//! Every attempt counts, retries included: what is counted is what the wire
//! would carry.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use tokio::sync::Notify;

tokio::task_local! {
    static SPENT: Arc<AtomicU64>;
    static CUT: Arc<Cut>;
}

/// Runs `future` and tells how many requests to the table it made itself.
///
/// Requests made by tasks that it spawns are not counted.
pub async fn counted<F: Future>(future: F) -> (F::Output, u64) {
    let spent = Arc::new(AtomicU64::new(0));
    let output = SPENT.scope(Arc::clone(&spent), future).await;
    (output, spent.load(Ordering::Relaxed))
}

/// How many requests may still be made, and that one more was tried.
#[derive(Debug)]
struct Cut {
    left: AtomicU64,
    is_over: Notify,
}

impl Cut {
    fn takes_one_more(&self) -> bool {
        let take = |left: u64| left.checked_sub(1);
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        if taken.is_err() {
            self.is_over.notify_one();
        }
        taken.is_ok()
    }
}

/// Runs `future` until it wants to make more than so many requests to the
/// table, and then drops it, as a process that dies does: `None`. For tests.
pub async fn cut_short<F: Future>(requests: u64, future: F) -> Option<F::Output> {
    let cut = Arc::new(Cut {
        left: AtomicU64::new(requests),
        is_over: Notify::new(),
    });
    let mut over = pin!(cut.is_over.notified());
    let mut future = pin!(CUT.scope(Arc::clone(&cut), future));
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        over.as_mut().poll(context).map(|()| None)
    })
    .await
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
        // Fails outside `cut_short`, which is the usual case.
        if let Ok(false) = CUT.try_with(|cut| cut.takes_one_more()) {
            return HttpConnectorFuture::new(std::future::pending());
        }
        self.requests.fetch_add(1, Ordering::Relaxed);
        // Fails outside `counted`, which is the usual case.
        let _ = SPENT.try_with(|spent| spent.fetch_add(1, Ordering::Relaxed));
        self.inner.call(request)
    }
}
