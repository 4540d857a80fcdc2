//! A tunnel to every edge that the control plane names.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use causeway_fleet::EdgeAddress;
use causeway_model::id::EdgeId;
use causeway_tunnel::{Dialer, EdgePeer, Keep, TunnelEvent, TunnelState};
use tokio::sync::{Notify, mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Edges that a node keeps tunnels to.
const EDGES_MAX: usize = 256;

/// The tunnels of one node.
pub(super) struct Tunnels {
    dialer: Arc<Dialer>,
    passes: watch::Receiver<String>,
    events: mpsc::Sender<TunnelEvent>,
    changed: Arc<Notify>,
    kept: BTreeMap<EdgeId, Kept>,
    /// The edges that the control plane named last.
    named: BTreeSet<EdgeId>,
    tasks: TaskTracker,
}

struct Kept {
    peer: EdgePeer,
    state: watch::Receiver<TunnelState>,
    stop: CancellationToken,
}

impl Kept {
    fn is_up(&self) -> bool {
        *self.state.borrow() == TunnelState::Up
    }
}

impl Tunnels {
    /// No tunnels yet. `changed` is notified when one comes up or goes down.
    pub(super) fn new(
        dialer: Arc<Dialer>,
        passes: watch::Receiver<String>,
        events: mpsc::Sender<TunnelEvent>,
        changed: Arc<Notify>,
    ) -> Self {
        Self {
            dialer,
            passes,
            events,
            changed,
            kept: BTreeMap::new(),
            named: BTreeSet::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Keeps tunnels to these edges and no others. One that is up stays up for
    /// as long as its edge does, even if the control plane lost sight of it.
    pub(super) fn keep(&mut self, edges: &[EdgeAddress]) {
        if edges.len() > EDGES_MAX {
            tracing::warn!(
                edges = edges.len(),
                "more edges than a node keeps tunnels to"
            );
        }
        let wanted: BTreeMap<EdgeId, EdgePeer> = edges
            .iter()
            .take(EDGES_MAX)
            .map(|edge| (edge.id, peer(edge)))
            .collect();
        self.named = wanted.keys().copied().collect();
        self.kept.retain(|id, kept| {
            let stays = match wanted.get(id) {
                Some(peer) => *peer == kept.peer,
                None => kept.is_up(),
            };
            if !stays {
                kept.stop.cancel();
            }
            stays
        });
        for (id, peer) in wanted {
            if !self.kept.contains_key(&id) {
                self.start(id, peer);
            }
        }
    }

    /// The edges with a live tunnel.
    pub(super) fn up(&self) -> BTreeSet<EdgeId> {
        let up = self.kept.iter().filter(|(_, kept)| kept.is_up());
        up.map(|(id, _)| *id).collect()
    }

    /// Whether an edge that the control plane knows, and that does not stop, has
    /// a live tunnel: only through such a one can it be relied on to reach this
    /// node at once.
    pub(super) fn is_reached(&self) -> bool {
        let mut kept = self.kept.iter();
        kept.any(|(id, kept)| kept.is_up() && self.named.contains(id))
    }

    /// Closes every tunnel.
    pub(super) async fn close(self) {
        for kept in self.kept.values() {
            kept.stop.cancel();
        }
        self.tasks.close();
        self.tasks.wait().await;
        self.dialer.close().await;
    }

    fn start(&mut self, id: EdgeId, peer: EdgePeer) {
        let (state, state_seen) = watch::channel(TunnelState::Down);
        let stop = CancellationToken::new();
        let keep = Keep {
            dialer: Arc::clone(&self.dialer),
            edge: peer.clone(),
            passes: self.passes.clone(),
            events: self.events.clone(),
            state,
        };
        self.tasks.spawn(keep.run(stop.clone()));
        self.tasks
            .spawn(announce(state_seen.clone(), Arc::clone(&self.changed)));
        self.kept.insert(
            id,
            Kept {
                peer,
                state: state_seen,
                stop,
            },
        );
    }
}

/// Ends with the tunnel's keeper, which owns the sender.
async fn announce(mut state: watch::Receiver<TunnelState>, changed: Arc<Notify>) {
    while state.changed().await.is_ok() {
        changed.notify_one();
    }
}

fn peer(edge: &EdgeAddress) -> EdgePeer {
    EdgePeer {
        id: edge.id,
        public_key: edge.public_key,
        address: edge.tunnel_address.clone(),
    }
}
