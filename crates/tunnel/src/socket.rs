//! UDP sockets fit for a tunnel.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

/// Buffer asked of the system for each direction, in bytes: what arrives
/// within a few scheduler ticks at 1 Gbit/s. The system may grant less.
pub const SOCKET_BUFFER_LEN: usize = 4 * 1024 * 1024;

/// Binds a socket with large buffers; an IPv6 wildcard takes IPv4 too.
///
/// # Errors
/// What the system says.
pub fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    if address.is_ipv6() && address.ip().is_unspecified() {
        socket.set_only_v6(false)?;
    }
    let granted = socket
        .set_recv_buffer_size(SOCKET_BUFFER_LEN)
        .and_then(|()| socket.set_send_buffer_size(SOCKET_BUFFER_LEN));
    if let Err(error) = granted {
        tracing::debug!(%error, "the system keeps its UDP buffer sizes");
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
