//! The AWS command line against the emulator.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tokio::process::Command;

/// How long one command may take; the sweep works for most of a minute.
const ANSWERED_WITHIN: Duration = Duration::from_secs(90);

/// Commands with the credentials of one principal.
#[derive(Clone)]
pub struct Aws {
    endpoint: String,
    pub(super) credentials: Vec<(&'static str, String)>,
    pub(super) client: reqwest::Client,
}

impl Aws {
    /// As the account's owner.
    #[must_use]
    pub fn new(endpoint: String) -> Self {
        let credentials = vec![
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ];
        Self {
            endpoint,
            credentials,
            client: super::signed::client(),
        }
    }

    /// Where the emulator listens.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The same as somebody with this role.
    ///
    /// # Errors
    /// When the role cannot be assumed.
    pub async fn assume(&self, role_arn: &str) -> Result<Self> {
        let given = self
            .ask(&[
                "sts",
                "assume-role",
                "--role-arn",
                role_arn,
                "--role-session-name",
                "test",
            ])
            .await?;
        let credential = |name: &str| {
            let value = given["Credentials"][name].as_str();
            Ok::<_, anyhow::Error>(value.with_context(|| format!("no {name}"))?.to_owned())
        };
        Ok(Self {
            endpoint: self.endpoint.clone(),
            client: self.client.clone(),
            credentials: vec![
                ("AWS_ACCESS_KEY_ID", credential("AccessKeyId")?),
                ("AWS_SECRET_ACCESS_KEY", credential("SecretAccessKey")?),
                ("AWS_SESSION_TOKEN", credential("SessionToken")?),
            ],
        })
    }

    /// One of its credentials, by the name of its variable; empty when it has
    /// none of that name.
    #[must_use]
    pub fn credential(&self, name: &str) -> String {
        let found = self.credentials.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Puts credentials and endpoint where programs look for them.
    pub fn environment(&self, command: &mut Command) {
        command
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_PAGER", "")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("AWS_PROFILE")
            .envs(self.credentials.iter().map(|(name, value)| (name, value)));
    }

    /// Runs one command and reads its answer.
    ///
    /// # Errors
    /// When it is refused; the error holds what it said.
    pub async fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let mut command = Command::new("aws");
        command
            .args(arguments)
            .args(["--output", "json"])
            .stdin(Stdio::null())
            .kill_on_drop(true);
        self.environment(&mut command);
        let output = tokio::time::timeout(ANSWERED_WITHIN, command.output())
            .await
            .with_context(|| format!("aws {arguments:?} did not end in {ANSWERED_WITHIN:?}"))?
            .context("run aws, the AWS command line")?;
        if !output.status.success() {
            bail!(
                "aws {} {}: {}",
                arguments[0],
                arguments[1],
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        if output.stdout.is_empty() {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}
