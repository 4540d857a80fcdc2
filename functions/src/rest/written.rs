//! Answers to writing an object, and the bodies of `PUT`.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;

use crate::document;
use crate::problem::{FieldError, Problem};
use crate::use_case::object::{Object, Precondition, Written};

/// Fields of an object that the system writes. A reader who writes back what
/// they read may leave them in.
const READ_ONLY: [&str; 5] = ["id", "created_at", "updated_at", "warnings", "sourced"];

/// An object that was written.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct WrittenView<T> {
    /// The object.
    #[serde(flatten)]
    object: T,
    /// What is taken and probably not meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
}

/// Shows a written object with its version as `ETag`.
pub(crate) fn written<T: Object>(status: StatusCode, written: Written<T>) -> Response {
    written_as(status, written, |object| object)
}

/// The same, shown as `view` makes it.
pub(crate) fn written_as<T: Object, V: Serialize>(
    status: StatusCode,
    written: Written<T>,
    view: impl FnOnce(T) -> V,
) -> Response {
    let version = written.object.meta().version;
    let view = WrittenView {
        object: view(written.object),
        warnings: written.warnings,
    };
    with_version(version, (status, axum::Json(view)))
}

/// Shows an object with its version as `ETag`.
pub(crate) fn found<T: Object>(object: T) -> Response {
    with_version(object.meta().version, axum::Json(object))
}

/// Shows what stands for an object with that version as `ETag`.
pub(crate) fn with_version(version: u64, response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Reads the fields of a kind from the body of a `PUT`: what only the system
/// writes is dropped, and `version` says which version is to be changed.
///
/// # Errors
/// 422 `invalid_field`.
pub(crate) fn fields<T: Object>(
    mut body: Value,
    if_match: Option<u64>,
) -> Result<(T::Spec, Precondition), Problem> {
    let mut version = None;
    if let Value::Object(fields) = &mut body {
        for name in READ_ONLY.iter().chain(T::READ_ONLY) {
            fields.remove(*name);
        }
        version = match fields.remove("version") {
            None => None,
            Some(value) => Some(value.as_u64().ok_or_else(|| {
                let error = FieldError::new("version", "wrong_type", "expected a whole number");
                Problem::invalid(vec![error])
            })?),
        };
    }
    let spec = document::read(body).map_err(|error| Problem::invalid(vec![error]))?;
    Ok((spec, Precondition(if_match.or(version))))
}
