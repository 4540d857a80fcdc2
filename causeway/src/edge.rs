//! `causeway edge`: an edge as a process of its own.

use std::sync::Arc;
use std::time::Duration;

use causeway_edge::{Edge, EdgeConfig, Sockets};
use causeway_fleet::http::client_builder;
use causeway_fleet::{EnrolledAs, JoinError, Joining};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::address::{self, EdgeAddresses};
use crate::admission::admission;
use crate::cli::{EdgeArgs, ListenAddress};
use crate::data_dir::DataDir;
use crate::membership::Membership;
use crate::serve::{Transport, bind, bind_tunnel, serve_health};
use crate::{health, ready_line, shutdown};

/// Runs an edge until a signal.
///
/// # Errors
/// When its sockets cannot be bound or it cannot enrol.
pub(crate) async fn run(args: &EdgeArgs) -> anyhow::Result<()> {
    let stop = shutdown::on_signal()?;
    let data = DataDir::open(&args.data_dir)?;
    let (sockets, addresses) = bind_sockets(args).await?;
    let client = client_builder().build()?;
    let joining = Joining {
        directory: data.edge(),
        control_plane: args.control_plane.clone(),
        admission: admission(args.join_token.as_ref(), &args.role, &args.control_plane)?,
        name: args.name.clone().unwrap_or_else(address::machine_name),
        role: EnrolledAs::Edge {
            public_url: addresses.public_url.clone(),
            tunnel_address: addresses.tunnel.clone(),
        },
    };
    let mut identity = joining.join(&client).await.map_err(|error| match error {
        JoinError::NotAdmitted { .. } => anyhow::Error::from(error).context(
            "give a one-time token with --join-token; an administrator draws it with \
             POST /api/v1/admin/edges/join",
        ),
        other => anyhow::Error::from(other).context(format!("cannot join {}", args.control_plane)),
    })?;
    identity.control_plane = args.control_plane.clone();
    let membership = Membership::new(client, &identity, joining.enrolment(), &joining.directory);
    let config = EdgeConfig {
        identity,
        public_url: addresses.public_url.clone(),
        tunnel_address: addresses.tunnel.clone(),
        own_origins: Vec::new(),
        drain: Duration::from_secs(args.drain_seconds),
    };
    let edge = Edge::new(config, sockets, Arc::clone(&membership.control_plane))?;
    let (tasks, tasks_stop) = (TaskTracker::new(), CancellationToken::new());
    membership.stop_when_removed(&tasks, stop.clone(), tasks_stop.clone());
    if let Some(address) = args.health_listen {
        let (ready, metrics, nodes) = (edge.status(), edge.metrics(), edge.status());
        let router = health::router(
            move || ready.borrow().ready,
            move || metrics.render(nodes.borrow().nodes),
        );
        tasks.spawn(serve_health(address, router, tasks_stop.clone()).await?);
    }
    tracing::info!(
        url = addresses.public_url,
        tunnel = addresses.tunnel,
        "edge up"
    );
    let mut status = edge.status();
    let ready = async move { status.wait_for(|status| status.ready).await.is_ok() };
    let facts = format!("url={} tunnel={}", addresses.public_url, addresses.tunnel);
    ready_line::print_while(edge.run(stop), ready, &facts).await;
    tasks_stop.cancel();
    tasks.close();
    tasks.wait().await;
    membership.end()
}

async fn bind_sockets(args: &EdgeArgs) -> anyhow::Result<(Sockets, EdgeAddresses)> {
    let transport = Transport::for_addresses(&[("--listen", args.listen)], &args.tls)?;
    let tcp = bind("--listen", args.listen).await?;
    let listen = ListenAddress(tcp.local_addr()?);
    let udp = bind_tunnel(args.tunnel_listen, listen, args.listen.port() != 0)?;
    let public_url = match &args.public_url {
        Some(url) => url.clone(),
        None => address::url(
            transport.websocket_scheme(),
            &address::host(listen),
            listen.port(),
        )?,
    };
    let addresses = EdgeAddresses::new(
        public_url,
        args.tunnel_address.as_deref(),
        udp.local_addr()?,
    )?;
    Ok((
        Sockets {
            tcp,
            udp,
            tls: transport.tls(),
        },
        addresses,
    ))
}
