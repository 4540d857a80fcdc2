//! Signing in with a source.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use causeway_model::object::Source;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::cookie::{BrowserCookie, SessionCookie};
use crate::rest::extract::{Names, SameSite, Visitor};
use crate::rest::list::{List, QueryOf};
use crate::use_case::kept;
use crate::use_case::object::Page;
use crate::use_case::source_sign_in::{self, CallbackQuery, LogoutError, SourceSignInError};

/// A source as the sign-in page shows it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SourceButton {
    slug: String,
    /// Name for people.
    name: String,
    /// URL or emoji of its picture; empty for none.
    icon: String,
    /// Where the browser goes to sign in with it.
    url: String,
}

impl From<&Source> for SourceButton {
    fn from(source: &Source) -> Self {
        Self {
            slug: source.slug.clone(),
            name: source.name.clone(),
            icon: source.icon.clone(),
            url: format!("/api/v1/sources/{}/sign-in", source.slug),
        }
    }
}

/// Lists the sources that one can sign in with.
#[utoipa::path(
    get,
    path = "/api/v1/sources",
    operation_id = "sign_in_sources",
    tag = "portal",
    security(()),
    responses(
        (status = OK, body = List<SourceButton>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<List<SourceButton>>, Problem> {
    let items = source_sign_in::list(&app).await?;
    Ok(List::of(Page { items, next: None }, |source| {
        SourceButton::from(&*source)
    }))
}

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SignInQuery {
    /// A path of the portal; the first page for anything else.
    #[serde(default)]
    to: Option<String>,
}

/// Sends the browser to a source. When that cannot be, back to the sign-in page
/// with `sign_in_error`.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{slug}/sign-in",
    operation_id = "sign_in_with_source",
    tag = "portal",
    security(()),
    params(("slug" = String, Path, description = "Slug of the source"), SignInQuery),
    responses(
        (status = FOUND, description = "To the source, or back with `sign_in_error`"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn sign_in(
    State(app): State<App>,
    Visitor(browser): Visitor,
    Names(slug): Names<String>,
    QueryOf(query): QueryOf<SignInQuery>,
    headers: HeaderMap,
) -> Response {
    let cookie = BrowserCookie::new(app.config().is_secure());
    let (to, had) = (query.to.as_deref(), cookie.read(&headers));
    match source_sign_in::begin(&app, &slug, to, had, &browser).await {
        Ok(begun) => {
            let kept = cookie.keep(&begun.browser, kept::LIFE);
            redirect(&begun.url, Some(kept))
        }
        Err(error) => back_with(&error),
    }
}

/// Takes the browser back from a source and sets the session cookie. Whatever
/// goes wrong leads to the sign-in page with `sign_in_error`.
#[utoipa::path(
    get,
    path = "/api/v1/sources/{slug}/callback",
    operation_id = "source_callback",
    tag = "portal",
    security(()),
    params(("slug" = String, Path, description = "Slug of the source"), CallbackQuery),
    responses(
        (status = FOUND, description = "To the portal, or back with `sign_in_error`"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn callback(
    State(app): State<App>,
    Visitor(browser): Visitor,
    Names(slug): Names<String>,
    QueryOf(query): QueryOf<CallbackQuery>,
    headers: HeaderMap,
) -> Response {
    let cookie = BrowserCookie::new(app.config().is_secure());
    let had = cookie.read(&headers);
    match source_sign_in::finish(&app, &slug, query, had, &browser).await {
        Ok(finished) => {
            let signed_in = finished.signed_in;
            let cookie = SessionCookie::new(app.config().is_secure());
            let expires_at = signed_in.session.expires_at;
            let kept = cookie.keep(&signed_in.credential, app.now(), expires_at);
            redirect(&finished.to, Some(kept))
        }
        Err(error) => back_with(&error),
    }
}

/// What a source tells.
#[derive(utoipa::ToSchema)]
pub(super) struct LogoutForm {
    /// A logout token (OpenID Connect Back-Channel Logout 1.0).
    logout_token: String,
}

/// Ends the sign-ins that a source ended, and the connections that live in
/// them.
#[utoipa::path(
    post,
    path = "/api/v1/sources/{slug}/backchannel-logout",
    operation_id = "backchannel_logout",
    tag = "portal",
    security(()),
    params(("slug" = String, Path, description = "Slug of the source")),
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = OK, description = "Whoever it named is signed out"),
        (status = BAD_REQUEST, description = "`logout_token_invalid`", body = ProblemDocument,
            content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn backchannel_logout(
    State(app): State<App>,
    _: SameSite,
    Visitor(browser): Visitor,
    Names(slug): Names<String>,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let form = LogoutForm::read(&body).ok_or(LogoutError::Invalid)?;
    let token = &form.logout_token;
    source_sign_in::backchannel_sign_out(&app, &slug, token, &browser.address).await?;
    Ok(StatusCode::OK)
}

impl LogoutForm {
    fn read(body: &[u8]) -> Option<Self> {
        let mut pairs = url::form_urlencoded::parse(body);
        let (_, token) = pairs.find(|(name, _)| name == "logout_token")?;
        Some(Self {
            logout_token: token.into_owned(),
        })
    }
}

/// Back to the sign-in page with the reason; ours goes to the log.
fn back_with(error: &SourceSignInError) -> Response {
    match error {
        SourceSignInError::Seal(_) | SourceSignInError::Write(_) | SourceSignInError::Table(_) => {
            tracing::error!(error = %crate::problem::Chain(error), "sign-in with a source failed");
        }
        _ => tracing::info!(%error, "sign-in with a source refused"),
    }
    redirect(&format!("/?sign_in_error={}", error.code()), None)
}

fn redirect(to: &str, cookie: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    let to = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(header::LOCATION, to);
    // The code in our address is nobody else's to see.
    let policy = HeaderValue::from_static("no-referrer");
    headers.insert(header::REFERRER_POLICY, policy);
    if let Some(cookie) = cookie {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

impl From<LogoutError> for Problem {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::Unknown => Self::not_found("source"),
            LogoutError::Unavailable => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "source_unavailable",
                "the keys of the source cannot be found out; try again",
            )
            .retry_after(std::time::Duration::from_secs(5)),
            LogoutError::Invalid => Self::new(
                StatusCode::BAD_REQUEST,
                "logout_token_invalid",
                "the logout token does not count",
            ),
            LogoutError::Table(error) => error.into(),
        }
    }
}
