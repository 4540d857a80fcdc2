//! The outpost node: reaches targets in its network and holds sessions on
//! them for viewers that come through edges.
//!
//! [`ssh`] speaks to targets, [`terminal`] is the pure part of a terminal,
//! [`session`] ties one target to its viewers, [`viewer`] is a viewer's
//! websocket, [`Node`] is the process around them. The node decides nothing about who may do what: a ticket is
//! claimed from the control plane, and what the claim answers is carried out.

pub mod failure;
pub mod session;
pub mod ssh;
pub mod terminal;
pub mod viewer;

mod metrics;
mod node;

pub use metrics::Metrics;
pub use node::{JoinError, Joining, Node, NodeConfig, StartError, Status, join};
