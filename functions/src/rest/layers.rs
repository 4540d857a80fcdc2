//! What happens to every request, whichever route it takes: an id, a span, a
//! count, a deadline, a limit on its body, and a problem instead of a panic.

use std::any::Any;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use causeway_model::id::ConnectionId;
use http::{HeaderName, HeaderValue, StatusCode, header};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument as _;

use crate::app::App;
use crate::clock::uuid_v7;
use crate::problem::Problem;
use crate::rest::trace::{TraceId, trace};

/// Largest body of a request, in bytes.
pub const BODY_LENGTH_MAX: usize = 1024 * 1024;
/// Largest body of a sign-in, in bytes.
pub const SIGN_IN_BODY_LENGTH_MAX: usize = 16 * 1024;
/// Largest body of a request about one's own account, in bytes: a passkey's
/// answer with an attestation fits.
pub(super) const ACCOUNT_BODY_LENGTH_MAX: usize = 64 * 1024;
/// How long a request may take before it is given up.
pub const REQUEST_DEADLINE: Duration = Duration::from_secs(20);
/// The same of a request that may write a thousand objects.
pub const APPLY_DEADLINE: Duration = Duration::from_secs(240);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_LENGTH_MAX: usize = 64;

/// The id of a request: the caller's own if it is harmless, else a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// What a request turned out to be, in its response's extensions: for whoever
/// serves the router and writes a line about each request.
#[derive(Debug, Clone)]
pub struct Observed {
    /// The id that the response names, too.
    pub request_id: String,
    /// The route's template; `none` where there is no route.
    pub route: String,
    /// The trace that it was a part of, if it was recorded.
    pub trace_id: Option<String>,
}

/// The connection that a request was about, in its response's extensions.
#[derive(Debug, Clone, Copy)]
pub struct AboutConnection(pub ConnectionId);

/// Puts the common layers around `router`.
pub(super) fn wrap(router: Router, app: &App) -> Router {
    router
        .layer(DefaultBodyLimit::max(BODY_LENGTH_MAX))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), trace))
        .layer(from_fn_with_state(app.clone(), deadline))
        .layer(from_fn_with_state(app.clone(), observe))
}

async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let id = request_id(&app, &request);
    let started = Instant::now();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let trace_id = tracing::field::Empty;
    let span = tracing::info_span!("request", request_id = %id, %method, %route, trace_id);
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    app.metrics().request(method.as_str(), &route, status, took);
    tracing::debug!(parent: &span, status, took_us = took.as_micros(), "answered");
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::try_from(&id) {
        headers.insert(REQUEST_ID, value);
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::X_CONTENT_TYPE_OPTIONS)
        .or_insert(HeaderValue::from_static("nosniff"));
    let observed = Observed {
        request_id: id,
        route,
        trace_id: response.extensions().get().map(TraceId::to_string),
    };
    response.extensions_mut().insert(observed);
    response
}

fn request_id(app: &App, request: &Request) -> String {
    let theirs = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|text| (1..=REQUEST_ID_LENGTH_MAX).contains(&text.len()))
        .filter(|text| {
            text.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        });
    match theirs {
        Some(text) => text.to_owned(),
        None => uuid_v7(app.now(), app.randomness()).to_string(),
    }
}

/// A request that writes runs to its end, even when its caller is gone: half a
/// sign-out would leave connections behind. One that reads may be dropped.
async fn deadline(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_safe = request.method().is_safe();
    let path = request.extensions().get::<MatchedPath>();
    let longest = match path.map(MatchedPath::as_str) {
        Some("/api/v1/admin/apply") => APPLY_DEADLINE,
        Some(_) | None => REQUEST_DEADLINE,
    };
    // The table is asked until then, so that a slow one answers late.
    let work = causeway_table::within(longest, next.run(request));
    let work = tokio::time::timeout(longest, work).in_current_span();
    let answer = if is_safe {
        Ok(work.await)
    } else {
        app.tasks().spawn(work).await
    };
    match answer {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "deadline_passed",
            "the request took too long and was given up",
        )
        .retry_after(Duration::from_secs(1))
        .into_response(),
        Err(_) => Problem::internal(&Panicked).into_response(),
    }
}

/// The panic itself was printed by the panic hook; its message may hold
/// anything and goes nowhere.
#[derive(Debug, thiserror::Error)]
#[error("a handler panicked")]
struct Panicked;

#[allow(clippy::needless_pass_by_value)] // the shape that the layer asks for
fn panicked(_message: Box<dyn Any + Send + 'static>) -> Response {
    Problem::internal(&Panicked).into_response()
}

/// The address that a request came from; empty when the server does not tell.
pub(crate) fn client_address(extensions: &http::Extensions) -> String {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(address)| address.ip().to_canonical().to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use axum::body::Body;
    use axum::routing::{get, post};
    use causeway_table::Table;
    use causeway_trust::{SecretBox, SigningKey};
    use tokio::sync::Notify;
    use tower::ServiceExt as _;

    use super::*;
    use crate::app::Parts;
    use crate::config::Config;
    use crate::order::HttpOrders;

    async fn app() -> App {
        let parts = Parts::new(
            Table::in_memory().await.unwrap(),
            SigningKey::generate().unwrap(),
            SecretBox::new(&[7; 32]).unwrap(),
            Config::new("http://127.0.0.1:8080".parse().unwrap()),
            Arc::new(HttpOrders::new(reqwest::Client::new())),
        );
        App::new(parts).unwrap()
    }

    fn request(method: &str) -> Request {
        Request::builder()
            .method(method)
            .uri("/")
            .body(Body::empty())
            .unwrap()
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_without_its_words() {
        async fn broken() {
            panic!("hunter2");
        }
        let router = wrap(
            Router::new().route("/", get(broken).post(broken)),
            &app().await,
        );
        for method in ["GET", "POST"] {
            let response = router.clone().oneshot(request(method)).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            let body = axum::body::to_bytes(response.into_body(), 4096)
                .await
                .unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            assert!(
                text.contains("\"internal\"") && !text.contains("hunter2"),
                "{text}"
            );
        }
    }

    #[tokio::test]
    async fn a_writing_request_ends_even_when_its_caller_is_gone() {
        let (app, begun, go_on) = (
            app().await,
            Arc::new(Notify::new()),
            Arc::new(Notify::new()),
        );
        let done = Arc::new(Notify::new());
        let handler = {
            let (begun, go_on, done) = (begun.clone(), go_on.clone(), done.clone());
            move || async move {
                begun.notify_one();
                go_on.notified().await;
                done.notify_one();
            }
        };
        let router = wrap(Router::new().route("/", post(handler)), &app);
        let caller = tokio::spawn(router.oneshot(request("POST")));
        begun.notified().await;
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        go_on.notify_one();
        app.drain().await;
        tokio::time::timeout(Duration::from_secs(5), done.notified())
            .await
            .unwrap();
    }
}
