//! One's own API tokens.

use axum::Json;
use axum::extract::State;
use causeway_model::id::TokenId;
use causeway_model::object::{Token, TokenSpec};
use http::StatusCode;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::admin::NewTokenView;
use crate::rest::extract::{Id, SignedIn};
use crate::rest::json::Json as Body;
use crate::rest::list::List;
use crate::use_case::account;
use crate::use_case::object::Page;

/// Lists the caller's API tokens, the newest first, without their texts.
#[utoipa::path(
    get,
    path = "/api/v1/me/tokens",
    operation_id = "my_tokens",
    tag = "account",
    responses(
        (status = OK, body = List<Token>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Json<List<Token>>, Problem> {
    let items = account::tokens(&app, &caller).await?;
    Ok(Json(Page { items, next: None }.into()))
}

/// Makes an API token for the caller. Its text is shown this once.
#[utoipa::path(
    post,
    path = "/api/v1/me/tokens",
    operation_id = "create_my_token",
    tag = "account",
    request_body = TokenSpec,
    responses(
        (status = CREATED, body = NewTokenView),
        (status = FORBIDDEN, description = "`confirmation_needed`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Body(spec): Body<TokenSpec>,
) -> Result<(StatusCode, Json<NewTokenView>), Problem> {
    let new = account::create_token(&app, &caller, spec).await?;
    Ok((StatusCode::CREATED, Json(new.into())))
}

/// Deletes an API token of the caller and ends the connections that live in it.
#[utoipa::path(
    delete,
    path = "/api/v1/me/tokens/{id}",
    operation_id = "delete_my_token",
    tag = "account",
    params(("id" = TokenId, Path, description = "Id of the token")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    account::delete_token(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
