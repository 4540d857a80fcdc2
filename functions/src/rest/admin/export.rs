//! The written objects as documents for apply.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Uri, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::ReaderOnly;
use crate::rest::list::QueryOf;
use crate::rest::part::{self, link_to_next};
use crate::use_case::export::{self, Export, ExportError, ExportWanted};

/// Which objects.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// Only those of this kind, e.g. `endpoint`.
    #[serde(default)]
    kind: Option<String>,
    /// `next` of the part before.
    #[serde(default)]
    cursor: Option<String>,
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
    /// Where the next part begins; null at the end.
    next: Option<String>,
}

/// A secret that is not in a document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct LeftOutView {
    /// Which document of this answer, from 0.
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
            next: export.next,
        }
    }
}

/// Writes the objects as documents that apply takes back unchanged: kind by
/// kind, each by name, endpoints by provider. Secrets and passwords are left
/// out.
///
/// Where the length of an answer is limited (functions of AWS Lambda), and of
/// more than 20,000 objects, it comes in parts: one that is not the last has a
/// header `Link` with the address of the next (`rel="next"`); it may have no
/// documents. Each part is what is there when it is read. What stays as it is
/// comes exactly once; what is renamed meanwhile may come under both names or
/// under none.
#[utoipa::path(
    get,
    path = "/api/v1/admin/export",
    operation_id = "export",
    tag = "admin",
    params(ExportQuery),
    responses(
        (status = OK, body = ExportView,
            headers(("Link" = Option<String>, description = "The next part, if this is not the last (RFC 8288)"))),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    uri: Uri,
    QueryOf(query): QueryOf<ExportQuery>,
) -> Result<Response, Problem> {
    let wanted = ExportWanted {
        kind: query.kind.as_deref(),
        cursor: query.cursor.as_deref(),
        bytes_max: part::bytes_max(&app),
        ..ExportWanted::default()
    };
    let export = export::export(&app, &reader, wanted).await?;
    let mut headers = HeaderMap::new();
    if let Some(next) = &export.next {
        headers.insert(header::LINK, link_to_next(&uri, next));
    }
    Ok((headers, Json(ExportView::from(export))).into_response())
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Kind => Self::invalid(vec![FieldError::new(
                "kind",
                "unknown_kind",
                error.to_string(),
            )]),
            ExportError::Read(error) => error.into(),
        }
    }
}
