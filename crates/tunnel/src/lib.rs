//! Tunnels between nodes and edges: QUIC connections that nodes dial.
//!
//! # One tunnel
//! TLS 1.3 with ALPN [`ALPN`]; both sides show their member key
//! ([`causeway_trust::tls`]), the node accepts only the edge's pinned one. The
//! node opens the first bidirectional stream, the control stream, and greets
//! with its pass; the edge answers `accepted` or `refused`. A fresh pass is
//! sent the same way before the old one lapses: a tunnel does not outlive its
//! pass. Either side may close at any time; nodes dial again ([`keep`]).
//!
//! # On a tunnel
//! For each browser the edge opens a bidirectional stream with a preamble; the
//! node accepts or refuses it, and from then on the stream carries the
//! browser's bytes as they are. An order of the control plane is one
//! unidirectional stream with one frame.
//!
//! Not here: what a ticket admits to, what the bytes mean, which node is
//! meant. The frames are pure and live in [`frame`].

pub mod backoff;
pub mod frame;
pub mod socket;

mod dialer;
mod edge_tunnel;
mod frame_io;
mod keep;
mod listener;
mod node_tunnel;
mod stream;
mod transport;

pub use dialer::{DIAL_DEADLINE, DialError, Dialer, EdgePeer};
pub use edge_tunnel::{
    EdgeControl, EdgeTunnel, OPEN_DEADLINE, ORDER_DEADLINE, OpenError, OrderError, TunnelEnd,
};
pub use frame::{Preamble, Refusal, RequestId, Text};
pub use frame_io::FrameIoError;
pub use keep::{Keep, TunnelState};
pub use listener::{Arrival, GREETING_DEADLINE, GreetError, Greeted, Listener, PassError};
pub use node_tunnel::{NodeTunnel, NodeTunnelEnd, Offer, PREAMBLE_DEADLINE, TunnelEvent};
pub use stream::{TunnelReader, TunnelStream, TunnelWriter, is_way_lost};
pub use transport::{ALPN, BindError, CloseReason, STREAMS_MAX};
