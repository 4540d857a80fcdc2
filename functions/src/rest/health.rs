//! Liveness, readiness and metrics of the control plane.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};

use crate::app::App;
use crate::problem::Problem;

/// `/healthz`, `/readyz` and `/metrics`. They carry no object's data and need
/// no sign-in; an operator decides who reaches them.
pub(super) fn router(app: App) -> Router {
    let metrics = Router::new()
        .route("/metrics", get(metrics))
        .with_state(app.clone());
    probes(app).merge(metrics)
}

/// `/healthz` and `/readyz`: what a function of its own has. It lives too
/// briefly for `/metrics` to say much.
pub(super) fn probes(app: App) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(app)
}

async fn ready(State(app): State<App>) -> Response {
    match app.table().config().current().await {
        Ok(_) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "table_unavailable",
                "the table does not answer",
            )
            .into_response()
        }
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let text = app.metrics().render(app.table().round_trips());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
