//! What this process knows of the places taken on each node: the newest count
//! that it has read, and its own launches that have chosen a node and not yet
//! reserved it.
//!
//! Only a hint: what holds is decided by the table. Without it, a hundred
//! launches at once would all see the same loads, choose alike, and mostly lose
//! their races.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_model::id::NodeId;

/// Nodes that are kept account of. Of more, those that nothing is on its way to
/// are forgotten; the next reading tells them again.
const NODES_MAX: usize = 4096;

/// What is known of every node. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<HashMap<NodeId, Account>>>);

/// What is known of one node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// The newest reading's age, as the table counts it.
    changes: u64,
    /// Places taken, as far as is known.
    pub(super) connections: u32,
    /// Launches of this process that are about to take one.
    pub(super) on_their_way: u32,
}

impl Account {
    /// Places that are taken once all that are on their way have arrived.
    pub(super) const fn expected(self) -> u32 {
        self.connections.saturating_add(self.on_their_way)
    }
}

/// One connection on its way to a node. Dropped, it has given up.
#[derive(Debug)]
pub(crate) struct OnItsWay {
    ledger: Ledger,
    node: NodeId,
}

impl Ledger {
    /// Takes in what the table told of a node, unless something newer is known.
    pub(super) fn learn(&self, node: NodeId, changes: u64, connections: u32) {
        let mut accounts = self.lock();
        if accounts.len() >= NODES_MAX {
            accounts.retain(|_, account| account.on_their_way > 0);
        }
        let account = accounts.entry(node).or_default();
        if changes >= account.changes {
            (account.changes, account.connections) = (changes, connections);
        }
    }

    /// Lets `choose` pick a node by what is known of all, and counts one more
    /// on its way there before anybody else may pick.
    pub(super) fn send<T, E>(
        &self,
        choose: impl FnOnce(&dyn Fn(NodeId) -> Account) -> Result<(NodeId, T), E>,
    ) -> Result<(OnItsWay, T), E> {
        let mut accounts = self.lock();
        let (node, choice) = choose(&|id| accounts.get(&id).copied().unwrap_or_default())?;
        accounts.entry(node).or_default().on_their_way += 1;
        let ledger = self.clone();
        Ok((OnItsWay { ledger, node }, choice))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<NodeId, Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OnItsWay {
    /// It took its place.
    pub(crate) fn arrived(self) {
        let mut accounts = self.ledger.lock();
        if let Some(account) = accounts.get_mut(&self.node) {
            account.changes += 1;
            account.connections = account.connections.saturating_add(1);
        }
        // Dropping it takes it off the way.
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let mut accounts = self.ledger.lock();
        if let Some(account) = accounts.get_mut(&self.node) {
            account.on_their_way = account.on_their_way.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn node() -> NodeId {
        NodeId::new(Uuid::from_u128(1))
    }

    fn send(ledger: &Ledger) -> OnItsWay {
        let sent = ledger.send(|_| Ok::<_, ()>((node(), ())));
        sent.unwrap().0
    }

    fn expected(ledger: &Ledger) -> u32 {
        ledger.lock().get(&node()).unwrap().expected()
    }

    #[test]
    fn what_is_on_its_way_counts_until_it_gives_up() {
        let ledger = Ledger::default();
        ledger.learn(node(), 7, 3);
        let (first, second) = (send(&ledger), send(&ledger));
        assert_eq!(expected(&ledger), 5);
        drop(first);
        assert_eq!(expected(&ledger), 4);
        second.arrived();
        assert_eq!(expected(&ledger), 4);
    }

    #[test]
    fn an_older_reading_teaches_nothing() {
        let ledger = Ledger::default();
        ledger.learn(node(), 7, 3);
        send(&ledger).arrived();
        ledger.learn(node(), 7, 3);
        assert_eq!(expected(&ledger), 4, "one of ours came after that reading");
        ledger.learn(node(), 9, 1);
        assert_eq!(expected(&ledger), 1);
    }
}
