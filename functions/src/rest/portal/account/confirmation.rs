//! Proving again who one is.

use axum::Json;
use axum::extract::State;
use causeway_model::object::AuthenticationMethod;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::SignedIn;
use crate::rest::json::Json as Body;
use crate::use_case::account::{self, Confirmation};
use crate::use_case::session::Password;

/// What the caller can confirm with.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ConfirmationOptions {
    /// The ways, the best first; empty for who can only sign in again.
    methods: Vec<AuthenticationMethod>,
    /// Names the question to the caller's passkeys; answered once.
    ceremony: Option<String>,
    /// The question (`PublicKeyCredentialRequestOptionsJSON`).
    #[schema(value_type = Option<Object>)]
    public_key: Option<Value>,
}

/// Says how the caller can confirm, and asks their passkeys.
#[utoipa::path(
    post,
    path = "/api/v1/me/confirm/options",
    operation_id = "confirmation_options",
    tag = "account",
    responses(
        (status = OK, body = ConfirmationOptions),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn options(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Json<ConfirmationOptions>, Problem> {
    let question = account::question(&app, &caller).await?;
    Ok(Json(ConfirmationOptions {
        methods: question.methods,
        ceremony: question.ceremony,
        public_key: question.public_key,
    }))
}

/// One of `password`, `code` (of an authenticator app), or `ceremony` with
/// `credential`.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmationBody {
    /// The caller's password.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Password>,
    /// A code of the caller's authenticator app.
    #[serde(default)]
    code: Option<String>,
    /// Which question the passkey answers.
    #[serde(default)]
    ceremony: Option<String>,
    /// The passkey's answer (`AuthenticationResponseJSON`).
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    credential: Option<Value>,
}

/// Until when a confirmation holds.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ConfirmedView {
    /// When the caller proved it.
    #[schema(value_type = String, format = DateTime)]
    confirmed_at: Timestamp,
    /// When they must prove it again.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Proves again who the caller is, for 15 minutes.
#[utoipa::path(
    post,
    path = "/api/v1/me/confirm",
    operation_id = "confirm",
    tag = "account",
    request_body = ConfirmationBody,
    responses(
        (status = OK, body = ConfirmedView),
        (status = FORBIDDEN, description = "`factor_wrong`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Body(body): Body<ConfirmationBody>,
) -> Result<Json<ConfirmedView>, Problem> {
    let confirmed = account::confirm(&app, &caller, given(body)?).await?;
    Ok(Json(ConfirmedView {
        confirmed_at: confirmed.confirmed_at,
        expires_at: confirmed.expires_at,
    }))
}

fn given(body: ConfirmationBody) -> Result<Confirmation, Problem> {
    match (body.password, body.code, body.ceremony, body.credential) {
        (Some(password), None, None, None) => Ok(Confirmation::Password(password)),
        (None, Some(code), None, None) => Ok(Confirmation::Totp(code)),
        (None, None, Some(ceremony), Some(credential)) => Ok(Confirmation::Webauthn {
            ceremony,
            credential,
        }),
        _ => {
            let message = "give one of password, code, or ceremony with credential";
            let error = FieldError::new("password", "one_of", message);
            Err(Problem::invalid(vec![error]))
        }
    }
}
