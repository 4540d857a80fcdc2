//! What the node's platform trusts.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::crypto::aws_lc_rs::default_provider;
use tokio::sync::OnceCell;

static PLATFORM: OnceCell<Option<Arc<WebPkiServerVerifier>>> = OnceCell::const_new();

/// The verifier over the platform's roots, read from disk once a process, off
/// the I/O threads. `None` where there are no roots.
pub(super) async fn verifier() -> Option<Arc<WebPkiServerVerifier>> {
    let read = || async {
        let reading = tokio::task::spawn_blocking(read_roots);
        reading.await.ok().and_then(of_roots)
    };
    PLATFORM.get_or_init(read).await.clone()
}

fn read_roots() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "some of the platform's root certificates cannot be read");
    }
    let mut roots = RootCertStore::empty();
    let (added, passed_over) = roots.add_parsable_certificates(found.certs);
    tracing::debug!(
        added,
        passed_over,
        "the platform's root certificates are read"
    );
    roots
}

/// A verifier over `roots`; `None` when there are none.
pub(super) fn of_roots(roots: RootCertStore) -> Option<Arc<WebPkiServerVerifier>> {
    let provider = Arc::new(default_provider());
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .ok()
}
