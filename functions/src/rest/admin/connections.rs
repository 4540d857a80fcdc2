//! Connections of everybody.

use axum::Json;
use axum::extract::State;
use causeway_model::id::ConnectionId;
use causeway_model::object::Connection;
use http::StatusCode;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Id, StaffOnly};
use crate::rest::list::{List, ListQuery, Listing};
use crate::use_case::connection;

/// Lists the live connections of everybody, or all that are kept of one user.
#[utoipa::path(
    get,
    path = "/api/v1/admin/connections",
    operation_id = "list_connection",
    tag = "admin",
    params(ListQuery),
    responses(
        (status = OK, body = List<Connection>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    StaffOnly(staff): StaffOnly,
    Listing(filter): Listing,
) -> Result<Json<List<Connection>>, Problem> {
    Ok(Json(connection::list(&app, &staff, &filter).await?.into()))
}

/// Shows one connection.
#[utoipa::path(
    get,
    path = "/api/v1/admin/connections/{id}",
    operation_id = "find_connection",
    tag = "admin",
    params(("id" = ConnectionId, Path, description = "Id of the connection")),
    responses(
        (status = OK, body = Connection),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    StaffOnly(staff): StaffOnly,
    Id(id): Id<ConnectionId>,
) -> Result<Json<Connection>, Problem> {
    let found = connection::any(&app, &staff, id).await?;
    found
        .map(Json)
        .ok_or_else(|| Problem::not_found("connection"))
}

/// Ends a connection. Ending it twice does no harm.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/connections/{id}",
    operation_id = "terminate_connection",
    tag = "admin",
    params(("id" = ConnectionId, Path, description = "Id of the connection")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn terminate(
    State(app): State<App>,
    StaffOnly(staff): StaffOnly,
    Id(id): Id<ConnectionId>,
) -> Result<StatusCode, Problem> {
    connection::terminate_any(&app, &staff, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
