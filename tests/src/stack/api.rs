//! A program that uses the HTTP API, with what the tests need of it.

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::session::Entry;

/// A client of one control plane, signed in or not.
#[derive(Clone)]
pub struct Api {
    client: reqwest::Client,
    base: String,
    headers: Vec<(&'static str, String)>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// The document; null when there was none.
    pub body: Value,
}

/// What a launch gave.
#[derive(Clone)]
pub struct Launched {
    /// Id of the connection.
    pub connection: String,
    /// Id of the node that it was placed on.
    pub node: String,
    /// Where to attach.
    pub entry: Entry,
}

impl Api {
    /// A client that is not signed in.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(base: &str) -> Result<Self> {
        Self::with(reqwest::Client::builder(), base)
    }

    /// A client that is not signed in and goes nowhere by itself: see
    /// [`Self::sent_on`].
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn step_by_step(base: &str) -> Result<Self> {
        Self::with(reqwest::Client::builder().redirect(Policy::none()), base)
    }

    fn with(client: reqwest::ClientBuilder, base: &str) -> Result<Self> {
        Ok(Self {
            client: client.cookie_store(true).build()?,
            base: base.trim_end_matches('/').to_owned(),
            headers: Vec::new(),
        })
    }

    /// The same person, signed in as they are, at another address of the same
    /// host.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            ..self.clone()
        }
    }

    /// The same client, with one more header in every request.
    #[must_use]
    pub fn with_header(&self, name: &'static str, value: &str) -> Self {
        let mut more = self.clone();
        more.headers.push((name, value.to_owned()));
        more
    }

    /// Signs in with a password and keeps the cookie.
    ///
    /// # Errors
    /// When refused.
    pub async fn sign_in(base: &str, username: &str, password: &str) -> Result<Self> {
        let api = Self::new(base)?;
        api.post(
            "/api/v1/session",
            json!({ "username": username, "password": password }),
        )
        .await?
        .ok()?;
        Ok(api)
    }

    /// The same client, which says of every request that it is a part of a
    /// trace.
    #[must_use]
    pub fn in_trace(&self, traceparent: &str) -> Self {
        self.with_header("traceparent", traceparent)
    }

    /// Goes to a page as a browser does, wherever it is sent on to, and keeps the
    /// cookies; whatever the page is.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn visit(&self, path: &str) -> Result<()> {
        let url = format!("{}{path}", self.base);
        self.client.get(url).send().await?;
        Ok(())
    }

    /// Goes to a page that sends browsers on, keeps the cookies, and tells where to.
    ///
    /// # Errors
    /// When it does not.
    pub async fn sent_on(&self, path: &str) -> Result<String> {
        let mut request = self.client.get(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await?;
        let to = answer.headers().get(LOCATION);
        let to = to.with_context(|| format!("{path} answered {}", answer.status()))?;
        Ok(to.to_str()?.to_owned())
    }

    /// Signs out.
    ///
    /// # Errors
    /// When refused.
    pub async fn sign_out(&self) -> Result<()> {
        self.delete("/api/v1/session").await?.ok().map(drop)
    }

    /// The control plane's URL, without a slash at its end.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Sends a request with any document, or none for null.
    ///
    /// # Errors
    /// When there is no answer, or it is no JSON.
    pub async fn request(&self, method: Method, path: &str, body: Value) -> Result<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.base));
        if !body.is_null() {
            request = request.json(&body);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let answer = request.send().await?;
        let status = answer.status();
        let bytes = answer.bytes().await?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes)
                .with_context(|| format!("{path} answered {status} with no JSON"))?
        };
        Ok(Answer { status, body })
    }

    /// `GET`.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.request(Method::GET, path, Value::Null).await
    }

    /// `POST`.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn post(&self, path: &str, body: Value) -> Result<Answer> {
        self.request(Method::POST, path, body).await
    }

    /// `DELETE`.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.request(Method::DELETE, path, Value::Null).await
    }

    /// Creates an object of a kind and tells its id.
    ///
    /// # Errors
    /// When refused.
    pub async fn create(&self, kind: &str, object: Value) -> Result<String> {
        let body = self
            .post(&format!("/api/v1/admin/{kind}"), object)
            .await?
            .ok()?;
        Ok(body["id"]
            .as_str()
            .with_context(|| format!("{kind} got no id"))?
            .to_owned())
    }

    /// All items of a list.
    ///
    /// # Errors
    /// When refused.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut next = path.to_owned();
        loop {
            let mut body = self.get(&next).await?.ok()?;
            let Value::Array(page) = body["items"].take() else {
                bail!("{path} answered no list: {body}")
            };
            items.extend(page);
            let Some(cursor) = body["next"].as_str() else {
                return Ok(items);
            };
            next = format!("{path}?cursor={cursor}");
        }
    }

    /// Launches an endpoint; whatever the answer is.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn try_launch(&self, application: &str, endpoint: &str) -> Result<Answer> {
        let path = format!("/api/v1/applications/{application}/endpoints/{endpoint}/launch");
        self.post(&path, json!({})).await
    }

    /// Launches an endpoint.
    ///
    /// # Errors
    /// When refused.
    pub async fn launch(&self, application: &str, endpoint: &str) -> Result<Launched> {
        let body = self.try_launch(application, endpoint).await?.ok()?;
        ensure!(body["type"] == "connection", "no connection: {body}");
        Ok(Launched {
            connection: text(&body["connection"], "id")?,
            node: text(&body["connection"], "node")?,
            entry: entry(&body)?,
        })
    }

    /// A new ticket for a connection.
    ///
    /// # Errors
    /// When refused.
    pub async fn ticket(&self, connection: &str) -> Result<Entry> {
        entry(
            &self
                .post(
                    &format!("/api/v1/connections/{connection}/ticket"),
                    json!({}),
                )
                .await?
                .ok()?,
        )
    }

    /// Ends a connection.
    ///
    /// # Errors
    /// When refused.
    pub async fn terminate(&self, connection: &str) -> Result<()> {
        self.delete(&format!("/api/v1/connections/{connection}"))
            .await?
            .ok()
            .map(drop)
    }
}

impl Answer {
    /// The document of a success.
    ///
    /// # Errors
    /// When it was none; the error holds the problem document.
    pub fn ok(self) -> Result<Value> {
        ensure!(
            self.status.is_success(),
            "answered {}: {}",
            self.status,
            self.body
        );
        Ok(self.body)
    }

    /// Status and `code` of a problem document.
    #[must_use]
    pub fn problem(&self) -> (u16, &str) {
        (
            self.status.as_u16(),
            self.body["code"].as_str().unwrap_or_default(),
        )
    }
}

pub(crate) fn entry(body: &Value) -> Result<Entry> {
    Ok(Entry {
        edge_url: text(body, "edge_url")?,
        ticket: text(body, "ticket")?,
    })
}

fn text(value: &Value, name: &str) -> Result<String> {
    Ok(value[name]
        .as_str()
        .with_context(|| format!("no {name} in the answer"))?
        .to_owned())
}
