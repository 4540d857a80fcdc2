//! The outpost node: reaches targets in its network and holds sessions on
//! them for viewers that come through edges.
//!
//! [`ssh`] speaks to terminals, [`terminal`] and [`desktop`] are the pure
//! parts of what a session is about, [`session`] ties one target to its
//! viewers, [`viewer`] is a viewer's websocket, [`Compute`] encodes pictures
//! for all of them, [`Node`] is the process around them. The node decides
//! nothing about who may do what: a ticket is claimed from the control plane,
//! and what the claim answers is carried out.

pub mod desktop;
pub mod session;
pub mod ssh;
pub mod terminal;
pub mod viewer;

mod compute;
mod metrics;
mod node;

pub use compute::{Compute, WorkLost};
pub use metrics::Metrics;
pub use node::{Node, NodeConfig, StartError, Status};
