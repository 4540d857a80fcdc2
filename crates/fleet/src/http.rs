//! The control plane over HTTP.
//!
//! One request a call, signed by the member, with a named deadline over the
//! whole of it and a limit on the answer. Nothing is retried here: who calls
//! knows when and how often, and [`CallError::retry_can_help`] says whether.

use std::time::Duration;

use async_trait::async_trait;
use bytes::BytesMut;
use causeway_model::trace_context::TRACEPARENT;
use causeway_telemetry::{TARGET, note_failed};
use causeway_trust::request::{RequestSignature, SignedParts};
use causeway_trust::{MemberId, SigningKey};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use url::Url;

use crate::contract::{
    CLAIM_PATH, Claim, Claimed, ENROL_PATH, EnrolRequest, Enrolled, HEARTBEAT_PATH, Heartbeat,
    HeartbeatAnswer, REPORT_PATH, Report, ReportAnswer,
};
use crate::control_plane::ControlPlane;
use crate::error::CallError;
use crate::identity::Identity;
use crate::problem::Problem;

/// Deadline for a connection to the control plane.
pub const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// Deadline for enrolment.
pub const ENROL_DEADLINE: Duration = Duration::from_secs(10);
/// Deadline for a heartbeat.
pub const HEARTBEAT_DEADLINE: Duration = Duration::from_secs(5);
/// Deadline for a claim: a person is waiting.
pub const CLAIM_DEADLINE: Duration = Duration::from_secs(5);
/// Deadline for a report.
pub const REPORT_DEADLINE: Duration = Duration::from_secs(5);
/// Longest answer that is read, in bytes.
pub const ANSWER_LEN_MAX: usize = 4 * 1024 * 1024;
/// How long an unused connection is kept for the next call.
const IDLE_KEPT: Duration = Duration::from_secs(90);

/// The settings that every client of the control plane starts from; add roots
/// of trust if it needs them, then build.
pub fn client_builder() -> reqwest::ClientBuilder {
    Client::builder()
        .connect_timeout(CONNECT_DEADLINE)
        .pool_idle_timeout(IDLE_KEPT)
        .tcp_nodelay(true)
        .redirect(Policy::none())
        .user_agent(concat!("causeway/", env!("CARGO_PKG_VERSION")))
}

/// Becomes a member: the one call without a signature. Not to be repeated
/// after [`CallError::Deadline`] with the same token, which may be used up.
///
/// # Errors
/// See [`CallError`].
pub async fn enrol(
    client: &Client,
    control_plane: &Url,
    request: &EnrolRequest,
) -> Result<Enrolled, CallError> {
    let url = at(control_plane, ENROL_PATH)?;
    let body = serde_json::to_vec(request).map_err(|error| CallError::Unmade(error.to_string()))?;
    let request = client
        .post(url)
        .header(CONTENT_TYPE, "application/json")
        .body(body);
    call("enrol", ENROL_DEADLINE, request).await
}

/// The control plane of one member, over HTTP.
#[derive(Debug, Clone)]
pub struct HttpControlPlane {
    client: Client,
    control_plane: Url,
    member: MemberId,
    key: SigningKey,
}

impl HttpControlPlane {
    /// Speaks in the name of `identity` through `client`, see
    /// [`client_builder`].
    #[must_use]
    pub fn new(client: Client, identity: &Identity) -> Self {
        Self {
            client,
            control_plane: identity.control_plane.clone(),
            member: identity.member,
            key: identity.key.clone(),
        }
    }

    async fn post<Q: Serialize + Sync, A: DeserializeOwned>(
        &self,
        name: &'static str,
        path: &str,
        deadline: Duration,
        document: &Q,
    ) -> Result<A, CallError> {
        let url = at(&self.control_plane, path)?;
        let body =
            serde_json::to_vec(document).map_err(|error| CallError::Unmade(error.to_string()))?;
        let parts = SignedParts {
            method: "POST",
            path: url.path(),
            body: &body,
        };
        let signature = RequestSignature::sign(&self.key, self.member, &parts, Timestamp::now());
        let request = self
            .client
            .post(url)
            .header(AUTHORIZATION, signature.to_string())
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        call(name, deadline, request).await
    }

    /// The same as a part of the trace that the caller is in; the control plane
    /// goes on with it.
    async fn post_traced<Q: Serialize + Sync, A: DeserializeOwned>(
        &self,
        name: &'static str,
        path: &str,
        deadline: Duration,
        document: &Q,
    ) -> Result<A, CallError> {
        // A call that belongs to nobody's trace begins none of its own.
        if causeway_telemetry::current().is_none() {
            return self.post(name, path, deadline, document).await;
        }
        let span = self.span(path);
        let answer = self
            .post(name, path, deadline, document)
            .instrument(span.clone())
            .await;
        if let Err(error) = &answer {
            note(&span, error);
        }
        answer
    }

    /// A client's span (semantic conventions for HTTP).
    fn span(&self, path: &str) -> Span {
        tracing::info_span!(
            target: TARGET,
            "call",
            otel.name = format!("POST {path}"),
            otel.kind = "client",
            otel.status_code = Empty,
            http.request.method = "POST",
            http.response.status_code = Empty,
            url.template = path,
            server.address = self.control_plane.host_str(),
            server.port = self.control_plane.port_or_known_default(),
            error.type = Empty,
        )
    }
}

fn note(span: &Span, error: &CallError) {
    let kind = match error {
        CallError::Refused { problem } => problem.code.as_str(),
        CallError::Unreachable(_) => "unreachable",
        CallError::Deadline { .. } => "deadline",
        CallError::Unreadable(_) | CallError::Unmade(_) => "invalid",
    };
    note_failed(span, error.status(), kind);
}

#[async_trait]
impl ControlPlane for HttpControlPlane {
    async fn heartbeat(&self, heartbeat: &Heartbeat) -> Result<HeartbeatAnswer, CallError> {
        self.post("heartbeat", HEARTBEAT_PATH, HEARTBEAT_DEADLINE, heartbeat)
            .await
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed, CallError> {
        self.post_traced("claim", CLAIM_PATH, CLAIM_DEADLINE, claim)
            .await
    }

    async fn report(&self, report: &Report) -> Result<ReportAnswer, CallError> {
        self.post_traced("report", REPORT_PATH, REPORT_DEADLINE, report)
            .await
    }
}

/// The path below the control plane's base URL, which may have one of its own.
fn at(control_plane: &Url, path: &str) -> Result<Url, CallError> {
    let base = control_plane.as_str().trim_end_matches('/');
    Url::parse(&format!("{base}{path}")).map_err(|error| CallError::Unmade(error.to_string()))
}

async fn call<A: DeserializeOwned>(
    call: &'static str,
    deadline: Duration,
    request: RequestBuilder,
) -> Result<A, CallError> {
    let request = match causeway_telemetry::current() {
        Some(here) => request.header(TRACEPARENT, here.to_string()),
        None => request,
    };
    let answer = async { read(request.send().await.map_err(unreachable)?).await };
    match within(deadline, answer).await {
        Some(answer) => answer,
        None => Err(CallError::Deadline { call, deadline }),
    }
}

async fn within<T>(deadline: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(deadline, work).await.ok()
}

/// The URL is in the span of whoever calls; the error needs not repeat it.
fn unreachable(error: reqwest::Error) -> CallError {
    CallError::Unreachable(error.without_url())
}

async fn read<A: DeserializeOwned>(mut response: Response) -> Result<A, CallError> {
    let status = response.status();
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_LEN_MAX {
            return Err(CallError::Unreadable(format!(
                "more than {ANSWER_LEN_MAX} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    if status.is_success() {
        // The message of serde_json may quote the answer, which may be secret.
        return serde_json::from_slice(&body).map_err(|error| {
            CallError::Unreadable(format!(
                "{:?} at line {} column {}",
                error.classify(),
                error.line(),
                error.column()
            ))
        });
    }
    Err(refusal(status.as_u16(), &body))
}

/// A refusal without a problem document comes from something in between, such
/// as a proxy.
fn refusal(status: u16, body: &[u8]) -> CallError {
    let problem = match serde_json::from_slice::<Problem>(body) {
        Ok(problem) => Problem { status, ..problem },
        Err(_) => Problem::new(
            status,
            "http_status",
            "Not an answer of the control plane",
            "",
        ),
    };
    CallError::Refused {
        problem: Box::new(problem),
    }
}
