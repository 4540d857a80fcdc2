//! QUIC as both sides configure it.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use causeway_trust::tls::{self, TlsConfigError};
use causeway_trust::{SigningKey, VerifyingKey};
use quinn::crypto::rustls::{NoInitialCipherSuite, QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, Endpoint, EndpointConfig, IdleTimeout, ServerConfig, TokioRuntime,
    TransportConfig, VarInt,
};

/// Application protocol of a tunnel (RFC 7301).
pub const ALPN: &[u8] = b"causeway-tunnel/1";

/// How many browsers one tunnel carries at once.
pub const STREAMS_MAX: u32 = 4096;

/// How many orders may be on their way on one tunnel.
const ORDERS_MAX: u32 = 256;
/// The control stream is the only one that a node opens.
const CONTROL_STREAMS: u32 = 1;
/// What one stream may have on its way, in bytes; 100 ms at 1 Gbit/s.
const STREAM_WINDOW: u32 = 12_500_000;
/// What all streams of a tunnel may have on their way, in bytes. Bytes that a
/// stalled browser does not take count, so it must be many times
/// [`STREAM_WINDOW`]: few stalled browsers must not hold up the others.
const CONNECTION_WINDOW: u32 = 128 * 1024 * 1024;
/// What is kept for retransmission, in bytes; 100 ms at 1.3 Gbit/s.
const SEND_WINDOW: u64 = 16 * 1024 * 1024;
/// Keeps address translations on the way open, and the silence of a live
/// peer short.
const KEEP_ALIVE: Duration = Duration::from_secs(1);
/// After this much silence to a sign of life, and its repetitions, the other
/// side is taken for dead, in ms. A process that is killed says no goodbye, so
/// for so long and a [`KEEP_ALIVE`] its browsers hang; an outage of the network
/// that is longer costs a new tunnel, and browsers come back to their sessions
/// through it. A slow path is given three of its own timeouts at least (RFC 9000
/// section 10.1).
const IDLE_TIMEOUT_MS: u32 = 3000;

/// Why no endpoint could be made.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// The socket cannot be used.
    #[error("the tunnel's socket cannot be used")]
    Socket(#[from] std::io::Error),
    /// Our own fault: the TLS library lacks something.
    #[error(transparent)]
    Tls(#[from] TlsConfigError),
    /// Our own fault: the TLS library lacks QUIC's first cipher suite.
    #[error("the TLS library lacks a cipher suite for QUIC")]
    CipherSuite(#[from] NoInitialCipherSuite),
}

/// Why a side closed a tunnel; travels as QUIC application error code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseReason {
    /// The process stops, or does not need this tunnel any more.
    Done,
    /// The greeting was refused.
    Refused,
    /// The pass was not renewed in time.
    PassLapsed,
    /// The other side broke the protocol.
    Protocol,
}

impl CloseReason {
    pub(crate) const fn code(self) -> VarInt {
        VarInt::from_u32(match self {
            Self::Done => 0,
            Self::Refused => 1,
            Self::PassLapsed => 2,
            Self::Protocol => 3,
        })
    }

    pub(crate) const fn text(self) -> &'static [u8] {
        match self {
            Self::Done => b"done",
            Self::Refused => b"refused",
            Self::PassLapsed => b"pass lapsed",
            Self::Protocol => b"protocol",
        }
    }
}

/// Error code of a stream that is given up in either direction.
pub(crate) const ABORTED: VarInt = VarInt::from_u32(1);
/// Error code of a stream whose browser is to take another edge.
pub(crate) const SENT_ON: VarInt = VarInt::from_u32(2);

/// An endpoint on the caller's socket; with `server` it accepts connections.
pub(crate) fn endpoint(
    socket: UdpSocket,
    server: Option<ServerConfig>,
) -> Result<Endpoint, BindError> {
    socket.set_nonblocking(true)?;
    Ok(Endpoint::new(
        EndpointConfig::default(),
        server,
        socket,
        Arc::new(TokioRuntime),
    )?)
}

pub(crate) fn server_config(own: &SigningKey) -> Result<ServerConfig, BindError> {
    let crypto = QuicServerConfig::try_from(tls::server_config(own, ALPN)?)?;
    let mut config = ServerConfig::with_crypto(Arc::new(crypto));
    config.transport_config(Arc::new(transport(CONTROL_STREAMS, 0)));
    Ok(config)
}

pub(crate) fn client_config(
    own: &SigningKey,
    peer: VerifyingKey,
) -> Result<ClientConfig, BindError> {
    let crypto = QuicClientConfig::try_from(tls::client_config(own, peer, ALPN)?)?;
    let mut config = ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport(STREAMS_MAX, ORDERS_MAX)));
    Ok(config)
}

/// `bidirectional` and `unidirectional` are what the other side may open.
fn transport(bidirectional: u32, unidirectional: u32) -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(bidirectional.into())
        .max_concurrent_uni_streams(unidirectional.into())
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(CONNECTION_WINDOW.into())
        .send_window(SEND_WINDOW)
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(Some(IdleTimeout::from(VarInt::from_u32(IDLE_TIMEOUT_MS))))
        .datagram_receive_buffer_size(None);
    transport
}
