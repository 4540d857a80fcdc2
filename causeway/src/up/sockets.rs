//! Every socket of `causeway up`, bound before anything else happens, and the
//! URLs that lead to them.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use anyhow::Context;
use tokio::net::TcpListener;
use url::Url;

use crate::address::{self, EdgeAddresses};
use crate::cli::{ListenAddress, UpArgs};
use crate::serve::{Transport, bind, bind_tunnel};

/// The sockets and how they are reached.
pub(super) struct Sockets {
    /// Portal and API.
    pub(super) portal: TcpListener,
    /// The fleet's API for the built-in edge and node: loopback, plain.
    pub(super) members: TcpListener,
    /// The edge, for browsers.
    pub(super) edge: TcpListener,
    /// The edge, for nodes.
    pub(super) tunnel: UdpSocket,
    /// Plain or TLS, for portal and edge alike.
    pub(super) transport: Transport,
    /// How they are reached.
    pub(super) urls: Urls,
}

/// How the sockets are reached.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    /// The portal, for browsers.
    pub(super) public: Url,
    /// Origins that the portal's pages may have.
    pub(super) origins: Vec<String>,
    /// The control plane, for the built-in edge and node.
    pub(super) members: Url,
    /// The edge.
    pub(super) edge: EdgeAddresses,
}

impl Sockets {
    /// Binds everything that `args` ask for.
    ///
    /// # Errors
    /// When an address is taken, not of this machine, or would show passwords
    /// to others.
    pub(super) async fn bind(args: &UpArgs) -> anyhow::Result<Self> {
        let edge_listen = args.edge_listen.unwrap_or(args.listen);
        let addresses = [("--listen", args.listen), ("--edge-listen", edge_listen)];
        let transport = Transport::for_addresses(&addresses, &args.tls)?;
        let portal = bind("--listen", args.listen).await?;
        let portal_at = ListenAddress(portal.local_addr()?);
        let edge = bind_edge(args.edge_listen, portal_at).await?;
        let edge_at = ListenAddress(edge.local_addr()?);
        let port_chosen = args.edge_listen.is_some_and(|address| address.port() != 0);
        let tunnel = bind_tunnel(args.tunnel_listen, edge_at, port_chosen)?;
        let members = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let urls = urls(
            args,
            &transport,
            &members,
            [portal_at, edge_at],
            tunnel.local_addr()?,
        )?;
        Ok(Self {
            portal,
            members,
            edge,
            tunnel,
            transport,
            urls,
        })
    }
}

/// Without an address of its own the edge takes the port after the portal's,
/// or any when that is taken.
async fn bind_edge(
    chosen: Option<ListenAddress>,
    portal: ListenAddress,
) -> anyhow::Result<TcpListener> {
    if let Some(address) = chosen {
        return Ok(bind("--edge-listen", address).await?);
    }
    let next = portal.with_port(portal.port().checked_add(1).unwrap_or(0));
    match bind("--edge-listen", next).await {
        Err(error) if error.is_taken() => {
            tracing::info!(
                port = next.port(),
                "the edge's usual port is taken, using another"
            );
            Ok(bind("--edge-listen", portal.with_port(0)).await?)
        }
        bound => Ok(bound?),
    }
}

fn urls(
    args: &UpArgs,
    transport: &Transport,
    members: &TcpListener,
    [portal, edge]: [ListenAddress; 2],
    tunnel: SocketAddr,
) -> anyhow::Result<Urls> {
    let scheme = transport.http_scheme();
    if portal.is_unspecified() && args.public_url.is_none() {
        tracing::warn!("browsers on other machines cannot sign in without --public-url");
    }
    let public = match &args.public_url {
        Some(url) => url.clone(),
        None => address::url(scheme, &address::host(portal), portal.port())?,
    };
    let mut origins = vec![public.origin().ascii_serialization()];
    if portal.is_loopback() || portal.is_unspecified() {
        for host in ["127.0.0.1", "localhost", "[::1]"] {
            let url = address::url(scheme, host, portal.port())?;
            origins.push(url.origin().ascii_serialization());
        }
    }
    origins.sort();
    origins.dedup();
    let named = args.edge_public_url.clone().map_or_else(
        || {
            let host = args.public_url.as_ref().and_then(Url::host_str);
            let host = host.map_or_else(|| address::host(edge), str::to_owned);
            address::url(transport.websocket_scheme(), &host, edge.port())
        },
        Ok,
    )?;
    let members = members.local_addr()?;
    Ok(Urls {
        members: Url::parse(&format!("http://{members}")).context("loopback address")?,
        edge: EdgeAddresses::new(named, args.tunnel_address.as_deref(), tunnel)?,
        public,
        origins,
    })
}
