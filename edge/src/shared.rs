//! What all tasks of an edge share.

use std::sync::Arc;

use causeway_model::id::EdgeId;
use causeway_trust::KeyRing;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::admission::Gate;
use crate::carried::Carried;
use crate::metrics::Metrics;
use crate::origins::Origins;
use crate::tunnels::Tunnels;

/// How an edge is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status {
    /// Browsers should be sent here: the control plane has answered lately and
    /// the edge was not told to stop.
    pub ready: bool,
    /// Nodes with a live tunnel.
    pub nodes: usize,
}

/// What all tasks of an edge share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) edge: EdgeId,
    /// The control plane's keys of the moment.
    pub(crate) keys: watch::Sender<KeyRing>,
    pub(crate) origins: Origins,
    pub(crate) tunnels: Tunnels,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) status: watch::Sender<Status>,
    /// The browsers that are being carried.
    pub(crate) carried: Carried,
    /// Told to stop: browsers come in no more once the control plane knows.
    pub(crate) draining: CancellationToken,
    /// No browser comes in any more.
    pub(crate) turned_away: CancellationToken,
    /// Whether the control plane has heard of that.
    pub(crate) drain_told: watch::Sender<bool>,
}

impl Shared {
    /// Tells those who watch whether browsers should be sent here.
    pub(crate) fn set_ready(&self, ready: bool) {
        self.status.send_if_modified(|status| {
            let changed = status.ready != ready;
            status.ready = ready;
            changed
        });
    }

    /// Tells those who watch how many nodes there are now.
    pub(crate) fn count_nodes(&self) {
        self.status.send_if_modified(|status| {
            let nodes = self.tunnels.nodes();
            let changed = status.nodes != nodes;
            status.nodes = nodes;
            changed
        });
    }

    /// Runs `check` against what is believed at this moment.
    pub(crate) fn with_gate<T>(&self, check: impl FnOnce(&Gate<'_>) -> T) -> T {
        check(&Gate {
            edge: self.edge,
            origins: &self.origins,
            keys: &self.keys.borrow(),
        })
    }
}
