//! Problem details (RFC 9457): the one shape in which errors leave the
//! functions.
//!
//! A problem carries what a person may know: a stable code and a sentence that
//! helps. The chain of causes goes to the log, once, where the problem is made
//! from an error of ours ([`Problem::internal`]).

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use causeway_model::id::ConnectionId;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

/// Media type of a problem document.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What is wrong with one field of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// The field, with dots between levels: `settings.port`.
    pub field: String,
    /// Stable code: `required`, `unknown_reference`, `wrong_type`, …
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// Which document of an apply call, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<usize>,
    /// Of an expression: the line in it, from 1. Else the line at which the
    /// document begins, when the caller of apply told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Of an expression: the column in that line, from 1, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// Of an expression: what may help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub hint: Option<Box<str>>,
}

impl FieldError {
    /// What is wrong with `field`.
    pub fn new(
        field: impl Into<String>,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            field: field.into(),
            code: code.into(),
            message: message.into(),
            document: None,
            line: None,
            column: None,
            hint: None,
        }
    }
}

/// A problem document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProblemDocument {
    /// `about:blank`: the code says what kind of problem it is.
    pub r#type: String,
    /// The words of the HTTP status.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Stable code for programs.
    pub code: String,
    /// A sentence for people.
    pub detail: String,
    /// The fields concerned, for `invalid_field`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Some of those that refer to the object, for `in_use`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub used_by: Vec<UsedBy>,
    /// Connections of the caller that could be resumed instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<ConnectionId>,
}

/// An object that refers to the one that a problem is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UsedBy {
    /// Its kind, as documents write it.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// An error as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable code.
    pub code: &'static str,
    /// A sentence for people.
    pub detail: String,
    /// The fields concerned.
    pub errors: Vec<FieldError>,
    /// Connections of the caller that could be resumed instead.
    pub connections: Box<[ConnectionId]>,
    /// Some of those that refer to the object.
    pub used_by: Box<[UsedBy]>,
    /// When a retry can help; written in whole seconds, rounded up.
    pub retry_after: Option<Duration>,
}

impl Problem {
    /// A problem with a code and a sentence.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            errors: Vec::new(),
            connections: Box::default(),
            used_by: Box::default(),
            retry_after: None,
        }
    }

    /// 422 `invalid_field`: a document was understood but says something that
    /// cannot be.
    #[must_use]
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.field, only.message),
            several => format!("{} fields are wrong", several.len()),
        };
        Self {
            errors,
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail)
        }
    }

    /// 404 `not_found`.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no such {what}"),
        )
    }

    /// 401 `not_signed_in`.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "sign in first")
    }

    /// 403 `not_allowed`.
    #[must_use]
    pub fn not_allowed() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "not_allowed",
            "your role does not allow this",
        )
    }

    /// 500 `internal`; the cause goes to the log, with its chain.
    #[must_use]
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %Chain(cause), "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong on our side; the log knows more under this request's id",
        )
    }

    /// The same problem with the time after which a retry can help.
    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The same problem with connections that could be resumed instead.
    #[must_use]
    pub fn connections(mut self, connections: Vec<ConnectionId>) -> Self {
        self.connections = connections.into();
        self
    }

    /// The same problem with another sentence.
    #[must_use]
    pub fn explained(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// The document that is sent.
    #[must_use]
    pub fn document(&self) -> ProblemDocument {
        ProblemDocument {
            r#type: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            errors: self.errors.clone(),
            connections: self.connections.to_vec(),
            used_by: self.used_by.to_vec(),
        }
    }
}

/// The code of the problem that a response is, in its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProblemCode(pub(crate) &'static str);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, axum::Json(self.document())).into_response();
        response.extensions_mut().insert(ProblemCode(self.code));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// An error and its sources on one line.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_sent_as_rfc_9457_says() {
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "wait")
            .retry_after(Duration::from_millis(1500));
        let response = problem.clone().into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(response.headers()[header::RETRY_AFTER], "2");
        let document = problem.document();
        assert_eq!(document.r#type, "about:blank");
        assert_eq!(
            (document.status, document.title.as_str()),
            (429, "Too Many Requests")
        );
    }

    #[test]
    fn one_wrong_field_is_named_in_the_sentence() {
        let problem = Problem::invalid(vec![FieldError::new("host", "wrong_type", "is empty")]);
        assert_eq!(problem.detail, "host: is empty");
        assert_eq!(problem.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
