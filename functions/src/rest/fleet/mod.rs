//! What nodes and edges use. The documents are those of `causeway-fleet`.

mod claim;
mod enrol;
mod heartbeat;
mod member;
mod report;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api;
use crate::app::App;

/// The fleet's routes alone, with the common layers: one Lambda function, or a
/// listener of its own.
pub fn router(app: &App) -> Router {
    api::function(routes(), app)
}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(enrol::enrol))
        .routes(routes!(heartbeat::heartbeat))
        .routes(routes!(claim::claim))
        .routes(routes!(report::report))
}
