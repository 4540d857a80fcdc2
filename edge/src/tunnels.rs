//! The live tunnels by node.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use causeway_model::id::NodeId;
use causeway_tunnel::EdgeTunnel;

/// Which tunnels end here. A node may have several for a moment, after its
/// network changed; the newest that is open is the one to use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tunnels(Arc<Mutex<HashMap<NodeId, Vec<EdgeTunnel>>>>);

impl Tunnels {
    /// Adds a tunnel for as long as the guard lives.
    pub(crate) fn add(&self, tunnel: EdgeTunnel) -> Added {
        self.lock()
            .entry(tunnel.node())
            .or_default()
            .push(tunnel.clone());
        Added {
            tunnels: self.clone(),
            tunnel,
        }
    }

    /// The tunnel to use for a node.
    pub(crate) fn newest(&self, node: NodeId) -> Option<EdgeTunnel> {
        let tunnels = self.lock();
        tunnels
            .get(&node)?
            .iter()
            .rfind(|tunnel| tunnel.is_open())
            .cloned()
    }

    /// How many nodes have a tunnel here.
    pub(crate) fn nodes(&self) -> usize {
        self.lock().len()
    }

    fn remove(&self, tunnel: &EdgeTunnel) {
        let mut tunnels = self.lock();
        if let Some(of_node) = tunnels.get_mut(&tunnel.node()) {
            of_node.retain(|other| other.id() != tunnel.id());
            if of_node.is_empty() {
                tunnels.remove(&tunnel.node());
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Vec<EdgeTunnel>>> {
        // Every change is whole before the lock is released, also in a panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tunnel that is in use; dropping it takes the tunnel out.
#[derive(Debug)]
pub(crate) struct Added {
    tunnels: Tunnels,
    tunnel: EdgeTunnel,
}

impl Drop for Added {
    fn drop(&mut self) {
        self.tunnels.remove(&self.tunnel);
    }
}
