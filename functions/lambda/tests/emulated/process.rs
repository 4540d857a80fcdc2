//! A function's program, run as Lambda runs it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::request::{Response, Sent};
use super::runtime_api::{Outcome, RuntimeApi};

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program and what it is told.
pub struct Program {
    path: PathBuf,
    environment: HashMap<String, String>,
}

/// A program that runs, ended when it is dropped.
pub struct Function {
    api: RuntimeApi,
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reading: JoinHandle<()>,
}

impl Program {
    pub fn new(path: &str, environment: HashMap<String, String>) -> Self {
        Self {
            path: Path::new(path).to_owned(),
            environment,
        }
    }

    /// The same with another value of a variable; empty for none.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Starts it.
    pub async fn start(self) -> Function {
        let api = RuntimeApi::start().await;
        let mut child = Command::new(&self.path)
            .env_clear()
            .envs(&self.environment)
            .env("AWS_LAMBDA_FUNCTION_NAME", "function")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let kept = lines.clone();
        let reading = tokio::spawn(async move {
            while let Ok(Some(line)) = output.next_line().await {
                kept.lock().unwrap().push(line);
            }
        });
        Function {
            api,
            child,
            lines,
            reading,
        }
    }
}

impl Function {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    /// Waits until it asks for an invocation.
    pub async fn ready(&self) {
        let ready = tokio::time::timeout(PATIENCE, self.api.ready()).await;
        ready.expect("the function asks for no invocation");
    }

    /// Invokes it with any text.
    pub async fn invoke_text(&self, payload: &str, deadline: Duration) -> Outcome {
        let outcome = tokio::time::timeout(PATIENCE, self.api.invoke(payload, deadline)).await;
        outcome.unwrap_or_else(|_| panic!("no answer: {:?}", self.lines()))
    }

    /// Invokes it with a document.
    pub async fn invoke(&self, payload: &Value) -> Outcome {
        self.invoke_text(&payload.to_string(), Duration::from_secs(29))
            .await
    }

    /// Has it answer a request.
    pub async fn answer(&self, request: Sent) -> Response {
        let outcome = self.invoke(&request.event()).await;
        Response(outcome.unwrap_or_else(|error| panic!("{error}: {:?}", self.lines())))
    }

    /// What it wrote so far, line by line.
    pub fn lines(&self) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        let parsed = lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap_or(json!({"not json": line})));
        parsed.collect()
    }

    /// The line of the last request, which was written before its answer.
    pub async fn last_request(&self) -> Value {
        // The answer and the line take different ways here.
        let found = tokio::time::timeout(PATIENCE, async {
            loop {
                let lines = self.lines();
                if let Some(line) = lines
                    .into_iter()
                    .rev()
                    .find(|line| line["_aws"].is_object())
                {
                    return line;
                }
                tokio::task::yield_now().await;
            }
        });
        found.await.expect("no line about a request")
    }

    /// Waits until it has ended by itself.
    pub async fn ended(mut self) -> (ExitStatus, Vec<Value>) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = status.expect("the function goes on").unwrap();
        (&mut self.reading).await.unwrap();
        (status, self.lines())
    }
}
