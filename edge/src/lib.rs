//! The edge: carries browsers' bytes to nodes.
//!
//! Nodes dial in over QUIC ([`causeway_tunnel`]), browsers open websockets over
//! HTTP. The edge checks a browser's ticket, offers the browser to the node
//! that the ticket names, and once the node has taken it, copies bytes both
//! ways. It also passes the control plane's signed orders on to nodes.
//!
//! The edge never parses a websocket frame, never stores anything, holds no
//! secret of a user or a target, and decides nothing that is not signed: it can
//! die at any time. Sockets, the control plane and the moment to stop are
//! passed in.
//!
//! Where to start: [`Edge::run`] is its life, `admission` who is let in,
//! `connect` the way of one browser, `splice` the bytes.

mod admission;
mod carried;
mod config;
mod connect;
mod edge;
mod heartbeat;
mod http_server;
mod metrics;
mod nodes;
mod orders;
mod origins;
mod refusal;
mod routes;
mod shared;
mod splice;
mod tunnels;

pub use config::{EdgeConfig, Limits};
pub use edge::{Edge, Sockets, StartError};
pub use metrics::Metrics;
pub use shared::Status;
