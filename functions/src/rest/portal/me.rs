//! Who is calling.

use axum::Json;
use causeway_model::id::{GroupId, UserId};
use causeway_model::object::Role;
use jiff::Timestamp;
use serde::Serialize;

use crate::problem::ProblemDocument;
use crate::rest::extract::SignedIn;

/// The caller.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Me {
    id: UserId,
    username: String,
    /// Name for people.
    name: String,
    /// Mail address; empty for none.
    email: String,
    role: Role,
    groups: Vec<GroupId>,
    /// When the sign-in or the token ends by itself; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Who is calling.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "me",
    tag = "portal",
    responses(
        (status = OK, body = Me),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn me(SignedIn(caller): SignedIn) -> Json<Me> {
    let expires_at = caller.expires_at();
    let user = caller.user().clone();
    Json(Me {
        id: user.id,
        username: user.username,
        name: user.name,
        email: user.email,
        role: user.role,
        groups: user.groups,
        expires_at,
    })
}
