//! Lambda's runtime API, of version 2018-06-01: hands out invocations one after
//! the other and takes their answers.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::{Mutex as Turn, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

/// What became of an invocation: the function's answer, or its error.
pub type Outcome = Result<Value, Value>;

/// Longest answer that Lambda takes, in bytes.
const ANSWER_BYTES_MAX: usize = 6 * 1024 * 1024;

/// A runtime API for one process.
pub struct RuntimeApi {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    next_id: AtomicU64,
    server: JoinHandle<()>,
}

struct Shared {
    ask: mpsc::UnboundedSender<Invocation>,
    asked: Turn<mpsc::UnboundedReceiver<Invocation>>,
    answers: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    ready: watch::Sender<bool>,
}

struct Invocation {
    id: String,
    payload: String,
    deadline: Duration,
}

impl RuntimeApi {
    pub async fn start() -> Self {
        let (ask, asked) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            ask,
            asked: Turn::new(asked),
            answers: Mutex::default(),
            ready: watch::Sender::new(false),
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route(
                "/2018-06-01/runtime/invocation/{id}/response",
                post(answered),
            )
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .layer(DefaultBodyLimit::max(ANSWER_BYTES_MAX))
            .with_state(shared.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self {
            address: listener.local_addr().unwrap(),
            shared,
            next_id: AtomicU64::new(1),
            server: tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }),
        }
    }

    /// Waits until the process has asked for its first invocation.
    pub async fn ready(&self) {
        let mut ready = self.shared.ready.subscribe();
        ready.wait_for(|ready| *ready).await.unwrap();
    }

    /// Invokes and waits for what becomes of it.
    pub async fn invoke(&self, payload: &str, deadline: Duration) -> Outcome {
        let id = format!(
            "invocation-{}",
            self.next_id.fetch_add(1, Ordering::Relaxed)
        );
        let (answer, answered) = oneshot::channel();
        self.shared
            .answers
            .lock()
            .unwrap()
            .insert(id.clone(), answer);
        let invocation = Invocation {
            id,
            payload: payload.to_owned(),
            deadline,
        };
        self.shared.ask.send(invocation).unwrap();
        answered.await.unwrap()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    shared.ready.send_replace(true);
    let Some(invocation) = shared.asked.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let deadline = (now + invocation.deadline).as_millis().to_string();
    let headers = [
        ("lambda-runtime-aws-request-id", invocation.id),
        ("lambda-runtime-deadline-ms", deadline),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-central-1:1:function:f".to_owned(),
        ),
    ];
    (headers, invocation.payload).into_response()
}

async fn answered(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> StatusCode {
    settle(&shared, &id, Ok(serde_json::from_slice(&body).unwrap()))
}

async fn failed(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> StatusCode {
    settle(&shared, &id, Err(serde_json::from_slice(&body).unwrap()))
}

fn settle(shared: &Shared, id: &str, outcome: Outcome) -> StatusCode {
    let waiting = shared.answers.lock().unwrap().remove(id);
    match waiting {
        Some(waiting) => {
            let _ = waiting.send(outcome);
            StatusCode::ACCEPTED
        }
        None => StatusCode::BAD_REQUEST,
    }
}
