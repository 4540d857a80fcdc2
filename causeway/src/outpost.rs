//! `causeway outpost`: a node as a process of its own.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use causeway_fleet::http::client_builder;
use causeway_fleet::{EnrolledAs, JoinError, Joining};
use causeway_outpost_node::{Node, NodeConfig};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission::admission;
use crate::cli::OutpostArgs;
use crate::data_dir::DataDir;
use crate::membership::Membership;
use crate::serve::{bind_dialer, serve_health};
use crate::task_protection::TaskProtection;
use crate::{address, health, ready_line, shutdown};

/// Runs a node until a signal.
///
/// # Errors
/// When it cannot enrol or has no socket to dial from.
pub(crate) async fn run(args: &OutpostArgs) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let data = DataDir::open(&args.data_dir)?;
    let client = client_builder().build()?;
    let joining = Joining {
        directory: data.node(),
        control_plane: args.join.clone(),
        admission: admission(args.token.as_ref(), &args.role, &args.join)?,
        name: args.name.clone().unwrap_or_else(address::machine_name),
        role: EnrolledAs::Node {
            capacity: args.capacity,
        },
    };
    let mut identity = joining.join(&client).await.map_err(|error| match error {
        JoinError::NotAdmitted { .. } => anyhow::Error::from(error).context(
            "give a one-time token with --token; an administrator draws it with \
             POST /api/v1/admin/outposts/NAME/join",
        ),
        other => anyhow::Error::from(other).context(format!("cannot join {}", args.join)),
    })?;
    identity.control_plane = args.join.clone();
    let membership = Membership::new(client, &identity, joining.enrolment(), &joining.directory);
    let drain = Duration::from_secs(args.drain_seconds);
    let config = NodeConfig {
        identity,
        capacity: args.capacity,
        drain,
    };
    let udp = bind_dialer().context("no UDP socket to dial edges from")?;
    let node = Node::new(config, udp, Arc::clone(&membership.control_plane))?;

    let (tasks, tasks_stop) = (TaskTracker::new(), CancellationToken::new());
    if let Some(protection) = TaskProtection::from_environment()? {
        tasks.spawn(protection.run(node.sessions(), tasks_stop.clone()));
    }
    membership.stop_when_removed(&tasks, stop.clone(), tasks_stop.clone());
    if let Some(address) = args.health_listen {
        let (status, metrics) = (node.status(), node.metrics());
        let router = health::router(move || status.borrow().ready, move || metrics.render());
        tasks.spawn(serve_health(address, router, tasks_stop.clone()).await?);
    }
    let (id, mut status) = (node.id(), node.status());
    let ready = async move { status.wait_for(|status| status.ready).await.is_ok() };
    tracing::info!(node = %id, control_plane = %args.join, "node up");
    ready_line::print_while(node.run(stop), ready, &format!("node={id}")).await;
    tasks_stop.cancel();
    tasks.close();
    tasks.wait().await;
    membership.end()
}
