//! Connections of everybody.

use axum::Json;
use axum::extract::State;
use causeway_model::id::ConnectionId;
use causeway_model::object::{Connection, ConnectionState};
use http::StatusCode;
use serde::Deserialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Id, StaffOnly};
use crate::rest::list::{List, QueryOf, limit};
use crate::use_case::connection;
use crate::use_case::connection_list::{self, ConnectionsWanted};

/// Which connections.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ConnectionQuery {
    /// Those of this user, by username or id; with it, ended ones are listed
    /// too.
    #[serde(default)]
    user: Option<String>,
    /// Those to the endpoint of this id.
    #[serde(default)]
    endpoint: Option<String>,
    /// Those launched from this application, by slug or id.
    #[serde(default)]
    application: Option<String>,
    /// Those on this node, by name or id.
    #[serde(default)]
    node: Option<String>,
    /// Those in this state; `ended` shows those that ended lately.
    #[serde(default)]
    #[param(inline)]
    state: Option<ConnectionState>,
    /// Those whose user, application or endpoint is named so, in part, whatever
    /// the case.
    #[serde(default)]
    search: Option<String>,
    /// At most so many items; 100 unless said otherwise, never more.
    #[serde(default)]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl From<ConnectionQuery> for ConnectionsWanted {
    fn from(query: ConnectionQuery) -> Self {
        Self {
            user: query.user,
            endpoint: query.endpoint,
            application: query.application,
            node: query.node,
            state: query.state,
            search: query.search,
            limit: limit(query.limit),
            cursor: query.cursor,
        }
    }
}

/// Lists connections: the live ones of everybody, unless a state or a user is
/// asked for. A page may be short and yet not the last.
#[utoipa::path(
    get,
    path = "/api/v1/admin/connections",
    operation_id = "list_connection",
    tag = "admin",
    params(ConnectionQuery),
    responses(
        (status = OK, body = List<Connection>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    StaffOnly(staff): StaffOnly,
    QueryOf(query): QueryOf<ConnectionQuery>,
) -> Result<Json<List<Connection>>, Problem> {
    let page = connection_list::list(&app, &staff, &query.into()).await?;
    Ok(Json(page.into()))
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
