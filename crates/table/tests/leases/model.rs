//! What each step must come to: connections, nodes and endpoints as plain
//! values, with the rules of the table spelled out once more.

use std::collections::BTreeMap;

use causeway_model::id::ConnectionId;

use crate::place::{CAPACITIES, Counts, MAXIMA, Place};

/// A node that was not heard of for so long is lost, in seconds.
pub(crate) const HEARTBEAT_S: i64 = 15;
/// How long a connection may stay unclaimed, in seconds.
pub(crate) const PENDING_S: i64 = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Pending,
    Active,
    Detached,
}

/// A connection that is not over.
#[derive(Debug, Clone)]
pub(crate) struct Live {
    pub(crate) endpoint: usize,
    pub(crate) node: usize,
    pub(crate) phase: Phase,
    pub(crate) opened: bool,
    pub(crate) expires_s: i64,
    /// Until when its lease may stay unclaimed.
    pub(crate) pending_until_s: Option<i64>,
}

#[derive(Debug, Clone)]
pub(crate) struct NodeModel {
    pub(crate) capacity: u32,
    pub(crate) draining: bool,
    pub(crate) drained: bool,
    pub(crate) heard_s: i64,
}

/// The whole as it must be.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    pub(crate) now_s: i64,
    pub(crate) live: BTreeMap<ConnectionId, Live>,
    pub(crate) over: Vec<ConnectionId>,
    pub(crate) nodes: Vec<NodeModel>,
    pub(crate) maxima: Vec<u32>,
    launched: usize,
    moved: usize,
}

/// Why a place is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Endpoint,
    Node,
}

impl Model {
    pub(crate) fn of(place: &Place) -> Self {
        assert_eq!(place.nodes.len(), CAPACITIES.len());
        Self {
            now_s: 0,
            live: BTreeMap::new(),
            over: Vec::new(),
            nodes: CAPACITIES
                .iter()
                .map(|capacity| NodeModel {
                    capacity: *capacity,
                    draining: false,
                    drained: false,
                    heard_s: 0,
                })
                .collect(),
            maxima: MAXIMA.to_vec(),
            launched: 0,
            moved: 0,
        }
    }

    pub(crate) const fn launched(&self) -> usize {
        self.launched
    }

    pub(crate) const fn moved(&self) -> usize {
        self.moved
    }

    /// Places taken.
    pub(crate) fn counts(&self) -> Counts {
        let count = |takes: &dyn Fn(&Live) -> bool| {
            u32::try_from(self.live.values().filter(|live| takes(live)).count()).unwrap()
        };
        Counts {
            endpoints: (0..self.maxima.len())
                .map(|index| count(&|live| live.endpoint == index))
                .collect(),
            nodes: (0..self.nodes.len())
                .map(|index| count(&|live| live.node == index))
                .collect(),
        }
    }

    pub(crate) fn is_lost(&self, node: usize) -> bool {
        self.nodes[node].heard_s < self.now_s - HEARTBEAT_S
    }

    fn node_takes(&self, node: usize, at_most: u32) -> bool {
        let taken = self.counts().nodes[node];
        let NodeModel {
            capacity,
            draining,
            drained,
            ..
        } = self.nodes[node];
        taken < capacity && taken <= at_most && !draining && !drained && !self.is_lost(node)
    }

    /// A launch; the reasons against it.
    pub(crate) fn reserve(
        &mut self,
        id: ConnectionId,
        endpoint: usize,
        node: usize,
        at_most: u32,
        expires_s: i64,
    ) -> Vec<Why> {
        let mut against = Vec::new();
        if self.counts().endpoints[endpoint] >= self.maxima[endpoint] {
            against.push(Why::Endpoint);
        }
        if !self.node_takes(node, at_most) {
            against.push(Why::Node);
        }
        if against.is_empty() {
            self.launched += 1;
            let live = Live {
                endpoint,
                node,
                phase: Phase::Pending,
                opened: false,
                expires_s,
                pending_until_s: Some(self.now_s + PENDING_S),
            };
            self.live.insert(id, live);
        }
        against
    }

    /// A claim with a good ticket by `node`; whether it succeeds.
    pub(crate) fn claim(&mut self, id: ConnectionId, node: usize) -> bool {
        let now_s = self.now_s;
        let Some(live) = self.live.get_mut(&id) else {
            return false;
        };
        if live.node != node || live.expires_s <= now_s {
            return false;
        }
        live.phase = Phase::Active;
        live.pending_until_s = None;
        true
    }

    pub(crate) fn detach(&mut self, id: ConnectionId) -> bool {
        match self.live.get_mut(&id) {
            Some(live) if live.phase == Phase::Active => {
                live.phase = Phase::Detached;
                true
            }
            _ => false,
        }
    }

    pub(crate) fn opened(&mut self, id: ConnectionId, node: usize) -> bool {
        match self.live.get_mut(&id) {
            Some(live) if live.node == node => {
                live.opened = true;
                true
            }
            _ => false,
        }
    }

    /// The end of a connection, only at a node if one is named.
    pub(crate) fn end(&mut self, id: ConnectionId, only_at: Option<usize>) -> bool {
        let ends = self
            .live
            .get(&id)
            .is_some_and(|live| only_at.is_none_or(|node| node == live.node));
        if ends {
            self.live.remove(&id);
            self.over.push(id);
        }
        ends
    }

    /// A move by somebody who read the connection at `from`.
    pub(crate) fn move_to(&mut self, id: ConnectionId, from: usize, to: usize) -> bool {
        let takes = self.node_takes(to, u32::MAX);
        let now_s = self.now_s;
        let Some(live) = self.live.get_mut(&id) else {
            return false;
        };
        if live.node != from || live.opened || live.expires_s <= now_s || !takes {
            return false;
        }
        live.node = to;
        live.phase = Phase::Pending;
        live.pending_until_s = Some(now_s + PENDING_S);
        self.moved += 1;
        true
    }

    /// A sweep: what it ends, and what it leaves to be moved.
    pub(crate) fn sweep(&mut self, keep_movable: bool) -> (Vec<ConnectionId>, Vec<ConnectionId>) {
        let (mut ended, mut movable) = (Vec::new(), Vec::new());
        for (id, live) in &self.live {
            let late = live.pending_until_s.is_some_and(|end| end < self.now_s);
            if self.is_lost(live.node) {
                if keep_movable && !live.opened && live.expires_s > self.now_s {
                    movable.push(*id);
                } else {
                    ended.push(*id);
                }
            } else if (late && live.phase == Phase::Pending) || live.expires_s < self.now_s {
                ended.push(*id);
            }
        }
        for id in &ended {
            self.end(*id, None);
        }
        (ended, movable)
    }
}
