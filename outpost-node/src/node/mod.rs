//! The life of a node: its standing with the control plane, its tunnels, the
//! viewers that come through them, and its end.

mod membership;
mod reception;
mod registry;
mod run;
mod ticket;
mod tunnels;

pub use run::{Node, NodeConfig, StartError, Status};
