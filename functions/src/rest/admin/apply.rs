//! Many objects at once, all or nothing.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::AdminOnly;
use crate::rest::json::Json as Body;
use crate::use_case::apply::{self, Action, Applied, ApplyError};

/// Documents to apply.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplyBody {
    /// Each `kind` and the fields of that kind; `line` comes back in errors.
    #[schema(value_type = Vec<Object>)]
    documents: Vec<Value>,
    /// Only tell what would be done.
    #[serde(default)]
    dry_run: bool,
}

/// What was done.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Changes {
    /// One entry a document, in their order.
    changes: Vec<ChangeView>,
}

/// What became of one document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ChangeView {
    /// Kind of the object.
    kind: &'static str,
    /// Its name.
    name: String,
    action: ActionView,
    /// What is taken and probably not meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
}

/// What was done with one document.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActionView {
    /// A new object was made.
    Created,
    /// The object was changed.
    Updated,
    /// The object was like that already.
    Unchanged,
}

impl From<Applied> for ChangeView {
    fn from(applied: Applied) -> Self {
        Self {
            kind: applied.kind,
            name: applied.name,
            action: match applied.action {
                Action::Created => ActionView::Created,
                Action::Updated => ActionView::Updated,
                Action::Unchanged => ActionView::Unchanged,
            },
            warnings: applied.warnings,
        }
    }
}

/// Makes the stored objects what the documents say.
///
/// Nothing is written when anything is wrong with any of the documents. Up to
/// some 25 objects are written in one transaction; more in several, which are
/// finished even if the server dies on the way. `partly_applied` says that
/// somebody else's changes, or the table, stood in the way of some: applying
/// the same again makes the rest.
#[utoipa::path(
    post,
    path = "/api/v1/admin/apply",
    operation_id = "apply",
    tag = "admin",
    request_body = ApplyBody,
    responses(
        (status = OK, body = Changes),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn apply(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Body(body): Body<ApplyBody>,
) -> Result<Json<Changes>, Problem> {
    let applied = apply::apply(&app, &admin, body.documents, body.dry_run).await?;
    Ok(Json(Changes {
        changes: applied.into_iter().map(ChangeView::from).collect(),
    }))
}

impl From<ApplyError> for Problem {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Documents(errors) => Self::invalid(errors),
            ApplyError::Write { document, source } => {
                let problem = Self::from(source);
                let Some(document) = document else {
                    return problem;
                };
                let error = FieldError::new("", problem.code, problem.detail.clone());
                let error = FieldError {
                    document: Some(document),
                    ..error
                };
                Self {
                    errors: vec![error],
                    ..problem
                }
            }
            ApplyError::Partly {
                written,
                changes,
                source,
            } => {
                let problem = Self::from(*source);
                let detail = format!(
                    "{written} of {changes} changes are made, then: {}; apply the same again",
                    problem.detail
                );
                Self {
                    code: "partly_applied",
                    detail,
                    ..problem
                }
            }
            ApplyError::Seal(error) => error.into(),
            ApplyError::Password(error) => error.into(),
            ApplyError::Table(error) => error.into(),
        }
    }
}
