//! Signing in and out.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use causeway_model::id::UserId;
use causeway_model::object::{AuthenticationMethod, Role, User};
use http::{StatusCode, header};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::cookie::SessionCookie;
use crate::rest::extract::{SameSite, SignedIn, Visitor};
use crate::rest::json::Json;
use crate::rest::problems::busy;
use crate::use_case::second_factor::FactorError;
use crate::use_case::session::{self, Password};
use crate::use_case::sign_in::{self, Given, SecondStep, SignIn, SignInError, Step};

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

/// What the right password leads to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum SignInView {
    /// Somebody is signed in; the session cookie is set.
    SignedIn {
        /// Who.
        user: SignedInUser,
        /// When the sign-in ends by itself.
        #[schema(value_type = String, format = DateTime)]
        expires_at: Timestamp,
    },
    /// A second factor is asked for; nobody is signed in yet.
    SecondFactor {
        /// Names the sign-in at its second step; good for a few wrong answers.
        sign_in: String,
        /// What may be answered with, the best first.
        methods: Vec<AuthenticationMethod>,
        /// The question to the user's passkeys
        /// (`PublicKeyCredentialRequestOptionsJSON`).
        #[schema(value_type = Option<Object>)]
        public_key: Option<Value>,
        /// When the sign-in must begin anew.
        #[schema(value_type = String, format = DateTime)]
        expires_at: Timestamp,
    },
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

/// Signs in with name and password. Sets the session cookie, or asks for a
/// second factor.
#[utoipa::path(
    post,
    path = "/api/v1/session",
    operation_id = "sign_in",
    tag = "portal",
    security(()),
    request_body = SignInBody,
    responses(
        (status = OK, body = SignInView),
        (status = UNAUTHORIZED, description = "`credentials_wrong`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_in(
    State(app): State<App>,
    _: SameSite,
    Visitor(browser): Visitor,
    Json(body): Json<SignInBody>,
) -> Result<Response, Problem> {
    let attempt = SignIn {
        username: body.username,
        password: body.password,
        browser,
    };
    match sign_in::begin(&app, attempt).await? {
        Step::Done(signed_in) => Ok(signed_in_view(&app, *signed_in)),
        Step::SecondFactor(needed) => Ok(axum::Json(SignInView::SecondFactor {
            sign_in: needed.sign_in,
            methods: needed.methods,
            public_key: needed.public_key,
            expires_at: needed.expires_at,
        })
        .into_response()),
    }
}

/// A way to answer at the second step.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum SecondFactorMethod {
    /// `code` of an authenticator app.
    Totp,
    /// `credential` of a passkey or security key.
    Webauthn,
    /// `code` from the list of recovery codes; used up.
    RecoveryCode,
}

/// An answer at the second step.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SecondFactorBody {
    /// As the first step gave it.
    sign_in: String,
    /// What is answered with.
    method: SecondFactorMethod,
    /// The code, for `totp` and `recovery_code`.
    #[serde(default)]
    code: Option<String>,
    /// The passkey's answer (`AuthenticationResponseJSON`), for `webauthn`.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    credential: Option<Value>,
}

/// Answers with a second factor and sets the session cookie.
#[utoipa::path(
    post,
    path = "/api/v1/session/second-factor",
    operation_id = "sign_in_second_factor",
    tag = "portal",
    security(()),
    request_body = SecondFactorBody,
    responses(
        (status = OK, body = SignInView),
        (status = UNAUTHORIZED, description = "`factor_wrong`: try again; `sign_in_gone`: begin \
            anew", body = ProblemDocument, content_type = "application/problem+json"),
        (status = TOO_MANY_REQUESTS, description = "`too_many_attempts`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn second_factor(
    State(app): State<App>,
    _: SameSite,
    Visitor(browser): Visitor,
    Json(body): Json<SecondFactorBody>,
) -> Result<Response, Problem> {
    let code = body.code.ok_or("code");
    let given = match body.method {
        SecondFactorMethod::Totp => code.map(Given::Totp),
        SecondFactorMethod::RecoveryCode => code.map(Given::RecoveryCode),
        SecondFactorMethod::Webauthn => body.credential.map(Given::Webauthn).ok_or("credential"),
    };
    let step = SecondStep {
        sign_in: body.sign_in,
        given: given.map_err(required)?,
        browser,
    };
    Ok(signed_in_view(&app, sign_in::finish(&app, step).await?))
}

/// A question that any passkey of this portal may answer.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PasskeyOptions {
    /// Names the question; it is answered once, within five minutes.
    ceremony: String,
    /// `PublicKeyCredentialRequestOptionsJSON`.
    #[schema(value_type = Object)]
    public_key: Value,
}

/// Asks for a passkey.
#[utoipa::path(
    post,
    path = "/api/v1/session/passkey/options",
    operation_id = "sign_in_passkey_options",
    tag = "portal",
    security(()),
    responses(
        (status = OK, body = PasskeyOptions),
        (status = CONFLICT, description = "`webauthn_needs_domain`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn passkey_options(
    State(app): State<App>,
    _: SameSite,
    Visitor(browser): Visitor,
) -> Result<axum::Json<PasskeyOptions>, Problem> {
    let question = sign_in::begin_passkey(&app, &browser).await?;
    Ok(axum::Json(PasskeyOptions {
        ceremony: question.ceremony,
        public_key: question.public_key,
    }))
}

/// A passkey's answer.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PasskeySignInBody {
    /// Which question.
    ceremony: String,
    /// `AuthenticationResponseJSON`.
    #[schema(value_type = Object)]
    credential: Value,
}

/// Signs in with a passkey and sets the session cookie.
#[utoipa::path(
    post,
    path = "/api/v1/session/passkey",
    operation_id = "sign_in_passkey",
    tag = "portal",
    security(()),
    request_body = PasskeySignInBody,
    responses(
        (status = OK, body = SignInView),
        (status = UNAUTHORIZED, description = "`passkey_refused`, `sign_in_gone`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn passkey(
    State(app): State<App>,
    _: SameSite,
    Visitor(browser): Visitor,
    Json(body): Json<PasskeySignInBody>,
) -> Result<Response, Problem> {
    let signed_in =
        sign_in::finish_passkey(&app, &body.ceremony, body.credential, &browser).await?;
    Ok(signed_in_view(&app, signed_in))
}

/// Where a browser goes after signing out.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SignedOutView {
    /// Where the identity provider ends its own sign-in; it leads back here.
    end_session_url: String,
}

/// Ends the caller's session and the connections that live in it.
#[utoipa::path(
    delete,
    path = "/api/v1/session",
    operation_id = "sign_out",
    tag = "portal",
    responses(
        (status = NO_CONTENT),
        (status = OK, description = "The identity provider should be told too",
            body = SignedOutView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_out(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Response, Problem> {
    let end_session_url = session::sign_out(&app, &caller).await?;
    let removed = SessionCookie::new(app.config().is_secure()).remove();
    let cookie = [(header::SET_COOKIE, removed)];
    Ok(match end_session_url {
        Some(end_session_url) => {
            (cookie, axum::Json(SignedOutView { end_session_url })).into_response()
        }
        None => (StatusCode::NO_CONTENT, cookie).into_response(),
    })
}

/// Says who is signed in and sets the cookie.
fn signed_in_view(app: &App, signed_in: session::SignedIn) -> Response {
    let expires_at = signed_in.session.expires_at;
    let cookie = SessionCookie::new(app.config().is_secure());
    let kept = cookie.keep(&signed_in.credential, app.now(), expires_at);
    let view = SignInView::SignedIn {
        user: signed_in.user.into(),
        expires_at,
    };
    ([(header::SET_COOKIE, kept)], axum::Json(view)).into_response()
}

/// 422 for a field that this method needs.
fn required(field: &'static str) -> Problem {
    let message = "this method needs this field";
    Problem::invalid(vec![FieldError::new(field, "required", message)])
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        let unauthorized =
            |code, detail: &str| Self::new(StatusCode::UNAUTHORIZED, code, detail.to_owned());
        match error {
            SignInError::CredentialsWrong => {
                unauthorized("credentials_wrong", "the username or the password is wrong")
            }
            SignInError::FactorWrong => {
                unauthorized("factor_wrong", "that was not right; try again")
            }
            SignInError::Gone => unauthorized(
                "sign_in_gone",
                "this sign-in took too long or had too many wrong answers; begin again",
            ),
            SignInError::PasskeyRefused => unauthorized(
                "passkey_refused",
                "this passkey is not known here; sign in with your password",
            ),
            SignInError::NoDomain => no_domain(),
            SignInError::TooManyAttempts { retry_after } => too_many_attempts(retry_after),
            SignInError::Busy => busy(),
            SignInError::Broken(error) => match *error {
                FactorError::Seal(error) => error.into(),
                error => Self::internal(&error),
            },
            SignInError::Table(error) => error.into(),
            SignInError::Write(error) => error.into(),
        }
    }
}

/// 429 `too_many_attempts`.
pub(super) fn too_many_attempts(retry_after: std::time::Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_attempts",
        "too many failed attempts; wait before the next one",
    )
    .retry_after(retry_after)
}

/// 409 `webauthn_needs_domain`.
pub(super) fn no_domain() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "webauthn_needs_domain",
        "passkeys need a host name; open Causeway by its name, not by its address",
    )
}
