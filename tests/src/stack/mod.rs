//! The program under test, as processes.
//!
//! [`Stack::up`] is `causeway up` as people start it; [`Stack::split`] has
//! edges and nodes as processes of their own. Every port is 0 and told by the
//! ready line. What the stack serves is what [`Stack::endpoint`] is asked for.

mod api;
mod binary;
mod process;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) use api::entry;
pub use api::{Answer, Api, Launched};
pub use binary::binary;
pub use process::Process;

/// The first administrator's password in every stack.
pub const ADMIN_PASSWORD: &str = "marker-admin-password-4711";

/// Name of the outpost that split nodes join.
pub const SPLIT_OUTPOST: &str = "split";

/// Name of the outpost that the built-in node belongs to.
pub const BUILT_IN_OUTPOST: &str = "default";

/// A running stack. Dropping it ends all its processes.
pub struct Stack {
    /// `causeway up`.
    pub up: Process,
    /// Edges as processes of their own.
    pub edges: Vec<Process>,
    /// Nodes as processes of their own.
    pub nodes: Vec<Process>,
    /// Signed in as the administrator.
    pub admin: Api,
    directory: TempDir,
    outpost: &'static str,
    environment: Vec<(String, String)>,
}

impl Stack {
    /// Everything in one process.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn up() -> Result<Self> {
        Self::up_with(&[]).await
    }

    /// Everything in one process, with further arguments.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn up_with(arguments: &[&str]) -> Result<Self> {
        Self::up_in(&[], arguments).await
    }

    /// Everything in one process, with further variables in its environment.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn up_in(environment: &[(&str, &str)], arguments: &[&str]) -> Result<Self> {
        let directory = TempDir::with_prefix("causeway-stack-")?;
        let up = start_up(&directory, environment, arguments).await?;
        let admin = Api::sign_in(up.fact("url")?, "admin", ADMIN_PASSWORD).await?;
        Ok(Self {
            up,
            edges: Vec::new(),
            nodes: Vec::new(),
            admin,
            directory,
            outpost: BUILT_IN_OUTPOST,
            environment: environment
                .iter()
                .map(|(name, value)| owned(name, value))
                .collect(),
        })
    }

    /// A control plane, and so many edges and nodes as processes of their own.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn split(edges: usize, nodes: usize) -> Result<Self> {
        Self::split_in(&[], edges, nodes).await
    }

    /// The same with further variables in the environment of every process.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn split_in(
        environment: &[(&str, &str)],
        edges: usize,
        nodes: usize,
    ) -> Result<Self> {
        let mut stack = Self::up_in(environment, &[]).await?;
        stack
            .admin
            .create("outposts", json!({ "name": SPLIT_OUTPOST }))
            .await?;
        stack.outpost = SPLIT_OUTPOST;
        for number in 0..edges {
            stack.add_edge(number).await?;
        }
        for number in 0..nodes {
            stack.add_node(number, 200).await?;
        }
        Ok(stack)
    }

    /// Starts one more edge.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn add_edge(&mut self, number: usize) -> Result<()> {
        let token = self.join_token("edges/join").await?;
        let arguments = strings([
            "edge",
            "--control-plane",
            self.admin.base(),
            "--join-token",
            &token,
            "--data-dir",
            &self.path(&format!("edge-{number}")),
            "--listen",
            "127.0.0.1:0",
            "--name",
            &format!("edge-{number}"),
        ]);
        let log = self.log_path(&format!("edge-{number}"));
        let edge = Process::start(&arguments, &self.environment(), &log).await?;
        self.edges.push(edge);
        Ok(())
    }

    /// Starts one more node with a capacity.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn add_node(&mut self, number: usize, capacity: u32) -> Result<()> {
        let capacity = capacity.to_string();
        self.add_node_with(number, &["--capacity", &capacity]).await
    }

    /// Starts one more node with further arguments.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn add_node_with(&mut self, number: usize, further: &[&str]) -> Result<()> {
        let token = self
            .join_token(&format!("outposts/{SPLIT_OUTPOST}/join"))
            .await?;
        let name = format!("node-{number}");
        let node = self.join(&name, &token, further).await?;
        self.nodes.push(node);
        Ok(())
    }

    /// Ends `causeway up` as a power cut would and starts it again where it
    /// was: the same directory, the same ports.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart_up(&mut self) -> Result<()> {
        let listen = address_of(self.up.fact("url")?)?;
        let edge_listen = address_of(self.up.fact("edge")?)?;
        self.up.kill().await?;
        let data = self.path("up");
        let arguments = strings([
            "up",
            "--data-dir",
            &data,
            "--listen",
            &listen,
            "--edge-listen",
            &edge_listen,
        ]);
        let environment = [("CAUSEWAY_ADMIN_PASSWORD", ADMIN_PASSWORD)];
        self.up = Process::start(&arguments, &environment, &self.log_path("up-again")).await?;
        Ok(())
    }

    /// Starts a node process that joins with a token; the caller keeps it.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn join(&self, name: &str, token: &str, further: &[&str]) -> Result<Process> {
        let data = self.path(name);
        let mut arguments = strings([
            "outpost",
            "--join",
            self.admin.base(),
            "--token",
            token,
            "--data-dir",
            &data,
            "--name",
            name,
        ]);
        arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        Process::start(&arguments, &self.environment(), &self.log_path(name)).await
    }

    /// A one-time token: `edges/join` or `outposts/NAME/join`.
    ///
    /// # Errors
    /// When refused.
    pub async fn join_token(&self, what: &str) -> Result<String> {
        let body = self
            .admin
            .post(&format!("/api/v1/admin/{what}"), Value::Null)
            .await?
            .ok()?;
        Ok(body["token"].as_str().context("no join token")?.to_owned())
    }

    /// Makes an application `name` with a provider of the same name that the
    /// split nodes serve, or the built-in one when there are none.
    ///
    /// # Errors
    /// When refused.
    pub async fn application(&self, name: &str, provider: Value) -> Result<()> {
        let mut object = json!({ "name": name, "outposts": [self.outpost] });
        merge(&mut object, provider);
        self.admin.create("providers", object).await?;
        let application = json!({ "slug": name, "name": name, "provider": name });
        self.admin
            .create("applications", application)
            .await
            .map(drop)
    }

    /// Makes an SSH endpoint of the provider `provider`.
    ///
    /// # Errors
    /// When refused.
    pub async fn endpoint(
        &self,
        provider: &str,
        name: &str,
        host: SocketAddr,
        settings: Value,
    ) -> Result<String> {
        self.endpoint_with(
            provider,
            name,
            &host.to_string(),
            json!({ "settings": settings }),
        )
        .await
    }

    /// Makes an SSH endpoint with further fields.
    ///
    /// # Errors
    /// When refused.
    pub async fn endpoint_with(
        &self,
        provider: &str,
        name: &str,
        host: &str,
        fields: Value,
    ) -> Result<String> {
        let mut object = json!({
            "name": name, "provider": provider, "protocol": "ssh", "host": host, "maximum_connections": -1,
        });
        merge(&mut object, fields);
        self.admin.create("endpoints", object).await
    }

    /// Makes a user and signs in as them.
    ///
    /// # Errors
    /// When refused.
    pub async fn user(&self, username: &str, password: &str) -> Result<Api> {
        let object = json!({ "username": username, "name": username, "password": password });
        self.admin.create("users", object).await?;
        Api::sign_in(self.admin.base(), username, password).await
    }

    /// Every file that `causeway up` keeps.
    ///
    /// # Errors
    /// When its data directory cannot be read.
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let mut directories = vec![self.data_directory()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory)? {
                let path = entry?.path();
                if path.is_dir() {
                    directories.push(path)
                } else {
                    files.push(path)
                }
            }
        }
        Ok(files)
    }

    /// The data directory of `causeway up`.
    #[must_use]
    pub fn data_directory(&self) -> PathBuf {
        self.directory.path().join("up")
    }

    /// All that all processes have logged so far.
    #[must_use]
    pub fn logs(&self) -> String {
        let processes = std::iter::once(&self.up)
            .chain(&self.edges)
            .chain(&self.nodes);
        processes.map(Process::log).collect()
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        let variables = self.environment.iter();
        variables.map(|(name, value)| (&**name, &**value)).collect()
    }

    fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.directory.path().join(format!("{name}.stderr"))
    }
}

fn owned(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

async fn start_up(
    directory: &TempDir,
    environment: &[(&str, &str)],
    further: &[&str],
) -> Result<Process> {
    let data = directory.path().join("up").display().to_string();
    let mut arguments = strings([
        "up",
        "--data-dir",
        &data,
        "--listen",
        "127.0.0.1:0",
        "--edge-listen",
        "127.0.0.1:0",
    ]);
    arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
    let log = directory.path().join("up.stderr");
    let mut variables = vec![("CAUSEWAY_ADMIN_PASSWORD", ADMIN_PASSWORD)];
    variables.extend(environment);
    Process::start(&arguments, &variables, &log).await
}

/// `host:port` of a URL.
fn address_of(url: &str) -> Result<String> {
    let url = url::Url::parse(url)?;
    let host = url.host_str().context("no host")?;
    Ok(format!("{host}:{}", url.port().context("no port")?))
}

fn strings<const N: usize>(arguments: [&str; N]) -> Vec<String> {
    arguments.map(str::to_owned).to_vec()
}

fn merge(object: &mut Value, fields: Value) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields) {
        object.extend(fields);
    }
}
