//! Headers that tell a browser what our pages may do, and who may frame them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;

const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What the headers depend on.
#[derive(Clone)]
pub(crate) struct SecurityHeaders {
    /// The websocket origins that pages connect to: every edge's.
    pub(crate) edges: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
    /// Served over TLS: browsers are told to stay there.
    pub(crate) tls: bool,
}

/// Adds the headers to every answer of `router`.
pub(crate) fn add(router: Router, headers: SecurityHeaders) -> Router {
    router.layer(from_fn_with_state(headers, insert))
}

async fn insert(State(state): State<SecurityHeaders>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&content_policy(&(state.edges)())) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        CROSS_ORIGIN_OPENER_POLICY,
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        PERMISSIONS_POLICY,
        HeaderValue::from_static(
            "clipboard-read=(self), clipboard-write=(self), fullscreen=(self), camera=(), \
             microphone=(), geolocation=()",
        ),
    );
    if state.tls {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// Nothing inline, nothing from elsewhere; websockets to the edges only.
///
/// A desktop's picture is made in a worker, with a decoder in WebAssembly
/// (compiled, so `wasm-unsafe-eval`; scripts still cannot be); the remote
/// pointer is an image that the page made (`blob:`).
fn content_policy(edges: &[String]) -> String {
    let edges: String = edges.iter().map(|edge| format!(" {edge}")).collect();
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; \
         style-src 'self'; img-src 'self' blob:; \
         connect-src 'self'{edges}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_connect_to_the_edges_and_nowhere_else() {
        let edges = ["ws://127.0.0.1:1".to_owned(), "wss://e.example".to_owned()];
        let policy = content_policy(&edges);
        assert!(policy.contains("connect-src 'self' ws://127.0.0.1:1 wss://e.example; "));
        assert!(content_policy(&[]).contains("connect-src 'self'; "));
        assert!(policy.contains("frame-ancestors 'none'"));
    }

    #[test]
    fn pages_run_their_own_scripts_workers_and_webassembly_only() {
        let policy = content_policy(&[]);
        let directives: Vec<&str> = policy.split("; ").collect();
        for directive in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "worker-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
        ] {
            assert!(directives.contains(&directive), "{directive} in {policy}");
        }
        assert!(!policy.contains("'unsafe-eval'") && !policy.contains("'unsafe-inline'"));
    }
}
