//! Sign-in sessions of everybody.

use axum::Json;
use axum::extract::State;
use causeway_model::id::SessionId;
use causeway_model::object::Session;
use http::StatusCode;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{AdminOnly, Id, ReaderOnly};
use crate::rest::list::{List, Listing, OfUserQuery};
use crate::use_case::session;

/// Lists every sign-in session.
#[utoipa::path(
    get,
    path = "/api/v1/admin/sessions",
    operation_id = "list_session",
    tag = "admin",
    params(OfUserQuery),
    responses(
        (status = OK, body = List<Session>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Listing(filter, _): Listing<OfUserQuery>,
) -> Result<Json<List<Session>>, Problem> {
    Ok(Json(session::list(&app, &reader, &filter).await?.into()))
}

/// Shows one session.
#[utoipa::path(
    get,
    path = "/api/v1/admin/sessions/{id}",
    operation_id = "find_session",
    tag = "admin",
    params(("id" = SessionId, Path, description = "Id of the session")),
    responses(
        (status = OK, body = Session),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Id(id): Id<SessionId>,
) -> Result<Json<Session>, Problem> {
    let found = session::find(&app, &reader, id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("session"))
}

/// Ends a sign-in session and the connections that live in it.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/sessions/{id}",
    operation_id = "end_session",
    tag = "admin",
    params(("id" = SessionId, Path, description = "Id of the session")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    session::end(&app, &admin, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
