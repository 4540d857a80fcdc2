//! Signed calls to the emulator (Signature Version 4). The command line does the
//! same and takes most of a second to start: here is what is called often.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use serde_json::Value;

use super::Aws;

/// How long one call may take; a function may be started for it.
const ANSWERED_WITHIN: Duration = Duration::from_secs(90);
const REGION: &str = "us-east-1";

/// What a service answered.
#[derive(Debug, Clone)]
pub struct Said {
    /// Status of HTTP.
    pub status: u16,
    /// The document, JSON or XML.
    pub text: String,
}

impl Said {
    /// The document, if the service did what it was asked.
    ///
    /// # Errors
    /// When it did not; the error holds what it said.
    pub fn ok(&self) -> Result<Value> {
        if !(200..300).contains(&self.status) {
            bail!("{}: {}", self.status, self.text);
        }
        Ok(serde_json::from_str(&self.text).unwrap_or_default())
    }

    /// Whether it was refused for want of a right.
    #[must_use]
    pub fn is_access_denied(&self) -> bool {
        self.status >= 400 && self.text.contains("AccessDenied")
    }
}

/// A request before it is signed.
struct Call<'a> {
    service: &'a str,
    method: http::Method,
    path: &'a str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Aws {
    /// Calls a service that speaks JSON, e.g. `kms`, `TrentService.Decrypt`.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn json(&self, service: &str, target: &str, arguments: &Value) -> Result<Said> {
        self.call(Call {
            service,
            method: http::Method::POST,
            path: "/",
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", target.to_owned()),
            ],
            body: arguments.to_string(),
        })
        .await
    }

    /// Calls a service that takes a form, e.g. `iam`.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn form(&self, service: &str, fields: &[(&str, &str)]) -> Result<Said> {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        self.call(Call {
            service,
            method: http::Method::POST,
            path: "/",
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body: body.finish(),
        })
        .await
    }

    /// Calls a service that has paths, e.g. `lambda`.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn rest(
        &self,
        service: &str,
        method: http::Method,
        path: &str,
        body: &Value,
    ) -> Result<Said> {
        self.call(Call {
            service,
            method,
            path,
            headers: vec![("content-type", "application/json".to_owned())],
            body: body.to_string(),
        })
        .await
    }

    async fn call(&self, call: Call<'_>) -> Result<Said> {
        let url = format!("{}{}", self.endpoint(), call.path);
        let given = |name: &str| {
            let found = self.credentials.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.clone())
        };
        let identity = Credentials::new(
            given("AWS_ACCESS_KEY_ID").context("no access key")?,
            given("AWS_SECRET_ACCESS_KEY").context("no secret key")?,
            given("AWS_SESSION_TOKEN"),
            None,
            "tests",
        )
        .into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(REGION)
            .name(call.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let headers = call.headers.iter().map(|(name, value)| (*name, &**value));
        let signable = SignableRequest::new(
            call.method.as_str(),
            &url,
            headers.clone(),
            SignableBody::Bytes(call.body.as_bytes()),
        )?;
        let (instructions, _) = sign(signable, &parameters)?.into_parts();
        let mut request = http::Request::builder().method(&call.method).uri(&url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut request = request.body(call.body)?;
        instructions.apply_to_request_http1x(&mut request);
        let answer = self
            .client
            .execute(request.try_into()?)
            .await
            .with_context(|| format!("{} did not answer", call.service))?;
        Ok(Said {
            status: answer.status().as_u16(),
            text: answer.text().await?,
        })
    }
}

/// A client for such calls.
pub(super) fn client() -> reqwest::Client {
    let client = reqwest::Client::builder().timeout(ANSWERED_WITHIN);
    client.build().unwrap_or_default()
}
