//! The caller's connections: list, terminate, come back.

use axum::Json;
use axum::extract::State;
use causeway_model::id::ConnectionId;
use causeway_model::object::Connection;
use http::StatusCode;
use serde::Deserialize;

use super::admission::AdmissionView;
use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Id, SignedIn};
use crate::rest::list::{List, QueryOf};
use crate::use_case::connection::{self, EndError};
use crate::use_case::object::Page;
use crate::use_case::reattach::{ReattachError, reattach};

/// Which connections.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ConnectionsQuery {
    /// Those that ended lately as well.
    #[serde(default)]
    all: Option<bool>,
}

/// My connections, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/connections",
    operation_id = "my_connections",
    tag = "portal",
    params(ConnectionsQuery),
    responses(
        (status = OK, body = List<Connection>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    QueryOf(query): QueryOf<ConnectionsQuery>,
) -> Result<Json<List<Connection>>, Problem> {
    let items = connection::mine(&app, &caller, query.all.unwrap_or(false)).await?;
    Ok(Json(Page { items, next: None }.into()))
}

/// One of my connections; for an administrator, any.
#[utoipa::path(
    get,
    path = "/api/v1/connections/{id}",
    operation_id = "my_connection",
    tag = "portal",
    params(("id" = ConnectionId, Path, description = "Id of the connection")),
    responses(
        (status = OK, body = Connection),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<ConnectionId>,
) -> Result<Json<Connection>, Problem> {
    let found = connection::visible(&app, &caller, id).await?;
    found.map(Json).ok_or_else(not_found)
}

/// Ends one of my connections; for an administrator, any. Ending it twice does
/// no harm.
#[utoipa::path(
    delete,
    path = "/api/v1/connections/{id}",
    operation_id = "terminate_my_connection",
    tag = "portal",
    params(("id" = ConnectionId, Path, description = "Id of the connection")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn terminate(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<ConnectionId>,
) -> Result<StatusCode, Problem> {
    connection::terminate(&app, &caller, id)
        .await
        .map_err(|error| match error {
            EndError::NotFound => not_found(),
            error @ (EndError::NotAllowed | EndError::Table(_)) => error.into(),
        })?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new ticket for one of my connections, for a browser that comes back.
#[utoipa::path(
    post,
    path = "/api/v1/connections/{id}/ticket",
    operation_id = "reattach",
    tag = "portal",
    params(("id" = ConnectionId, Path, description = "Id of the connection")),
    responses(
        (status = OK, body = AdmissionView),
        (status = FORBIDDEN, description = "`not_allowed_by_policy`: the connection was ended; \
            `endpoint_not_allowed`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, description = "`connection_ended`, `cannot_be_resumed`, `other_sign_in`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn ticket(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<ConnectionId>,
) -> Result<AdmissionView, Problem> {
    Ok(reattach(&app, &caller, id).await?.into())
}

fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "connection_not_found",
        "there is no such connection",
    )
}

impl From<ReattachError> for Problem {
    fn from(error: ReattachError) -> Self {
        let conflict =
            |code, error: &ReattachError| Self::new(StatusCode::CONFLICT, code, error.to_string());
        match error {
            ReattachError::NotFound => not_found(),
            ReattachError::OtherSession => conflict("other_sign_in", &error),
            ReattachError::Ended => conflict("connection_ended", &error),
            ReattachError::CannotBeResumed => conflict("cannot_be_resumed", &error),
            ReattachError::NotAllowed => Self::new(
                StatusCode::FORBIDDEN,
                "endpoint_not_allowed",
                error.to_string(),
            ),
            ReattachError::NotAllowedByPolicy => Self::new(
                StatusCode::FORBIDDEN,
                "not_allowed_by_policy",
                "You may not use this endpoint any more, so the connection was ended.",
            ),
            ReattachError::NodeNotReachable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "node_not_reachable",
                "the connection's node has no tunnel to a live edge; try again",
            )
            .retry_after(std::time::Duration::from_secs(2)),
            ReattachError::Ticket(error) => error.into(),
            ReattachError::Secret(error) => error.into(),
            ReattachError::Table(error) => error.into(),
        }
    }
}
