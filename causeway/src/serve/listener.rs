//! Sockets, bound before anything else starts.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};

use causeway_tunnel::socket;
use tokio::net::TcpListener;

use crate::cli::ListenAddress;

/// Why an address could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {flag} {address}{hint}", address = address.0, hint = hint(source))]
pub(crate) struct BindError {
    flag: &'static str,
    address: ListenAddress,
    source: io::Error,
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => " (another program has it; take another port, or 0 for any)",
        io::ErrorKind::PermissionDenied => " (ports below 1024 need more rights)",
        io::ErrorKind::AddrNotAvailable => " (this machine has no such address)",
        _ => "",
    }
}

impl BindError {
    /// Whether another program has the address.
    pub(crate) fn is_taken(&self) -> bool {
        self.source.kind() == io::ErrorKind::AddrInUse
    }
}

/// Binds a TCP listener; `flag` names the address in errors.
///
/// # Errors
/// When the address is taken, not allowed or not of this machine.
pub(crate) async fn bind(
    flag: &'static str,
    address: ListenAddress,
) -> Result<TcpListener, BindError> {
    TcpListener::bind(address.0)
        .await
        .map_err(|source| BindError {
            flag,
            address,
            source,
        })
}

fn bind_udp(flag: &'static str, address: ListenAddress) -> Result<UdpSocket, BindError> {
    socket::bind(address.0).map_err(|source| BindError {
        flag,
        address,
        source,
    })
}

/// Binds the UDP socket of tunnels: `chosen`, else the edge's own address in
/// UDP. When the edge's TCP port was any free one, so may be the UDP port.
///
/// # Errors
/// When the address is taken, not allowed or not of this machine.
pub(crate) fn bind_tunnel(
    chosen: Option<ListenAddress>,
    edge: ListenAddress,
    port_chosen: bool,
) -> Result<UdpSocket, BindError> {
    let flag = "--tunnel-listen";
    match bind_udp(flag, chosen.unwrap_or(edge)) {
        Err(error) if error.is_taken() && chosen.is_none() && !port_chosen => {
            bind_udp(flag, edge.with_port(0))
        }
        bound => bound,
    }
}

/// A UDP socket from which a node dials edges, over IPv6 and IPv4, or over
/// IPv4 alone on a machine without the other.
///
/// # Errors
/// What the system says.
pub(crate) fn bind_dialer() -> io::Result<UdpSocket> {
    socket::bind((Ipv6Addr::UNSPECIFIED, 0).into())
        .or_else(|_| socket::bind((Ipv4Addr::UNSPECIFIED, 0).into()))
}
