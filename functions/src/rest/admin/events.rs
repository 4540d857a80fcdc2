//! The audit trail.

use axum::Json;
use axum::extract::State;
use causeway_model::object::Event;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::ReaderOnly;
use crate::rest::list::{List, ListQuery, Listing};
use crate::use_case::event;

/// Lists the audit trail, newest first. `name` and `search` look at the name of
/// what an event is about. A page may be empty and yet not the last.
#[utoipa::path(
    get,
    path = "/api/v1/admin/events",
    operation_id = "list_event",
    tag = "admin",
    params(ListQuery),
    responses(
        (status = OK, body = List<Event>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Listing(filter): Listing,
) -> Result<Json<List<Event>>, Problem> {
    Ok(Json(event::list(&app, &reader, &filter).await?.into()))
}
