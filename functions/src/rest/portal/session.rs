//! Signing in and out.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use causeway_model::id::UserId;
use causeway_model::object::{Role, User};
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::cookie::SessionCookie;
use crate::rest::extract::{Address, SameSite, SignedIn};
use crate::rest::json::Json;
use crate::rest::problems::busy;
use crate::use_case::session::{self, Password, SignIn, SignInError};

/// Name and password.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignInBody {
    /// The user's name; case does not matter.
    username: String,
    /// The user's password.
    #[schema(value_type = String, format = Password)]
    password: Password,
}

/// Who is signed in, and until when.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SignedInView {
    user: SignedInUser,
    /// When the sign-in ends by itself.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A user, as far as the portal shows them.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SignedInUser {
    id: UserId,
    username: String,
    /// Name for people.
    name: String,
    role: Role,
}

impl From<User> for SignedInUser {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            username: user.username,
            name: user.name,
            role: user.role,
        }
    }
}

/// Signs in with name and password and sets the session cookie.
#[utoipa::path(
    post,
    path = "/api/v1/session",
    operation_id = "sign_in",
    tag = "portal",
    security(()),
    request_body = SignInBody,
    responses(
        (status = OK, body = SignedInView),
        (status = UNAUTHORIZED, description = "`credentials_wrong`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemDocument,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_in(
    State(app): State<App>,
    _: SameSite,
    Address(address): Address,
    headers: HeaderMap,
    Json(body): Json<SignInBody>,
) -> Result<Response, Problem> {
    let user_agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let attempt = SignIn {
        username: body.username,
        password: body.password,
        address,
        user_agent: user_agent.unwrap_or_default().to_owned(),
    };
    let signed_in = session::sign_in(&app, attempt).await?;
    let expires_at = signed_in.session.expires_at;
    let cookie = SessionCookie::new(app.config().is_secure());
    let kept = cookie.keep(&signed_in.credential, app.now(), expires_at);
    let view = SignedInView {
        user: signed_in.user.into(),
        expires_at,
    };
    Ok(([(header::SET_COOKIE, kept)], axum::Json(view)).into_response())
}

/// Ends the caller's session and the connections that live in it.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    operation_id = "sign_out",
    tag = "portal",
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_out(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Response, Problem> {
    session::sign_out(&app, &caller).await?;
    let removed = SessionCookie::new(app.config().is_secure()).remove();
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, removed)]).into_response())
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::CredentialsWrong => Self::new(
                StatusCode::UNAUTHORIZED,
                "credentials_wrong",
                error.to_string(),
            ),
            SignInError::TooManyAttempts { retry_after } => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                "too many failed attempts; wait before the next one",
            )
            .retry_after(retry_after),
            SignInError::Busy => busy(),
            SignInError::Table(error) => error.into(),
            SignInError::Write(error) => error.into(),
        }
    }
}
