//! What every signed-in person uses: sign-in, their account, their applications, launching,
//! flows, approvals, their connections.

mod account;
mod admission;
mod applications;
mod approvals;
mod connections;
mod flows;
mod launch;
mod me;
mod session;
mod sources;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api;
use super::layers::SIGN_IN_BODY_LENGTH_MAX;
use crate::app::App;

/// The portal's routes alone and the API's document, with the common layers:
/// one Lambda function.
pub fn router(app: &App) -> Router {
    api::function(routes().merge(api::document_routes()), app)
}

pub(super) fn routes() -> OpenApiRouter<App> {
    let sign_in = OpenApiRouter::new()
        .routes(routes!(session::sign_in, session::sign_out))
        .routes(routes!(session::second_factor))
        .routes(routes!(session::passkey_options))
        .routes(routes!(session::passkey))
        .routes(routes!(sources::list))
        .routes(routes!(sources::sign_in))
        .routes(routes!(sources::callback))
        .routes(routes!(sources::backchannel_logout))
        .layer(DefaultBodyLimit::max(SIGN_IN_BODY_LENGTH_MAX));
    OpenApiRouter::new()
        .merge(sign_in)
        .routes(routes!(me::me))
        .merge(account::routes())
        .routes(routes!(applications::list))
        .routes(routes!(launch::launch))
        .routes(routes!(flows::show, flows::answer, flows::cancel))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::find, approvals::decide))
        .routes(routes!(connections::list))
        .routes(routes!(connections::find, connections::terminate))
        .routes(routes!(connections::ticket))
}
