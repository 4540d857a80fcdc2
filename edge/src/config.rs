//! What an edge can be told, and its limits.

use std::time::Duration;

use causeway_fleet::Identity;

/// How an edge is set up.
#[derive(Debug, Clone)]
pub struct EdgeConfig {
    /// Who it is.
    pub identity: Identity,
    /// Where browsers reach it: `ws://…` or `wss://…`, without path.
    pub public_url: String,
    /// Where nodes dial it: `host:port`, UDP.
    pub tunnel_address: String,
    /// Origins whose pages may open websockets, besides those that the control
    /// plane names; each `scheme://host[:port]`.
    pub own_origins: Vec<String>,
    /// Within which time browsers are sent on to other edges after the edge was
    /// told to stop; the rest is cut then.
    pub drain: Duration,
}

/// How much an edge takes on at once, and how patient it is.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Browser connections, admitted or not.
    pub connections_max: usize,
    /// Browser connections that are not admitted yet: in their TLS handshake,
    /// sending their request, or waiting for the node.
    pub strangers_max: usize,
    /// Nodes that are greeting. When half of the places are taken, nodes must
    /// first show that their address is their own.
    pub greetings_max: usize,
    /// For a TLS handshake, and again for the head of the request.
    pub head_deadline: Duration,
    /// How long a browser may take no byte while bytes wait for it. Until then
    /// they sit in the windows of the tunnel, which all sessions of a node
    /// share.
    pub stall_max: Duration,
    /// How long one direction of a session may outlive the other.
    pub half_closed_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 16_384,
            strangers_max: 1024,
            greetings_max: 256,
            head_deadline: Duration::from_secs(10),
            stall_max: Duration::from_secs(30),
            half_closed_max: Duration::from_secs(10),
        }
    }
}

/// From the head to the end of an order.
pub(crate) const BODY_DEADLINE: Duration = Duration::from_secs(5);
/// Longest head of a request, in bytes.
pub(crate) const HEADER_LEN_MAX: usize = 16 * 1024;
/// Most headers of a request.
pub(crate) const HEADERS_MAX: usize = 64;
/// How long what still comes is read after a refusal, so that the refusal is
/// not lost to a reset of the connection.
pub(crate) const LINGER_MAX: Duration = Duration::from_secs(1);
/// An edge that had no answer of the control plane for so long is not ready:
/// it carries on, but it may not know the newest keys and origins.
pub(crate) const FRESH_FOR: Duration = Duration::from_secs(30);
/// How long the control plane is given to hear that the edge stops, before
/// browsers are sent on: from then on it names other edges to them.
pub(crate) const DRAIN_TOLD_MAX: Duration = Duration::from_secs(2);
/// How long connections are given to end once they were told to.
pub(crate) const STOP_DEADLINE: Duration = Duration::from_secs(2);
