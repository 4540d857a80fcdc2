//! Launches of this process that have chosen a node and not yet reserved it.
//!
//! Only a hint: what holds is decided by the table. Without it, a hundred
//! launches at once would all see the same loads, choose alike, and mostly lose
//! their races.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_model::id::NodeId;

/// How many launches are on their way to each node.
#[derive(Debug, Clone, Default)]
pub(crate) struct InFlight(Arc<Mutex<HashMap<NodeId, u32>>>);

/// One launch on its way; it has arrived, or given up, when this is dropped.
#[derive(Debug)]
pub(crate) struct OnItsWay {
    in_flight: InFlight,
    node: NodeId,
}

impl InFlight {
    /// How many are on their way to a node.
    pub(crate) fn to(&self, node: NodeId) -> u32 {
        self.lock().get(&node).copied().unwrap_or(0)
    }

    /// Sends one more to a node.
    pub(crate) fn send(&self, node: NodeId) -> OnItsWay {
        *self.lock().entry(node).or_default() += 1;
        OnItsWay {
            in_flight: self.clone(),
            node,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<NodeId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let mut nodes = self.in_flight.lock();
        if let Some(count) = nodes.get_mut(&self.node) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                nodes.remove(&self.node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_arrived_does_not_count() {
        let (in_flight, node) = (InFlight::default(), NodeId::new(Uuid::from_u128(1)));
        let first = in_flight.send(node);
        let second = in_flight.send(node);
        assert_eq!(in_flight.to(node), 2);
        drop(first);
        assert_eq!(in_flight.to(node), 1);
        drop(second);
        assert_eq!(in_flight.to(node), 0);
        assert!(in_flight.lock().is_empty());
    }
}
