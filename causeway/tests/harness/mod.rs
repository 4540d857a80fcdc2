//! Runs the program as a person would: arguments in, lines and exit code out.
#![allow(dead_code)] // each test uses a part of it

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

/// Longest wait for anything that the program does.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The program, with nothing of this process's own configuration.
pub(crate) fn causeway() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CAUSEWAY_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Runs to its end; what it printed and how it ended.
pub(crate) fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

/// Standard error of a finished run.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard output of a finished run.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A running `causeway up`; killed when dropped.
pub(crate) struct Up {
    child: Child,
    log: PathBuf,
    /// Where the portal is.
    pub(crate) url: String,
    /// Where the edge is.
    pub(crate) edge: String,
}

impl Up {
    /// Starts it on free loopback ports and waits for its ready line.
    pub(crate) fn start(data_dir: &Path, more: &[&str]) -> Self {
        let mut command = causeway();
        command.arg("up").arg("--data-dir").arg(data_dir);
        command
            .args(["--listen", "127.0.0.1:0", "--edge-listen", "127.0.0.1:0"])
            .args(more);
        Self::spawn(command, data_dir)
    }

    /// Starts a prepared command and waits for its ready line.
    pub(crate) fn spawn(mut command: Command, data_dir: &Path) -> Self {
        let log = data_dir.with_extension("log");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let lines = read_lines(child.stdout.take().unwrap());
        let ready = lines.recv_timeout(DEADLINE);
        let Some((url, edge)) = ready.as_deref().ok().and_then(parse_ready) else {
            child.kill().unwrap();
            panic!("no ready line but {ready:?}; it said:\n{}", read(&log));
        };
        Self {
            child,
            log,
            url,
            edge,
        }
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let started = Instant::now();
        while started.elapsed() < DEADLINE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("still running after SIGTERM; it said:\n{}", self.log());
    }

    /// What it logged.
    pub(crate) fn log(&self) -> String {
        read(&self.log)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // Already gone after `terminate`.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn read_lines(stream: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (to, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            if to.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn parse_ready(line: &str) -> Option<(String, String)> {
    let (url, edge) = line.strip_prefix("ready url=")?.split_once(" edge=")?;
    Some((url.to_owned(), edge.to_owned()))
}

/// A signed-in administrator.
pub(crate) struct Admin {
    client: reqwest::Client,
    url: String,
}

impl Admin {
    /// Signs in as `admin`.
    pub(crate) async fn sign_in(up: &Up, password: &str) -> Self {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .timeout(DEADLINE)
            .build()
            .unwrap();
        let admin = Self {
            client,
            url: up.url.clone(),
        };
        let credentials = json!({"username": "admin", "password": password});
        let (status, body) = admin.post("/api/v1/session", &credentials).await;
        assert_eq!(status, 200, "{body}");
        admin
    }

    /// `GET`: status and document.
    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.client.get(format!("{}{path}", self.url))).await
    }

    /// `POST`: status and document.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.client.post(format!("{}{path}", self.url)).json(body)).await
    }

    /// A new API token.
    pub(crate) async fn token(&self) -> String {
        let (status, body) = self
            .post("/api/v1/admin/tokens", &json!({"name": "test"}))
            .await;
        assert_eq!(status, 201, "{body}");
        body["token"].as_str().unwrap().to_owned()
    }
}

async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// The password that the program drew.
pub(crate) fn drawn_password(data_dir: &Path) -> String {
    std::fs::read_to_string(data_dir.join("admin-password"))
        .unwrap()
        .trim()
        .to_owned()
}
