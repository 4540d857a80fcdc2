//! A second function of the same program and settings, whose role is changed
//! while the deployed one goes on with its own. Whenever its role changes it
//! starts anew: a process that runs remembers keys and secrets for minutes.

use anyhow::{Context, Result, bail};
use http::Method;
use serde_json::{Value, json};

use super::{Aws, Cloud, NAME};

const FUNCTIONS: &str = "/2015-03-31/functions";

/// A function beside the deployed one.
pub struct Twin {
    aws: Aws,
    name: String,
    url: String,
    seconds_max: u32,
}

impl Cloud {
    /// Makes a twin of `function`, with the role of the deployed one. An
    /// invocation of it may take so many seconds.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn twin(&self, function: &str, seconds_max: u32) -> Result<Twin> {
        let deployed = format!("{NAME}-{function}");
        let path = format!("{FUNCTIONS}/{deployed}");
        let found = self.aws.rest("lambda", Method::GET, &path, &Value::Null);
        let found = found.await?.ok()?["Configuration"].take();
        let code = self.code_of(&found).await?;
        let name = format!("{deployed}-twin");
        let made = json!({
            "FunctionName": name,
            "Runtime": found["Runtime"],
            "Handler": found["Handler"],
            "Role": found["Role"],
            "Environment": found["Environment"],
            "MemorySize": found["MemorySize"],
            "Timeout": seconds_max,
            "Code": code,
        });
        let twin = Twin {
            aws: self.aws.clone(),
            name,
            url: String::new(),
            seconds_max,
        };
        twin.ask(Method::POST, FUNCTIONS, &made).await?;
        let url = twin.open_url().await?;
        Ok(Twin { url, ..twin })
    }

    /// Where the code is that a function was deployed with: the one upload of
    /// its size.
    async fn code_of(&self, configuration: &Value) -> Result<Value> {
        let account = configuration["FunctionArn"].as_str().unwrap_or_default();
        let account = account.split(':').nth(4).context("no account")?;
        let bucket = format!("causeway-artifacts-{account}-us-east-1");
        let listed = self
            .aws
            .ask(&["s3api", "list-objects-v2", "--bucket", &bucket])
            .await?;
        let objects = listed["Contents"].as_array().context("no uploads")?;
        let mut same = objects
            .iter()
            .filter(|object| object["Size"] == configuration["CodeSize"]);
        let (Some(object), None) = (same.next(), same.next()) else {
            bail!(
                "no one upload has the size of {}",
                configuration["FunctionName"]
            );
        };
        Ok(json!({ "S3Bucket": bucket, "S3Key": object["Key"] }))
    }
}

impl Twin {
    /// Where it answers requests.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gives it a new role with one policy, and starts it anew.
    ///
    /// # Errors
    /// When it cannot be given.
    pub async fn take_role(&self, role: &str, policy: &Value) -> Result<()> {
        let trust = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": "sts:AssumeRole",
            }],
        });
        let iam = async |fields: &[(&str, &str)]| {
            let said = self.aws.form("iam", fields).await?;
            said.ok().with_context(|| fields[0].1.to_owned())
        };
        iam(&[
            ("Action", "CreateRole"),
            ("Version", "2010-05-08"),
            ("RoleName", role),
            ("AssumeRolePolicyDocument", &trust.to_string()),
        ])
        .await?;
        iam(&[
            ("Action", "PutRolePolicy"),
            ("Version", "2010-05-08"),
            ("RoleName", role),
            ("PolicyName", "probe"),
            ("PolicyDocument", &policy.to_string()),
        ])
        .await?;
        let path = format!("{FUNCTIONS}/{}/configuration", self.name);
        let role = format!("arn:aws:iam::000000000000:role/{role}");
        // The emulator starts a function anew when it is told a time limit.
        let configuration = json!({ "Role": role, "Timeout": self.seconds_max });
        self.ask(Method::PUT, &path, &configuration).await.map(drop)
    }

    /// Invokes it with a document.
    ///
    /// # Errors
    /// When it fails; the error holds what it said.
    pub async fn invoke(&self, payload: &Value) -> Result<Value> {
        let path = format!("{FUNCTIONS}/{}/invocations", self.name);
        let said = self.ask(Method::POST, &path, payload).await?;
        if said["errorType"].is_string() {
            bail!("{} failed: {said}", self.name);
        }
        Ok(said)
    }

    async fn open_url(&self) -> Result<String> {
        let path = format!("/2021-10-31/functions/{}/url", self.name);
        let asked = json!({ "AuthType": "NONE" });
        let opened = self.ask(Method::POST, &path, &asked).await?;
        let host = opened["FunctionUrl"].as_str().context("no URL")?;
        let id = host
            .trim_start_matches("https://")
            .trim_start_matches("http://");
        let id = id.split('.').next().context("no id")?.to_owned();
        let permission = json!({
            "StatementId": "anybody",
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": "NONE",
        });
        let path = format!("{FUNCTIONS}/{}/policy", self.name);
        self.ask(Method::POST, &path, &permission).await?;
        Ok(format!("{}/_aws/lambda-url/{id}", self.aws.endpoint()))
    }

    async fn ask(&self, method: Method, path: &str, body: &Value) -> Result<Value> {
        let said = self.aws.rest("lambda", method, path, body).await?;
        said.ok().with_context(|| format!("{path}, {}", self.name))
    }
}
