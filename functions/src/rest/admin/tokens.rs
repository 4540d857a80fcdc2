//! API tokens of programs.

use axum::Json;
use axum::extract::State;
use causeway_model::id::TokenId;
use causeway_model::object::{Token, TokenSpec};
use http::StatusCode;
use serde::Serialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{AdminOnly, Id, ReaderOnly};
use crate::rest::json::Json as Body;
use crate::rest::list::{List, Listing, OfUserQuery};
use crate::use_case::token::{self, NewToken, TokenError};

/// A fresh token with its text, which is shown once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct NewTokenView {
    #[serde(flatten)]
    object: Token,
    /// For `Authorization: Bearer`.
    token: String,
}

impl From<NewToken> for NewTokenView {
    fn from(new: NewToken) -> Self {
        Self {
            object: new.token,
            token: new.credential.to_text(),
        }
    }
}

/// Lists every API token, without their texts.
#[utoipa::path(
    get,
    path = "/api/v1/admin/tokens",
    operation_id = "list_token",
    tag = "admin",
    params(OfUserQuery),
    responses(
        (status = OK, body = List<Token>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Listing(filter, _): Listing<OfUserQuery>,
) -> Result<Json<List<Token>>, Problem> {
    Ok(Json(token::list(&app, &reader, &filter).await?.into()))
}

/// Makes an API token for the caller or another user.
#[utoipa::path(
    post,
    path = "/api/v1/admin/tokens",
    operation_id = "create_token",
    tag = "admin",
    request_body = TokenSpec,
    responses(
        (status = CREATED, body = NewTokenView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Body(spec): Body<TokenSpec>,
) -> Result<(StatusCode, Json<NewTokenView>), Problem> {
    let new = token::create(&app, &admin, spec).await?;
    Ok((StatusCode::CREATED, Json(new.into())))
}

/// Shows one API token, without its text.
#[utoipa::path(
    get,
    path = "/api/v1/admin/tokens/{id}",
    operation_id = "find_token",
    tag = "admin",
    params(("id" = TokenId, Path, description = "Id of the token")),
    responses(
        (status = OK, body = Token),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Id(id): Id<TokenId>,
) -> Result<Json<Token>, Problem> {
    let found = token::find(&app, &reader, id).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("token"))
}

/// Deletes an API token and ends the connections that live in it.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/tokens/{id}",
    operation_id = "delete_token",
    tag = "admin",
    params(("id" = TokenId, Path, description = "Id of the token")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(app): State<App>,
    AdminOnly(admin): AdminOnly,
    Id(id): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    token::delete(&app, &admin, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Fields(errors) => Self::invalid(errors),
            TokenError::Write(error) => error.into(),
            TokenError::Table(error) => error.into(),
        }
    }
}
