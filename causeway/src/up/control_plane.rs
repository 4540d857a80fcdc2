//! The control plane inside `causeway up`: its state, its pages, its listeners.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use causeway_functions::order::HttpOrders;
use causeway_functions::{App, Config, Parts, api};
use causeway_table::Table;
use causeway_telemetry::Sampling;

use super::sockets::Urls;
use super::{keys, outside_secrets};
use crate::cli::UpArgs;
use crate::data_dir::DataDir;
use crate::serve::Transport;
use crate::web::{self, SecurityHeaders};

/// Opens the store and the keys and puts the control plane together.
///
/// # Errors
/// When store or keys cannot be used.
pub(super) async fn open(
    data: &DataDir,
    args: &UpArgs,
    urls: &Urls,
    traces: Option<Sampling>,
) -> anyhow::Result<App> {
    let table = Table::embedded(&data.table()).await?;
    let mut config = Config::new(urls.public.clone());
    config.own_origins.clone_from(&urls.origins);
    config.traces = traces;
    let orders = HttpOrders::new(orders_client(args.tls.tls_cert.as_deref())?);
    let signing_key = keys::signing_key(data)?;
    let secrets = keys::secrets(data)?;
    let mut parts = Parts::new(table, signing_key, secrets, config, Arc::new(orders));
    parts.outside_secrets = outside_secrets::stores(&args.secrets)?;
    Ok(App::new(parts)?)
}

/// Orders go to edges under their public URLs; the built-in edge may show a
/// certificate that only we know.
fn orders_client(certificate: Option<&Path>) -> anyhow::Result<reqwest::Client> {
    let mut builder = causeway_fleet::http::client_builder();
    if let Some(path) = certificate {
        let pem = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(&pem)?);
    }
    Ok(builder.build()?)
}

/// Everything that browsers and programs are answered.
pub(super) fn router(app: &App, transport: &Transport) -> Router {
    let (api, _) = api(app.clone());
    let table = app.table().clone();
    let edges = move || {
        let snapshot = table.config().cached();
        let urls = snapshot.iter().flat_map(|snapshot| snapshot.edges().iter());
        urls.map(|edge| edge.public_url.clone()).collect()
    };
    let tls = matches!(transport, Transport::Tls(_));
    let headers = SecurityHeaders {
        edges: Arc::new(edges),
        tls,
    };
    web::add(api.fallback_service(web::router()), headers)
}
