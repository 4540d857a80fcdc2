//! All functions in one router, with the document that describes them.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get};
use http::{StatusCode, header};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, RefOr,
};
use utoipa_axum::router::OpenApiRouter;

use super::{admin, fleet, health, layers, portal};
use crate::app::App;
use crate::problem::Problem;

/// Everything that one process serves: the portal's, the administrators' and
/// the fleet's routes, `/api/v1/openapi.json`, health and metrics. It has no
/// fall-back, so that the web's files can be one; whatever else is asked for
/// under `/api/` is a problem 404.
pub fn api(app: App) -> (Router, OpenApi) {
    let (described, document) = described();
    let json: Arc<str> = document_json(&document).into();
    let router = described
        .with_state(app.clone())
        .route("/api/v1/openapi.json", get(move || openapi(json)))
        .route("/api/{*rest}", any(unknown))
        .merge(health::router(app.clone()))
        .method_not_allowed_fallback(wrong_method);
    (layers::wrap(router, &app), document)
}

/// The document as it is committed: a function serves it without making it.
const COMMITTED_DOCUMENT: &str = include_str!("../../openapi.json");

/// Some of the routes as a function of its own: with the probes, and a problem
/// 404 for whatever else is asked for.
pub(super) fn function(routes: OpenApiRouter<App>, app: &App) -> Router {
    let (router, _) = routes.with_state(app.clone()).split_for_parts();
    let router = router
        .merge(health::probes(app.clone()))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method);
    layers::wrap(router, app)
}

/// The document's route, for the function that serves it.
pub(super) fn document_routes() -> OpenApiRouter<App> {
    let json = [(header::CONTENT_TYPE, "application/json")];
    OpenApiRouter::new().route(
        "/api/v1/openapi.json",
        get(move || async move { (json, COMMITTED_DOCUMENT) }),
    )
}

/// The OpenAPI document.
#[must_use]
pub fn openapi_document() -> OpenApi {
    described().1
}

/// The text of the document as it is committed and served.
#[must_use]
pub fn document_json(document: &OpenApi) -> String {
    let mut json = document.to_pretty_json().unwrap_or_default();
    json.push('\n');
    json
}

fn described() -> (Router<App>, OpenApi) {
    let (router, mut document) = OpenApiRouter::with_openapi(head())
        .merge(portal::routes())
        .merge(admin::routes())
        .merge(fleet::routes())
        .split_for_parts();
    document
        .paths
        .paths
        .values_mut()
        .for_each(describe_responses);
    (router, document)
}

/// A response must have a description (OpenAPI 3.1, section 4.8.17); where the
/// handler gives none, the words of the status do.
fn describe_responses(path: &mut PathItem) {
    let operations = [
        &mut path.get,
        &mut path.post,
        &mut path.put,
        &mut path.delete,
    ];
    for operation in operations.into_iter().flatten() {
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else {
                continue;
            };
            if response.description.is_empty() {
                let words = status
                    .parse()
                    .ok()
                    .and_then(|code: StatusCode| code.canonical_reason());
                words
                    .unwrap_or("A problem")
                    .clone_into(&mut response.description);
            }
        }
    }
}

fn head() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Causeway")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Errors are problem details (RFC 9457) with a stable `code`. Browsers sign in with a \
             session cookie, programs with an API token, nodes and edges sign their requests.",
        ))
        .license(Some(
            LicenseBuilder::new().name("MIT OR Apache-2.0").build(),
        ))
        .build();
    let cookie = ApiKeyValue::with_description(
        "causeway",
        "Set by `POST /api/v1/session`; named `__Host-causeway` over TLS.",
    );
    let member = ApiKeyValue::with_description(
        "authorization",
        "`Causeway-Member member=<kind>:<id>,ts=<unix ms>,sig=<base64url>`: Ed25519 over method, \
         path, time and SHA-256 of the body.",
    );
    let components = ComponentsBuilder::new()
        .security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)))
        .security_scheme(
            "token",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        )
        .security_scheme("member", SecurityScheme::ApiKey(ApiKey::Header(member)))
        .build();
    let none: [&str; 0] = [];
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([
            SecurityRequirement::new("session", none),
            SecurityRequirement::new("token", none),
        ]))
        .build()
}

async fn openapi(json: Arc<str>) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        json.to_string(),
    )
        .into_response()
}

async fn unknown() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "there is nothing at this path",
    )
}

async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "this path does not take this method",
    )
}
