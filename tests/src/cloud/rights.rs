//! What a function may do, and less than that.

use std::fmt;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{Aws, Decision};

/// Where the condition on partitions is in a statement (RFC 6901).
const PARTITIONS: &str = "/Condition/ForAllValues:StringLike/dynamodb:LeadingKeys";
/// What is asked for to write an item.
const WRITES: [&str; 3] = [
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
];

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

/// What can be taken away from a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// One right.
    Right(Right),
    /// All writing of partitions of the table, by their pattern.
    Partition(String),
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Right(right) => right.fmt(f),
            Self::Partition(pattern) => write!(f, "writing {pattern}"),
        }
    }
}

impl Grant {
    /// Whether it is what somebody was refused.
    #[must_use]
    pub fn is_for(&self, refused: &Decision) -> bool {
        match self {
            Self::Right(right) => {
                refused.action == right.action && matches(&right.resource, &refused.resource)
            }
            Self::Partition(pattern) => {
                let partition = refused.partition();
                WRITES.contains(&&*refused.action)
                    && partition.is_some_and(|partition| matches(pattern, partition))
            }
        }
    }
}

/// Whether a text is what a pattern of a policy says: with a star at its end,
/// or without.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        Some((beginning, _)) => text.starts_with(beginning),
        None => text == pattern,
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
            if let Some(patterns) = statement.pointer(PARTITIONS) {
                all.extend(texts(patterns)?);
            }
        }
        Ok(all)
    }

    /// All that can be taken away from it.
    ///
    /// # Errors
    /// As [`Self::rights`] and [`Self::partitions`].
    pub fn grants(&self) -> Result<Vec<Grant>> {
        let rights = self.rights()?.into_iter().map(Grant::Right);
        let partitions = self.partitions()?.into_iter();
        let partitions = partitions.map(|pattern| Grant::Partition(pattern.to_owned()));
        Ok(rights.chain(partitions).collect())
    }

    /// Its policy without one of them.
    ///
    /// # Errors
    /// As [`Self::grants`].
    pub fn without(&self, grant: &Grant) -> Result<Value> {
        match grant {
            Grant::Right(right) => self.without_right(right),
            Grant::Partition(pattern) => self.without_partition(pattern),
        }
    }

    fn without_partition(&self, pattern: &str) -> Result<Value> {
        let mut left = statements(&self.policy)?.clone();
        for statement in &mut left {
            if let Some(Value::Array(patterns)) = statement.pointer_mut(PARTITIONS) {
                patterns.retain(|other| other != pattern);
                // A condition on nothing would always hold.
                ensure!(!patterns.is_empty(), "{pattern} is all that there is");
            }
        }
        Ok(self.with(left))
    }

    /// The statement falls into those that allow the rest.
    fn without_right(&self, right: &Right) -> Result<Value> {
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
        Ok(self.with(left))
    }

    fn with(&self, statements: Vec<Value>) -> Value {
        let mut policy = self.policy.clone();
        policy["Statement"] = statements.into();
        policy
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
