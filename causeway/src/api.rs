//! Asking a control plane over its API, for the commands that people type.

use std::time::Duration;

use causeway_trust::Secret;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::apply::WrongField;

/// A control plane, and the token that it is asked with.
#[derive(Debug)]
pub(crate) struct Api<'a> {
    client: Client,
    server: &'a Url,
    token: &'a Secret,
}

/// The part of a problem document (RFC 9457) that is shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Problem {
    /// Stable code.
    pub(crate) code: String,
    /// A sentence for people.
    pub(crate) detail: String,
    /// The fields that are wrong.
    #[serde(default)]
    pub(crate) errors: Vec<WrongField>,
}

/// Why there is no answer, or not the one that was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error(
        "no API token: give --token or set CAUSEWAY_TOKEN (made in the portal under administration, or by POST /api/v1/admin/tokens)"
    )]
    NoToken,
    #[error("--server is no base URL")]
    Base(#[source] url::ParseError),
    #[error("requests cannot be made here")]
    Client(#[source] reqwest::Error),
    /// Nothing was asked.
    #[error("cannot reach the control plane at {server}")]
    Unreachable { server: Url, source: reqwest::Error },
    /// It may have done what it was asked for.
    #[error("the control plane at {server} was asked and did not answer")]
    Unanswered { server: Url, source: reqwest::Error },
    #[error("{} ({})", .problem.detail, .problem.code)]
    Refused {
        status: StatusCode,
        problem: Problem,
    },
    /// Something in front of it answered.
    #[error("the server answered {status}, and not as a causeway control plane does")]
    NotOurs { status: StatusCode },
    #[error("the server's answer is not understood")]
    NotUnderstood(#[source] serde_json::Error),
}

impl ApiError {
    /// Whether what was asked for may be done nevertheless, or be going on.
    pub(crate) fn may_be_done(&self) -> bool {
        match self {
            Self::NoToken | Self::Base(_) | Self::Client(_) | Self::Unreachable { .. } => false,
            Self::Unanswered { .. } | Self::NotUnderstood(_) => true,
            Self::Refused { status, .. } | Self::NotOurs { status } => status.is_server_error(),
        }
    }
}

impl<'a> Api<'a> {
    /// The control plane at `server`, which has `deadline` for each answer.
    ///
    /// # Errors
    /// [`ApiError::NoToken`], [`ApiError::Client`].
    pub(crate) fn at(
        server: &'a Url,
        token: Option<&'a Secret>,
        deadline: Duration,
    ) -> Result<Self, ApiError> {
        let client = Client::builder().timeout(deadline).build();
        Ok(Self {
            client: client.map_err(ApiError::Client)?,
            server,
            token: token.ok_or(ApiError::NoToken)?,
        })
    }

    /// Asks with `GET`.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ApiError> {
        let mut url = self.url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.ask(self.client.get(url)).await
    }

    /// Asks with `POST`.
    ///
    /// # Errors
    /// [`ApiError`].
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Result<T, ApiError> {
        self.ask(self.client.post(self.url(path)?).json(body)).await
    }

    fn url(&self, path: &str) -> Result<Url, ApiError> {
        self.server.join(path).map_err(ApiError::Base)
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ApiError> {
        let server = || self.server.clone();
        let unanswered = |source: reqwest::Error| ApiError::Unanswered {
            server: server(),
            source: source.without_url(),
        };
        let request = request.bearer_auth(self.token.expose());
        let response = request.send().await.map_err(|error| {
            if error.is_connect() || error.is_builder() {
                ApiError::Unreachable {
                    server: server(),
                    source: error.without_url(),
                }
            } else {
                unanswered(error)
            }
        })?;
        let status = response.status();
        let body = response.bytes().await.map_err(unanswered)?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(ApiError::NotUnderstood);
        }
        Err(match serde_json::from_slice(&body) {
            Ok(problem) => ApiError::Refused { status, problem },
            Err(_) => ApiError::NotOurs { status },
        })
    }
}
