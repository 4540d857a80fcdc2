//! One's own sign-ins.

use axum::Json;
use axum::extract::State;
use causeway_model::id::SessionId;
use causeway_model::object::Session;
use http::StatusCode;
use serde::Serialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Id, SignedIn};
use crate::rest::list::List;
use crate::rest::portal::me::SourceView;
use crate::use_case::account;
use crate::use_case::object::Page;

/// A sign-in as its user sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MySession {
    #[serde(flatten)]
    session: Session,
    /// Whether it is the one that asks.
    current: bool,
    /// The source that it came from, by name; null for a local account.
    signed_in_with: Option<SourceView>,
}

/// Lists the caller's live sign-ins, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/me/sessions",
    operation_id = "my_sessions",
    tag = "account",
    responses(
        (status = OK, body = List<MySession>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Json<List<MySession>>, Problem> {
    let items = account::sign_ins(&app, &caller).await?;
    let snapshot = app.table().config().current().await?;
    Ok(List::of(Page { items, next: None }, |view| MySession {
        signed_in_with: SourceView::of(&snapshot, view.session.source),
        session: view.session,
        current: view.current,
    }))
}

/// Ends all of the caller's sign-ins but this one, and the connections that
/// live in them.
#[utoipa::path(
    delete,
    path = "/api/v1/me/sessions",
    operation_id = "end_my_other_sessions",
    tag = "account",
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end_others(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<StatusCode, Problem> {
    account::end_others(&app, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends one of the caller's sign-ins and the connections that live in it.
#[utoipa::path(
    delete,
    path = "/api/v1/me/sessions/{id}",
    operation_id = "end_my_session",
    tag = "account",
    params(("id" = SessionId, Path, description = "Id of the session")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn end(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<SessionId>,
) -> Result<StatusCode, Problem> {
    account::end_sign_in(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
