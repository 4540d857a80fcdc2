//! `causeway up`: control plane, edge, node and store in one process.
//!
//! Edge and node are the same code as in processes of their own. They speak to
//! the control plane over HTTP on loopback, with keys of their own, so that
//! nothing works here that would not work apart.

mod audit_log;
mod control_plane;
mod housekeeping;
mod keys;
mod members;
mod objects;
mod outside_secrets;
mod ready;
mod sockets;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Context;
use causeway_functions::{App, fleet, use_case};
use causeway_telemetry::Sampling;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::UpArgs;
use crate::data_dir::DataDir;
use crate::demo::{self, Credentials, DemoTarget};
use crate::serve::{Limits, Transport, serve};
use crate::shutdown;

use members::{MemberSockets, Members};
use sockets::{Sockets, Urls};

/// Runs everything until a signal.
///
/// # Errors
/// When data directory, sockets or store cannot be used, when the objects to
/// be written at start are wrong, or when edge and node do not come up.
pub(crate) async fn run(args: &UpArgs, traces: Option<Sampling>) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let data = DataDir::open(&args.data_dir)?;
    let Sockets {
        portal,
        members,
        edge,
        tunnel,
        transport,
        urls,
    } = Sockets::bind(args).await?;
    let app = control_plane::open(&data, args, &urls, traces).await?;

    let background = Background::new(args);
    if let Some(place) = &args.audit_log {
        let log = audit_log::AuditLog::open(place, app.now())?;
        background.spawn(|stop| log.run(app.clone(), stop));
    }
    let outpost = first_objects(&app, &data).await?;
    if args.demo {
        background.demo(&app, &data, &outpost).await?;
    }
    if let Some(file) = &args.config {
        objects::apply_file(&app, file).await?;
    }
    background.serve(portal, &transport, control_plane::router(&app, &transport));
    background.serve(members, &Transport::Plain, fleet::router(&app));
    background.spawn(|stop| housekeeping::run(app.clone(), stop));

    let sockets = MemberSockets {
        edge,
        tunnel,
        tls: transport.tls(),
    };
    let starting = Members::start(&app, &data, args, &urls, &outpost, sockets);
    let members = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        members = starting => Some(members?),
    };
    if let Some(members) = members {
        tell(&urls, args, &data)?;
        stop.cancelled().await;
        members.stop().await;
    }
    background.stop().await;
    app.drain().await;
    app.table().close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The first administrator and the built-in node's outpost; says its name.
async fn first_objects(app: &App, data: &DataDir) -> anyhow::Result<String> {
    let password = keys::admin_password(data)?;
    let made = use_case::bootstrap::ensure_admin(app, &password)
        .await
        .context("cannot make the first administrator")?;
    if made {
        tracing::info!(username = "admin", "made the first administrator");
    }
    let outpost = use_case::bootstrap::ensure_default_outpost(app).await?;
    Ok(outpost.name.clone())
}

fn tell(urls: &Urls, args: &UpArgs, data: &DataDir) -> anyhow::Result<()> {
    if args.demo {
        ready::greet(urls, &keys::admin_password(data)?, &data.admin_password());
    }
    ready::announce(urls).context("cannot write to standard output")
}

/// Tasks that outlive edge and node, and end together.
struct Background {
    tasks: TaskTracker,
    stop: CancellationToken,
    limits: Limits,
}

impl Background {
    fn new(args: &UpArgs) -> Self {
        let limits = Limits::with_drain(Duration::from_secs(args.drain_seconds));
        Self {
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            limits,
        }
    }

    fn spawn<F: Future<Output = ()> + Send + 'static>(
        &self,
        task: impl FnOnce(CancellationToken) -> F,
    ) {
        self.tasks.spawn(task(self.stop.clone()));
    }

    fn serve(
        &self,
        listener: tokio::net::TcpListener,
        transport: &Transport,
        router: axum::Router,
    ) {
        let (transport, limits) = (transport.clone(), self.limits);
        self.spawn(|stop| serve(listener, transport, router, limits, stop));
    }

    /// Serves the demo target and writes the objects that lead to it.
    async fn demo(&self, app: &App, data: &DataDir, outpost: &str) -> anyhow::Result<()> {
        let credentials = Credentials::load(data)?;
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let target = DemoTarget::bind(loopback, &credentials).await?;
        let documents = demo::documents(target.address(), &credentials, outpost);
        objects::apply_own(app, documents).await?;
        self.spawn(|stop| target.run(stop));
        Ok(())
    }

    async fn stop(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
