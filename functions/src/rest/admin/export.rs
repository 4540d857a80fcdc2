//! The written objects as documents for apply.

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::ReaderOnly;
use crate::rest::list::QueryOf;
use crate::use_case::export::{self, Export, ExportError};

/// Which objects.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// Only those of this kind, e.g. `endpoint`.
    #[serde(default)]
    kind: Option<String>,
}

/// Objects as documents.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ExportView {
    /// Each `kind` and the fields of that kind, ready for apply.
    #[schema(value_type = Vec<Object>)]
    documents: Vec<Value>,
    /// The secrets that they leave out. In a document stands
    /// `{"$secret": "set"}` instead, which keeps a secret where it is.
    left_out: Vec<LeftOutView>,
}

/// A secret that is not in a document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct LeftOutView {
    /// Which document, from 0.
    document: usize,
    /// The field, with dots between levels.
    field: String,
}

impl From<Export> for ExportView {
    fn from(export: Export) -> Self {
        let left_out = export.left_out.into_iter().map(|left_out| LeftOutView {
            document: left_out.document,
            field: left_out.field,
        });
        Self {
            documents: export.documents,
            left_out: left_out.collect(),
        }
    }
}

/// Writes the objects as documents that apply takes back unchanged. Secrets are
/// left out.
#[utoipa::path(
    get,
    path = "/api/v1/admin/export",
    operation_id = "export",
    tag = "admin",
    params(ExportQuery),
    responses(
        (status = OK, body = ExportView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    QueryOf(query): QueryOf<ExportQuery>,
) -> Result<Json<ExportView>, Problem> {
    let export = export::export(&app, &reader, query.kind.as_deref()).await?;
    Ok(Json(export.into()))
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Kind => Self::invalid(vec![FieldError::new(
                "kind",
                "unknown_kind",
                error.to_string(),
            )]),
            ExportError::TooMany => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "too_many_objects",
                error.to_string(),
            ),
            ExportError::Table(error) => error.into(),
        }
    }
}
