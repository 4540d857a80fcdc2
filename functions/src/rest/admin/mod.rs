//! What administrators use: every kind of object, the fleet, the audit trail.

mod applications;
mod apply;
mod connections;
mod edges;
mod endpoints;
mod events;
mod explain;
mod export;
mod expressions;
mod factors;
mod flows;
mod groups;
mod join;
mod nodes;
mod object;
mod outposts;
mod overview;
mod policies;
mod policy_bindings;
mod property_mappings;
mod providers;
mod sessions;
mod settings_catalogue;
mod sources;
mod tokens;
mod used_by;
mod users;

pub(super) use tokens::NewTokenView;

use axum::Router;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api;
use crate::app::App;

/// The administrators' routes alone, with the common layers: one Lambda
/// function.
pub fn router(app: &App) -> Router {
    api::function(routes(), app)
}

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(applications::routes())
        .merge(providers::routes())
        .merge(endpoints::routes())
        .merge(property_mappings::routes())
        .merge(policies::routes())
        .merge(policy_bindings::routes())
        .merge(flows::routes())
        .merge(sources::routes())
        .merge(outposts::routes())
        .merge(groups::routes())
        .merge(users::routes())
        .routes(routes!(factors::remove_all))
        .routes(routes!(nodes::list))
        .routes(routes!(nodes::find, nodes::update, nodes::delete))
        .routes(routes!(edges::list))
        .routes(routes!(edges::find, edges::delete))
        .routes(routes!(join::join_node))
        .routes(routes!(join::join_edge))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::find, sessions::end))
        .routes(routes!(connections::list))
        .routes(routes!(connections::find, connections::terminate))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::find, tokens::delete))
        .routes(routes!(events::list))
        .routes(routes!(events::export))
        .routes(routes!(settings_catalogue::show))
        .routes(routes!(expressions::check))
        .routes(routes!(expressions::test))
        .routes(routes!(used_by::show))
        .routes(routes!(overview::show))
        .routes(routes!(export::show))
        .routes(routes!(explain::explain))
        .routes(routes!(apply::apply))
}
