//! What is served over HTTP, and by whom.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use causeway_fleet::{EDGE_CONNECT_PATH, EDGE_ORDERS_PATH};
use causeway_tunnel::{RequestId, TunnelStream};
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use uuid::Uuid;

use crate::refusal::Refused;
use crate::shared::Shared;
use crate::{connect, metrics, orders};

/// Names a request in the logs of all who handle it; taken over from whoever
/// is before us, drawn otherwise.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) type Answer = Response<Full<Bytes>>;

/// One HTTP connection: one request, and perhaps a session behind it.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) shared: Arc<Shared>,
    pub(crate) peer: SocketAddr,
    taken: Mutex<Option<Taken>>,
}

/// A browser that its node has taken, as soon as the answer is sent.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) stream: TunnelStream,
    pub(crate) span: tracing::Span,
}

impl Visit {
    pub(crate) const fn new(shared: Arc<Shared>, peer: SocketAddr) -> Self {
        Self {
            shared,
            peer,
            taken: Mutex::new(None),
        }
    }

    /// Keeps a session for the time after the answer.
    pub(crate) fn keep(&self, taken: Taken) {
        *self.taken.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
    }

    /// The session, if the request led to one.
    pub(crate) fn take(&self) -> Option<Taken> {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Answer, Infallible> {
        let request_id = request_id(&request);
        let answered = match request.uri().path() {
            EDGE_CONNECT_PATH => connect::answer(self, request, &request_id).await,
            EDGE_ORDERS_PATH => orders::answer(&self.shared, request).await,
            "/healthz" => read_only(&request, || text(StatusCode::OK, "ok\n")),
            "/readyz" => read_only(&request, || self.readiness()),
            "/metrics" => read_only(&request, || self.metrics()),
            _ => Err(Refused::NotFound),
        };
        let mut answer = answered.unwrap_or_else(|refused| self.refuse(&refused, &request_id));
        let upgraded = answer.status() == StatusCode::SWITCHING_PROTOCOLS;
        let headers = answer.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        // Said here and not by switching keep-alive off, which would add it to
        // the `Connection: Upgrade` of a 101 too: some browsers' sides refuse that.
        if !upgraded {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Ok(id) = HeaderValue::from_str(&request_id.to_string()) {
            headers.insert(REQUEST_ID, id);
        }
        Ok(answer)
    }

    fn refuse(&self, refused: &Refused, request_id: &RequestId) -> Answer {
        self.shared.metrics.refused(refused.metric());
        tracing::info!(%request_id, peer = %self.peer, code = refused.code(), "refused");
        refused.response()
    }

    fn readiness(&self) -> Answer {
        if self.shared.status.borrow().ready {
            text(StatusCode::OK, "ready\n")
        } else {
            text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }

    fn metrics(&self) -> Answer {
        let mut answer = Response::new(Full::from(
            self.shared.metrics.render(self.shared.tunnels.nodes()),
        ));
        answer
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(metrics::MEDIA_TYPE));
        answer
    }
}

fn read_only(
    request: &Request<Incoming>,
    answer: impl FnOnce() -> Answer,
) -> Result<Answer, Refused> {
    match *request.method() {
        Method::GET | Method::HEAD => Ok(answer()),
        _ => Err(Refused::Method("GET, HEAD")),
    }
}

fn text(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = Response::new(Full::from(text));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    answer
}

fn request_id(request: &Request<Incoming>) -> RequestId {
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok()?.parse().ok());
    given.unwrap_or_else(|| {
        Uuid::new_v4()
            .simple()
            .to_string()
            .parse()
            .expect("hexadecimal digits are a request id")
    })
}
