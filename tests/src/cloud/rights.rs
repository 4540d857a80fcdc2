//! What a function may do, and less than that.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Aws;

/// The role of a function with the policy that it was deployed with.
pub struct Role {
    aws: Aws,
    name: String,
    policy_name: String,
    policy: Value,
}

/// A right that a function does not have at the moment.
#[must_use = "it is to be given back"]
pub struct Taken<'a>(&'a Role);

impl Role {
    pub(super) async fn read(aws: &Aws, name: &str, policy_name: &str) -> Result<Self> {
        let found = aws
            .ask(&[
                "iam",
                "get-role-policy",
                "--role-name",
                name,
                "--policy-name",
                policy_name,
            ])
            .await?;
        let policy = match &found["PolicyDocument"] {
            Value::String(text) => serde_json::from_str(text)?,
            document => document.clone(),
        };
        Ok(Self {
            aws: aws.clone(),
            name: name.to_owned(),
            policy_name: policy_name.to_owned(),
            policy,
        })
    }

    /// Its ARN.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn arn(&self) -> Result<String> {
        let found = self
            .aws
            .ask(&["iam", "get-role", "--role-name", &self.name])
            .await?;
        Ok(found["Role"]["Arn"].as_str().context("no ARN")?.to_owned())
    }

    /// Takes one action out of the statement `sid`.
    ///
    /// # Errors
    /// When the role has no such right, or it cannot be taken.
    pub async fn without(&self, sid: &str, action: &str) -> Result<Taken<'_>> {
        self.take(sid, "Action", |one| one == action)
            .await
            .with_context(|| format!("no right to {action}"))
    }

    /// Takes the resources whose ARN contains `part` out of the statement `sid`.
    ///
    /// # Errors
    /// When the statement names no such resource, or it cannot be taken.
    pub async fn without_resource(&self, sid: &str, part: &str) -> Result<Taken<'_>> {
        self.take(sid, "Resource", |one| one.contains(part))
            .await
            .with_context(|| format!("no right to {part}"))
    }

    /// Takes what `is_taken` says out of a list of the statement `sid`, and the
    /// statement with the last of it.
    async fn take(
        &self,
        sid: &str,
        list: &str,
        is_taken: impl Fn(&str) -> bool,
    ) -> Result<Taken<'_>> {
        let mut policy = self.policy.clone();
        let statements = policy["Statement"]
            .as_array_mut()
            .context("no statements")?;
        let position = statements
            .iter()
            .position(|statement| statement["Sid"] == sid)
            .with_context(|| format!("{} has no statement {sid}", self.name))?;
        let listed = match statements[position][list].take() {
            Value::Array(listed) => listed,
            one => vec![one],
        };
        let is_kept = |one: &&Value| !one.as_str().is_some_and(&is_taken);
        let left: Vec<_> = listed.iter().filter(is_kept).cloned().collect();
        ensure!(
            left.len() < listed.len(),
            "{} has no such {list} in {sid}",
            self.name
        );
        if left.is_empty() {
            statements.remove(position);
        } else {
            statements[position][list] = Value::Array(left);
        }
        self.put(&policy).await?;
        Ok(Taken(self))
    }

    async fn put(&self, policy: &Value) -> Result<()> {
        self.aws
            .ask(&[
                "iam",
                "put-role-policy",
                "--role-name",
                &self.name,
                "--policy-name",
                &self.policy_name,
                "--policy-document",
                &policy.to_string(),
            ])
            .await
            .map(drop)
    }
}

impl Taken<'_> {
    /// Gives the right back.
    ///
    /// # Errors
    /// When it cannot be given.
    pub async fn give_back(self) -> Result<()> {
        self.0.put(&self.0.policy).await
    }
}
