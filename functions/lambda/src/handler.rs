//! What a function does with an invocation that is a request.

use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::ConnectInfo;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use causeway_functions::problem::Problem;
use causeway_functions::{AboutConnection, App, Observed};
use http::response::Parts;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use tower::ServiceExt as _;
use url::form_urlencoded;

use crate::environment::Function;
use crate::event::{ANSWER_LENGTH_MAX, Answer, Event};
use crate::front_door::FrontDoor;
use crate::report::{self, Before};

/// How many items are asked for instead when a page is too long. One is always
/// short enough.
const LIMITS: [usize; 2] = [10, 1];
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// What a gateway's health check asks, past any front door.
const LIVENESS_PATH: &str = "/healthz";

/// Answers the requests of one function.
pub(crate) struct Handler {
    pub(crate) function: Function,
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) front_door: FrontDoor,
}

impl Handler {
    /// Answers `event`, the invocation `invocation`.
    pub(crate) async fn answer(&self, event: Event<'_>, invocation: &str) -> Answer {
        let (started, before) = (Instant::now(), Before::of(&self.app));
        let (method, response) = match self.respond(event, invocation).await {
            Ok((method, response)) => (method, response),
            Err(problem) => (String::new(), problem.into_response()),
        };
        let (parts, body) = carried(response).await;
        let observed = parts.extensions.get::<Observed>();
        let about = parts.extensions.get::<AboutConnection>();
        let request = report::Request {
            request_id: observed.map_or_else(
                || invocation.to_owned(),
                |observed| observed.request_id.clone(),
            ),
            method,
            route: observed.map_or_else(|| "none".to_owned(), |observed| observed.route.clone()),
            status: parts.status.as_u16(),
            connection: about.map(|AboutConnection(id)| id.to_string()),
            trace_id: observed.and_then(|observed| observed.trace_id.clone()),
        };
        report::request(
            &self.app,
            self.function,
            &before,
            &request,
            started.elapsed(),
        );
        Answer::new(&parts, &body)
    }

    async fn respond(
        &self,
        event: Event<'_>,
        invocation: &str,
    ) -> Result<(String, Response), Problem> {
        let source = event.source();
        let mut request = event.into_request()?;
        let method = request.method().to_string();
        if request.uri().path() != LIVENESS_PATH {
            let client = self.front_door.client(request.headers(), source).await?;
            if let Some(client) = client {
                request.extensions_mut().insert(ConnectInfo(client));
            }
        }
        // The id that Lambda's own log lines bear, unless the caller has one.
        if let Ok(id) = HeaderValue::from_str(invocation) {
            request.headers_mut().entry(REQUEST_ID).or_insert(id);
        }
        Ok((method, self.call(request).await))
    }

    /// Asks the router; of a page that cannot be carried, for a shorter one.
    /// Its cursor leads to the rest.
    async fn call(&self, request: Request<Body>) -> Response {
        let again = LIMITS.map(|limit| {
            let is_read = request.method() == Method::GET;
            is_read.then(|| shorter(&request, limit)).flatten()
        });
        let mut response = self.ask(request).await;
        for shorter in again.into_iter().flatten() {
            if !is_too_long(&response) {
                break;
            }
            response = self.ask(shorter).await;
        }
        response
    }

    async fn ask(&self, request: Request<Body>) -> Response {
        let Ok(response) = self.router.clone().oneshot(request).await;
        response
    }
}

/// Whether a whole answer, as lists are, is longer than can be carried.
fn is_too_long(response: &Response) -> bool {
    let length = response.body().size_hint().lower();
    length > ANSWER_LENGTH_MAX as u64
}

/// The same request for a list with at most `limit` items.
fn shorter(request: &Request<Body>, limit: usize) -> Option<Request<Body>> {
    let uri = request.uri();
    let query = uri.query().unwrap_or_default();
    let rest = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "limit");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(rest)
        .append_pair("limit", &limit.to_string())
        .finish();
    let mut shorter = Request::new(Body::empty());
    *shorter.uri_mut() = format!("{}?{query}", uri.path()).parse().ok()?;
    *shorter.headers_mut() = request.headers().clone();
    *shorter.extensions_mut() = request.extensions().clone();
    Some(shorter)
}

/// An answer as far as it can be carried, and a problem instead of what cannot.
async fn carried(response: Response) -> (Parts, Bytes) {
    let (parts, body) = response.into_parts();
    match to_bytes(body, ANSWER_LENGTH_MAX).await {
        Ok(body) => (parts, body),
        Err(error) => {
            tracing::error!(%error, "the answer is too long or broke off");
            let (mut instead, body) = too_long().into_response().into_parts();
            instead.extensions = parts.extensions;
            let body = to_bytes(body, ANSWER_LENGTH_MAX).await;
            (instead, body.unwrap_or_default())
        }
    }
}

fn too_long() -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "answer_too_large",
        "The answer is larger than can be carried. Ask for less at once.",
    )
}
