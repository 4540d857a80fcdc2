//! JSON bodies in, with problems for whatever is not as it should be.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;

use crate::document::{self, ReadError};
use crate::problem::Problem;

/// A JSON body, read as a `T`.
#[derive(Debug)]
pub(super) struct Json<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = says_json(request.headers());
        let bytes = body(request, state).await?;
        if !is_json {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "send the body with content-type application/json",
            ));
        }
        parse(&bytes).map(Self)
    }
}

/// A JSON body that may be absent.
#[derive(Debug)]
pub(super) struct OptionalJson<T>(pub Option<T>);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = body(request, state).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(None));
        }
        parse(&bytes).map(Some).map(Self)
    }
}

/// The body of a request, within the limit of its route.
///
/// # Errors
/// 413 `body_too_large`, 400 `body_lost`.
pub(super) async fn body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| refused(&rejection))
}

/// Reads a whole body as a `T`.
///
/// # Errors
/// 400 `not_json`, 422 `invalid_field`.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    document::read_bytes(bytes).map_err(|error| match error {
        ReadError::Syntax { .. } => {
            Problem::new(StatusCode::BAD_REQUEST, "not_json", error.to_string())
        }
        ReadError::Field(field) => Problem::invalid(vec![field]),
    })
}

fn refused(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "the body is larger than this route takes",
        );
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "body_lost",
        "the body did not arrive whole",
    )
}

fn says_json(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .map(|value| value.trim().to_ascii_lowercase());
    media_type.is_some_and(|value| value == "application/json" || value.ends_with("+json"))
}
