//! What is beside a container in ECS: an agent that tells the credentials of the
//! task's role, to whoever shows its authorization, and takes wishes for the
//! protection of the task.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::Aws;

const AUTHORIZATION: &str = "shown-by-the-task";
const HEAD_BYTES_MAX: usize = 16 * 1024;
const BODY_BYTES_MAX: usize = 4 * 1024;

/// The agent of one task. Dropping it ends it.
pub struct TaskAgent {
    url: String,
    wishes: watch::Receiver<Vec<Value>>,
    _serving: AbortOnDropHandle<()>,
}

impl TaskAgent {
    /// An agent that tells the credentials of `role`.
    ///
    /// # Errors
    /// When it cannot listen.
    pub async fn start(role: &Aws) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let credential = |name| role.credential(name);
        let told = json!({
            "RoleArn": "arn:aws:iam::000000000000:role/told-by-the-agent",
            "AccessKeyId": credential("AWS_ACCESS_KEY_ID"),
            "SecretAccessKey": credential("AWS_SECRET_ACCESS_KEY"),
            "Token": credential("AWS_SESSION_TOKEN"),
            "Expiration": "2099-01-01T00:00:00Z",
        });
        let (tell, wishes) = watch::channel(Vec::new());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Whoever asks something else has no answer, and fails by that.
                let _ = answer(stream, &told, &tell).await;
            }
        });
        Ok(Self {
            url,
            wishes,
            _serving: AbortOnDropHandle::new(serving),
        })
    }

    /// What ECS puts into the environment of a task.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            (
                "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                format!("{}/credentials", self.url),
            ),
            (
                "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                AUTHORIZATION.to_owned(),
            ),
            ("ECS_AGENT_URI", format!("{}/api/v1", self.url)),
        ]
    }

    /// Waits until the last wish is that the task be protected, or not.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn is_protected(&self, wanted: bool, within: Duration) -> Result<()> {
        let mut wishes = self.wishes.clone();
        let is_so = |wishes: &Vec<Value>| {
            let last = wishes.last();
            last.map_or(!wanted, |last| last["ProtectionEnabled"] == wanted)
        };
        let waited = tokio::time::timeout(within, wishes.wait_for(is_so)).await;
        let told = || format!("protected: not {wanted}, but {:?}", self.wishes.borrow());
        waited.with_context(told)?.with_context(told).map(drop)
    }
}

async fn answer(
    mut stream: TcpStream,
    told: &Value,
    tell: &watch::Sender<Vec<Value>>,
) -> Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(head.len() < HEAD_BYTES_MAX, "too long");
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head)?;
    let header = |wanted: &str| {
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    let document = if head.starts_with("GET /credentials ") {
        ensure!(header("authorization") == Some(AUTHORIZATION), "not shown");
        told.clone()
    } else if head.starts_with("PUT /api/v1/task-protection/v1/state ") {
        let length: usize = header("content-length").context("no length")?.parse()?;
        ensure!(length <= BODY_BYTES_MAX, "too long");
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await?;
        let wish: Value = serde_json::from_slice(&body)?;
        tell.send_modify(|wishes| wishes.push(wish.clone()));
        json!({ "protection": wish })
    } else {
        bail!("asked for {head}");
    };
    let body = document.to_string();
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    Ok(stream.write_all(answer.as_bytes()).await?)
}
