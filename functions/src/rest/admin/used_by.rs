//! Who refers to an object.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::StaffOnly;
use crate::rest::list::{List, QueryOf};
use crate::use_case::object::Page;
use crate::use_case::used_by::{self, Use, UsedByError};

/// Which object.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UsedByQuery {
    /// Its kind as documents write it, e.g. `provider`.
    kind: String,
    /// Its id or unique name.
    id: String,
}

/// An object that has to do with another one.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct UseView {
    /// Its kind.
    kind: String,
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: Uuid,
    /// Its name for people.
    name: String,
    /// What it has to do with the other, in words.
    relation: String,
    /// Whether it keeps the other from being deleted; if not, it goes along or
    /// lives on without it.
    blocks: bool,
}

impl From<Use> for UseView {
    fn from(found: Use) -> Self {
        Self {
            kind: found.kind,
            id: found.id,
            name: found.name,
            relation: found.relation,
            blocks: found.blocks,
        }
    }
}

/// Lists who refers to an object, a hundred at most.
#[utoipa::path(
    get,
    path = "/api/v1/admin/used-by",
    operation_id = "used_by",
    tag = "admin",
    params(UsedByQuery),
    responses(
        (status = OK, body = List<UseView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    StaffOnly(staff): StaffOnly,
    QueryOf(query): QueryOf<UsedByQuery>,
) -> Result<Json<List<UseView>>, Problem> {
    let items = used_by::used_by(&app, &staff, &query.kind, &query.id).await?;
    Ok(List::of(Page { items, next: None }, UseView::from))
}

impl From<UsedByError> for Problem {
    fn from(error: UsedByError) -> Self {
        match error {
            UsedByError::Kind => Self::invalid(vec![FieldError::new(
                "kind",
                "unknown_kind",
                error.to_string(),
            )]),
            UsedByError::NotFound => Self::not_found("object"),
            UsedByError::Table(error) => error.into(),
        }
    }
}
