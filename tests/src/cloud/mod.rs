//! The real templates with the real functions on an emulated cloud.
//!
//! [`Cloud::deploy`] starts ministack, which enforces the functions' roles, and
//! runs `infra/deploy` against it, as people do, then a front door before it (what
//! CloudFront is in the cloud). [`Cloud::on_localstack`] has `localstack/deploy` do
//! all of that, as people do on one machine. Everything of one test listens on a
//! loopback address of its own, so that ports are known beforehand and taken by
//! nobody.
//!
//! Needs the emulator (`localstack/install`), the AWS command line, and the
//! functions' programs beside the program under test.

mod command;
mod decisions;
mod emulator;
mod rights;
mod signed;
mod task_agent;
mod twin;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::stack::{Api, Process, binary};

pub use command::Aws;
pub use decisions::Decision;
pub use rights::{Grant, Right, Role, matches};
pub use signed::Said;
pub use task_agent::TaskAgent;
pub use twin::Twin;

/// What the names of all resources begin with.
pub const NAME: &str = "causeway";

/// What the emulator logs, in the folder of the deployment.
const LOG: &str = "emulator.log";
/// What it was asked by roles, and decided.
const DECISIONS: &str = "decisions.jsonl";

/// How long the front door may take to open.
const DOOR_WITHIN: Duration = Duration::from_secs(30);
/// How long a deployment may take.
const DEPLOYED_WITHIN: Duration = Duration::from_secs(420);

/// A deployment. Dropping it ends everything of it.
pub struct Cloud {
    /// Where people and members reach it.
    pub url: String,
    /// The command line, as the account's owner.
    pub aws: Aws,
    outputs: Value,
    directory: TempDir,
    _front_door: Child,
    _emulator: Child,
}

impl Cloud {
    /// Starts the emulator and deploys to it.
    ///
    /// # Errors
    /// When something is missing or does not come up; the error tells what was
    /// said last.
    pub async fn deploy() -> Result<Self> {
        let directory = TempDir::with_prefix("causeway-cloud-")?;
        let address = own_address();
        let aws = Aws::new(format!("http://{address}:4566"));
        let url = format!("http://{address}:8080");
        let emulator = emulator::ministack(&aws, &address, directory.path()).await?;
        deploy(&aws, &url, directory.path()).await?;
        let outputs = outputs(&aws).await?;
        let mut cloud = Self {
            _front_door: start_front_door(&aws, &address, &outputs).await?,
            url,
            aws,
            outputs,
            directory,
            _emulator: emulator,
        };
        cloud.url = cloud.output("PortalUrl")?;
        Ok(cloud)
    }

    /// Starts LocalStack, deploys to it and writes the seed's objects. It has no
    /// HTTP API: its front door leads to Function URLs.
    ///
    /// # Errors
    /// As [`Self::deploy`].
    pub async fn on_localstack() -> Result<Self> {
        let directory = TempDir::with_prefix("causeway-localstack-")?;
        let address = own_address();
        let aws = Aws::new(format!("http://{address}:4566"));
        let door = format!("{address}:8080");
        let emulator = emulator::localstack(&aws, &address, &door, directory.path()).await?;
        let front_door = deploy_by_script(&aws, &door, directory.path()).await?;
        let outputs = outputs(&aws).await?;
        Ok(Self {
            url: output(&outputs, "PortalUrl")?,
            aws,
            outputs,
            directory,
            _front_door: front_door,
            _emulator: emulator,
        })
    }

    /// An output of the stack.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn output(&self, name: &str) -> Result<String> {
        output(&self.outputs, name)
    }

    /// Signs in as the first administrator, with the password from where the
    /// deployment says that it is.
    ///
    /// # Errors
    /// When refused.
    pub async fn first_sign_in(&self) -> Result<Api> {
        let secret = self.output("FirstSignIn")?;
        let found = self
            .aws
            .ask(&["secretsmanager", "get-secret-value", "--secret-id", &secret])
            .await?;
        let password = found["SecretString"].as_str().context("no password")?;
        Api::sign_in(&self.url, "admin", password).await
    }

    /// Starts an edge or a node that joins this control plane from outside.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn member(&self, name: &str, arguments: &[&str]) -> Result<Process> {
        self.member_with(name, arguments, &[]).await
    }

    /// The same with more in its environment.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn member_with(
        &self,
        name: &str,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> Result<Process> {
        let data = self.path(name).display().to_string();
        let mut all: Vec<String> = arguments.iter().map(|&one| one.to_owned()).collect();
        all.extend([
            "--data-dir".to_owned(),
            data,
            "--name".to_owned(),
            name.to_owned(),
        ]);
        let environment: Vec<_> = environment
            .iter()
            .map(|(name, value)| (*name, &**value))
            .collect();
        let log = self.path(&format!("{name}.stderr"));
        Process::start(&all, &environment, &log).await
    }

    /// Takes the notes away that say whom administrators removed.
    ///
    /// # Errors
    /// When the table is not to be read or written.
    pub async fn forget_removals(&self) -> Result<()> {
        let found = self
            .aws
            .ask(&[
                "dynamodb",
                "scan",
                "--table-name",
                NAME,
                "--filter-expression",
                "begins_with(pk, :removed)",
                "--expression-attribute-values",
                r#"{":removed":{"S":"ONCE#removed-member#"}}"#,
                "--projection-expression",
                "pk, sk",
            ])
            .await?;
        for key in found["Items"].as_array().context("no items")? {
            let key = key.to_string();
            let delete = [
                "dynamodb",
                "delete-item",
                "--table-name",
                NAME,
                "--key",
                &key,
            ];
            self.aws.ask(&delete).await?;
        }
        Ok(())
    }

    /// Ends the schedule that invokes a function, and the invocation that runs.
    ///
    /// # Errors
    /// When it cannot be ended.
    pub async fn end_schedule(&self, function: &str) -> Result<()> {
        let name = format!("{NAME}-{function}");
        let rule = json!({ "Name": name });
        let said = self.aws.json("events", "AWSEvents.DisableRule", &rule);
        said.await?.ok()?;
        // The emulator ends a function's processes when it is configured.
        let path = format!("/2015-03-31/functions/{name}/configuration");
        let same = json!({ "Timeout": 60 });
        let said = self.aws.rest("lambda", http::Method::PUT, &path, &same);
        said.await?.ok().map(drop)
    }

    /// The role of a function.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn role(&self, function: &str) -> Result<Role> {
        Role::read(&self.aws, &format!("{NAME}-{function}"), function).await
    }

    /// What every role was allowed and refused so far.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn decisions(&self) -> Result<Vec<Decision>> {
        Decision::read(&self.path(DECISIONS))
    }

    /// What the emulator has logged, functions' output with it.
    #[must_use]
    pub fn emulator_log(&self) -> String {
        std::fs::read_to_string(self.path(LOG)).unwrap_or_default()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}

/// A loopback address that no other process of the tests has.
fn own_address() -> String {
    let pid = std::process::id();
    format!(
        "127.{}.{}.{}",
        64 + (pid >> 16) % 128,
        (pid >> 8) & 0xff,
        (pid & 0xff).max(1)
    )
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The functions' programs.
fn functions() -> Result<PathBuf> {
    match std::env::var_os("CAUSEWAY_FUNCTIONS") {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => Ok(binary()?.parent().context("no folder")?.to_owned()),
    }
}

async fn deploy(aws: &Aws, url: &str, directory: &Path) -> Result<()> {
    let mut command = Command::new(root().join("infra/deploy"));
    command
        .args(["--no-web", "--public-url", url, "--work"])
        .arg(directory.join("work"))
        .arg("--functions")
        .arg(functions()?)
        .arg("KeyDeletionDays=7")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    aws.environment(&mut command);
    let output = tokio::time::timeout(DEPLOYED_WITHIN, command.output())
        .await
        .with_context(|| format!("not deployed within {DEPLOYED_WITHIN:?}"))??;
    if !output.status.success() {
        bail!(
            "infra/deploy failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// Runs `localstack/deploy`, which stays: it keeps the front door open.
async fn deploy_by_script(aws: &Aws, door: &str, directory: &Path) -> Result<Child> {
    let said = directory.join("deploy.stderr");
    let mut command = Command::new(root().join("localstack/deploy"));
    command
        .args(["--no-api", "--seed", "--work"])
        .arg(directory.join("work"))
        .arg("--functions")
        .arg(functions()?)
        .arg("KeyDeletionDays=7")
        .env("FRONT_DOOR_LISTEN", door)
        .env("CAUSEWAY_BINARY", binary()?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&said)?)
        .kill_on_drop(true);
    aws.environment(&mut command);
    let mut script = command.spawn()?;
    let mut lines = BufReader::new(script.stdout.take().context("no output")?).lines();
    let open = async {
        while let Some(line) = lines.next_line().await? {
            if line.starts_with("the portal is at ") {
                return Ok(());
            }
        }
        bail!("it ended")
    };
    let open = tokio::time::timeout(DEPLOYED_WITHIN, open)
        .await
        .with_context(|| format!("not deployed within {DEPLOYED_WITHIN:?}"));
    if let Err(error) = open.flatten() {
        let said = std::fs::read_to_string(said).unwrap_or_default();
        return Err(error.context(format!("localstack/deploy failed: {said}")));
    }
    Ok(script)
}

async fn start_front_door(aws: &Aws, address: &str, outputs: &Value) -> Result<Child> {
    let mut command = Command::new(root().join("localstack/front-door"));
    command
        .args([
            "--listen",
            &format!("{address}:8080"),
            "--emulator",
            aws.endpoint(),
        ])
        .args(["--api-id", &output(outputs, "ApiId")?])
        .args(["--secret-id", &output(outputs, "OriginSecret")?])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    aws.environment(&mut command);
    let mut door = command.spawn()?;
    let mut lines = BufReader::new(door.stdout.take().context("no output")?).lines();
    let ready = tokio::time::timeout(DOOR_WITHIN, lines.next_line()).await??;
    ready.context("the front door did not open")?;
    Ok(door)
}

async fn outputs(aws: &Aws) -> Result<Value> {
    let described = aws
        .ask(&["cloudformation", "describe-stacks", "--stack-name", NAME])
        .await?;
    Ok(described["Stacks"][0]["Outputs"].clone())
}

fn output(outputs: &Value, name: &str) -> Result<String> {
    let outputs = outputs.as_array().context("the stack has no outputs")?;
    let found = outputs.iter().find(|output| output["OutputKey"] == name);
    let value = found.and_then(|output| output["OutputValue"].as_str());
    Ok(value
        .with_context(|| format!("the stack has no output {name}"))?
        .to_owned())
}
