//! One's own second factors.

use axum::Json;
use axum::extract::State;
use causeway_model::id::FactorId;
use causeway_model::object::Factor;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Id, SignedIn};
use crate::rest::json::{Json as Body, OptionalJson};
use crate::rest::list::List;
use crate::use_case::account::{self, AddedFactor, FactorView};
use crate::use_case::object::Page;

/// A second factor; its secret is never shown.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct FactorItem {
    #[serde(flatten)]
    factor: Factor,
    /// Recovery codes that are left; absent for other kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining: Option<usize>,
}

impl From<FactorView> for FactorItem {
    fn from(view: FactorView) -> Self {
        Self {
            factor: view.factor,
            remaining: view.remaining,
        }
    }
}

/// Lists the caller's second factors, the oldest first.
#[utoipa::path(
    get,
    path = "/api/v1/me/factors",
    operation_id = "my_factors",
    tag = "account",
    responses(
        (status = OK, body = List<FactorItem>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Json<List<FactorItem>>, Problem> {
    let items = account::factors(&app, &caller).await?;
    Ok(List::of(Page { items, next: None }, FactorItem::from))
}

/// A name.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FactorName {
    /// What its user calls it.
    name: String,
}

/// Gives a second factor another name.
#[utoipa::path(
    put,
    path = "/api/v1/me/factors/{id}",
    operation_id = "rename_factor",
    tag = "account",
    params(("id" = FactorId, Path, description = "Id of the factor")),
    request_body = FactorName,
    responses(
        (status = OK, body = Factor),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rename(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<FactorId>,
    Body(body): Body<FactorName>,
) -> Result<Json<Factor>, Problem> {
    let factor = account::rename(&app, &caller, id, &body.name).await?;
    Ok(Json(factor))
}

/// Removes a second factor; with the last one go the recovery codes.
#[utoipa::path(
    delete,
    path = "/api/v1/me/factors/{id}",
    operation_id = "remove_factor",
    tag = "account",
    params(("id" = FactorId, Path, description = "Id of the factor")),
    responses(
        (status = NO_CONTENT),
        (status = FORBIDDEN, description = "`confirmation_needed`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<FactorId>,
) -> Result<StatusCode, Problem> {
    account::remove(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an authenticator app is given, shown this once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TotpView {
    id: FactorId,
    /// The seed in base32, for typing in.
    secret: String,
    /// The seed as a URL.
    otpauth_url: String,
    /// The URL as a QR code: an SVG document.
    qr_svg: String,
}

/// Begins to add an authenticator app. It counts from its first code on.
#[utoipa::path(
    post,
    path = "/api/v1/me/factors/totp",
    operation_id = "enrol_totp",
    tag = "account",
    request_body = Option<FactorName>,
    responses(
        (status = CREATED, body = TotpView),
        (status = FORBIDDEN, description = "`confirmation_needed`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn enrol_totp(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    OptionalJson(body): OptionalJson<FactorName>,
) -> Result<(StatusCode, Json<TotpView>), Problem> {
    let name = body.map(|body| body.name);
    let enrolment = account::enrol_totp(&app, &caller, name.as_deref()).await?;
    let view = TotpView {
        id: enrolment.id,
        secret: enrolment.secret.to_string(),
        otpauth_url: enrolment.otpauth_url.to_string(),
        qr_svg: enrolment.qr_svg.to_string(),
    };
    Ok((StatusCode::CREATED, Json(view)))
}

/// A code.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeBody {
    /// Six digits.
    code: String,
}

/// A second factor that was added.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct AddedFactorView {
    factor: Factor,
    /// With the first factor: codes for when it is lost, shown this once.
    recovery_codes: Option<Vec<String>>,
}

impl From<AddedFactor> for AddedFactorView {
    fn from(added: AddedFactor) -> Self {
        Self {
            factor: added.factor,
            recovery_codes: added.recovery_codes,
        }
    }
}

/// Takes the first code of a new authenticator app; from now on it is asked for
/// at sign-in.
#[utoipa::path(
    post,
    path = "/api/v1/me/factors/totp/{id}/confirm",
    operation_id = "confirm_totp",
    tag = "account",
    params(("id" = FactorId, Path, description = "Id of the factor")),
    request_body = CodeBody,
    responses(
        (status = OK, body = AddedFactorView),
        (status = FORBIDDEN, description = "`factor_wrong`, `confirmation_needed`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn confirm_totp(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<FactorId>,
    Body(body): Body<CodeBody>,
) -> Result<Json<AddedFactorView>, Problem> {
    let added = account::confirm_totp(&app, &caller, id, &body.code).await?;
    Ok(Json(added.into()))
}

/// What a browser is asked to make.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PasskeyEnrolmentView {
    /// Names the enrolment; it is finished once, within five minutes.
    ceremony: String,
    /// `PublicKeyCredentialCreationOptionsJSON`.
    #[schema(value_type = Object)]
    public_key: Value,
}

/// Begins to add a passkey or a security key.
#[utoipa::path(
    post,
    path = "/api/v1/me/factors/webauthn/options",
    operation_id = "enrol_passkey",
    tag = "account",
    responses(
        (status = OK, body = PasskeyEnrolmentView),
        (status = FORBIDDEN, description = "`confirmation_needed`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = CONFLICT, description = "`webauthn_needs_domain`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn enrol_passkey(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Json<PasskeyEnrolmentView>, Problem> {
    let enrolment = account::enrol_passkey(&app, &caller).await?;
    Ok(Json(PasskeyEnrolmentView {
        ceremony: enrolment.ceremony,
        public_key: enrolment.public_key,
    }))
}

/// A new passkey.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPasskeyBody {
    /// Which enrolment.
    ceremony: String,
    /// What its user calls it.
    name: String,
    /// `RegistrationResponseJSON`.
    #[schema(value_type = Object)]
    credential: Value,
}

/// Takes a new passkey or security key; from now on it is asked for at sign-in,
/// and a passkey signs in alone.
#[utoipa::path(
    post,
    path = "/api/v1/me/factors/webauthn",
    operation_id = "add_passkey",
    tag = "account",
    request_body = NewPasskeyBody,
    responses(
        (status = CREATED, body = AddedFactorView),
        (status = FORBIDDEN, description = "`factor_wrong`, `confirmation_needed`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, description = "`enrolment_gone`, `passkey_known`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn add_passkey(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Body(body): Body<NewPasskeyBody>,
) -> Result<(StatusCode, Json<AddedFactorView>), Problem> {
    let added =
        account::add_passkey(&app, &caller, &body.ceremony, &body.name, body.credential).await?;
    Ok((StatusCode::CREATED, Json(added.into())))
}

/// Recovery codes, shown this once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct RecoveryCodes {
    /// Each good once.
    codes: Vec<String>,
}

/// Draws new recovery codes; those from before are good no more.
#[utoipa::path(
    post,
    path = "/api/v1/me/recovery-codes",
    operation_id = "new_recovery_codes",
    tag = "account",
    responses(
        (status = CREATED, body = RecoveryCodes),
        (status = FORBIDDEN, description = "`confirmation_needed`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn new_recovery_codes(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<(StatusCode, Json<RecoveryCodes>), Problem> {
    let codes = account::new_recovery_codes(&app, &caller).await?;
    Ok((StatusCode::CREATED, Json(RecoveryCodes { codes })))
}
