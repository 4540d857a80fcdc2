//! What a function may do, and less than that.

use std::fmt;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Aws;

/// The role of a function with the policy that it was deployed with.
pub struct Role {
    aws: Aws,
    name: String,
    policy: Value,
}

/// One action on one resource, as a statement allows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Right {
    /// Name of the statement.
    pub statement: String,
    /// The action, e.g. `dynamodb:PutItem`.
    pub action: String,
    /// ARN of the resource, or a pattern that begins one.
    pub resource: String,
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            statement,
            action,
            resource,
        } = self;
        write!(f, "{statement}: {action} on {resource}")
    }
}

impl Right {
    /// Whether a resource is one that it is for.
    #[must_use]
    pub fn is_for(&self, resource: &str) -> bool {
        match self.resource.split_once('*') {
            Some((beginning, _)) => resource.starts_with(beginning),
            None => resource == self.resource,
        }
    }
}

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
            policy,
        })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All that it may do, as it was deployed.
    #[must_use]
    pub const fn policy(&self) -> &Value {
        &self.policy
    }

    /// The credentials of somebody with this role.
    ///
    /// # Errors
    /// When it cannot be assumed.
    pub async fn assume(&self) -> Result<Aws> {
        let found = self
            .aws
            .ask(&["iam", "get-role", "--role-name", &self.name])
            .await?;
        let arn = found["Role"]["Arn"].as_str().context("no ARN")?;
        self.aws.assume(arn).await
    }

    /// Every action on every resource of every statement.
    ///
    /// # Errors
    /// When a statement has no name, or is none of the kind that roles have here.
    pub fn rights(&self) -> Result<Vec<Right>> {
        let mut rights = Vec::new();
        for statement in statements(&self.policy)? {
            let name = statement["Sid"].as_str();
            let name = name.with_context(|| format!("a statement without a name: {statement}"))?;
            for action in texts(&statement["Action"])? {
                for resource in texts(&statement["Resource"])? {
                    rights.push(Right {
                        statement: name.to_owned(),
                        action: action.to_owned(),
                        resource: resource.to_owned(),
                    });
                }
            }
        }
        Ok(rights)
    }

    /// The partitions of the table that it may write, as patterns.
    ///
    /// # Errors
    /// When a condition is none of the kind that roles have here.
    pub fn partitions(&self) -> Result<Vec<&str>> {
        let mut all = Vec::new();
        for statement in statements(&self.policy)? {
            let keys = &statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"];
            if !keys.is_null() {
                all.extend(texts(keys)?);
            }
        }
        Ok(all)
    }

    /// Its policy without one right: the statement falls into those that allow
    /// the rest.
    ///
    /// # Errors
    /// As [`Self::rights`].
    pub fn without(&self, right: &Right) -> Result<Value> {
        let mut left = Vec::new();
        for statement in statements(&self.policy)? {
            if statement["Sid"] != *right.statement {
                left.push(statement.clone());
                continue;
            }
            let actions = texts(&statement["Action"])?;
            let resources = texts(&statement["Resource"])?;
            let other = |list: &[&str], one: &str| {
                let others = list.iter().filter(|text| **text != one);
                others.map(|text| Value::from(*text)).collect::<Vec<_>>()
            };
            let other_actions = other(&actions, &right.action);
            let other_resources = other(&resources, &right.resource);
            if !other_actions.is_empty() {
                let mut rest = statement.clone();
                rest["Action"] = other_actions.into();
                left.push(rest);
            }
            if !other_resources.is_empty() {
                let mut rest = statement.clone();
                rest["Sid"] = format!("{}Elsewhere", right.statement).into();
                rest["Action"] = right.action.clone().into();
                rest["Resource"] = other_resources.into();
                left.push(rest);
            }
        }
        let mut policy = self.policy.clone();
        policy["Statement"] = left.into();
        Ok(policy)
    }
}

fn statements(policy: &Value) -> Result<&Vec<Value>> {
    policy["Statement"].as_array().context("no statements")
}

/// A text or a list of texts.
fn texts(value: &Value) -> Result<Vec<&str>> {
    match value {
        Value::Array(all) => {
            let texts = all.iter().map(|one| one.as_str().context("no text"));
            texts.collect()
        }
        one => Ok(vec![
            one.as_str().with_context(|| format!("no text: {one}"))?,
        ]),
    }
}
