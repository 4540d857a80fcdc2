//! What this process knows of the places taken on each node: a count that is
//! never above the truth, and its own launches that have chosen a node and not
//! yet heard what became of it.
//!
//! Only a hint: what holds is decided by the table. Without it, a hundred
//! launches at once would all see the same loads, choose alike, and mostly lose
//! their races. That the count is never too high (while nobody leaves) is what
//! the bound of a choice rests on; one that is too low costs a retry.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use causeway_model::id::NodeId;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Nodes that are kept account of. Of more, those that nothing is on its way to
/// are forgotten; the next reading tells them again.
const NODES_MAX: usize = 4096;

/// What is known of every node. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    accounts: Mutex<HashMap<NodeId, Account>>,
    changed: Notify,
}

/// What is known of one node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Account {
    /// So many changes of its places are in the count, as the table counts them.
    changes: u64,
    /// Places that are taken at least.
    pub(super) connections: u32,
    /// Launches of this process that are about to take one.
    pub(super) on_their_way: u32,
    /// So many of those may be in the count already: they took their place
    /// before the table was read, and their answer is still to come.
    maybe_counted: u32,
}

impl Account {
    fn read(&mut self, changes: u64, connections: u32) {
        let Some(unknown) = changes.checked_sub(self.changes) else {
            return;
        };
        let unknown = u32::try_from(unknown).unwrap_or(u32::MAX);
        let maybe_counted = self.maybe_counted.saturating_add(unknown);
        self.maybe_counted = maybe_counted.min(self.on_their_way);
        (self.changes, self.connections) = (changes, connections);
    }

    fn arrived(&mut self) {
        if self.maybe_counted > 0 {
            self.maybe_counted -= 1;
        } else {
            self.changes += 1;
            self.connections = self.connections.saturating_add(1);
        }
        self.off_the_way();
    }

    fn off_the_way(&mut self) {
        self.on_their_way = self.on_their_way.saturating_sub(1);
        self.maybe_counted = self.maybe_counted.min(self.on_their_way);
    }
}

/// One connection on its way to a node. Dropped, it has given up.
#[derive(Debug)]
pub(crate) struct OnItsWay {
    ledger: Ledger,
    node: NodeId,
    has_arrived: bool,
}

impl Ledger {
    /// Takes in what the table told of a node, unless something newer is known.
    pub(super) fn learn(&self, node: NodeId, changes: u64, connections: u32) {
        self.change(|accounts| {
            if accounts.len() >= NODES_MAX {
                accounts.retain(|_, account| account.on_their_way > 0);
            }
            accounts.entry(node).or_default().read(changes, connections);
        });
    }

    /// Lets `choose` pick a node by what is known of all, and counts one more
    /// on its way there before anybody else may pick.
    pub(super) fn send<T, E>(
        &self,
        choose: impl FnOnce(&dyn Fn(NodeId) -> Account) -> Result<Option<(NodeId, T)>, E>,
    ) -> Result<Option<(OnItsWay, T)>, E> {
        let mut accounts = self.lock();
        let choice = choose(&|id| accounts.get(&id).copied().unwrap_or_default())?;
        Ok(choice.map(|(node, choice)| {
            accounts.entry(node).or_default().on_their_way += 1;
            let on_its_way = OnItsWay {
                ledger: self.clone(),
                node,
                has_arrived: false,
            };
            (on_its_way, choice)
        }))
    }

    /// Resolves at the next change after this call.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.0.changed.notified()
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<NodeId, Account>)) {
        change(&mut self.lock());
        self.0.changed.notify_waiters();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<NodeId, Account>> {
        let accounts = &self.0.accounts;
        accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OnItsWay {
    /// It took its place.
    pub(crate) fn arrived(mut self) {
        self.has_arrived = true;
    }
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        self.ledger.change(|accounts| {
            let Some(account) = accounts.get_mut(&self.node) else {
                return;
            };
            if self.has_arrived {
                account.arrived();
            } else {
                account.off_the_way();
            }
        });
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
        let sent = ledger.send(|_| Ok::<_, ()>(Some((node(), ()))));
        sent.unwrap().unwrap().0
    }

    /// Places taken, and launches on their way.
    fn known(ledger: &Ledger) -> (u32, u32) {
        let account = *ledger.lock().get(&node()).unwrap();
        (account.connections, account.on_their_way)
    }

    #[test]
    fn what_is_on_its_way_is_known_until_it_arrives_or_gives_up() {
        let ledger = Ledger::default();
        ledger.learn(node(), 7, 3);
        let (first, second) = (send(&ledger), send(&ledger));
        assert_eq!(known(&ledger), (3, 2));
        drop(first);
        assert_eq!(known(&ledger), (3, 1));
        second.arrived();
        assert_eq!(known(&ledger), (4, 0));
    }

    #[test]
    fn an_older_reading_teaches_nothing() {
        let ledger = Ledger::default();
        ledger.learn(node(), 7, 3);
        send(&ledger).arrived();
        ledger.learn(node(), 7, 3);
        assert_eq!(known(&ledger).0, 4, "one of ours came after that reading");
        ledger.learn(node(), 9, 1);
        assert_eq!(known(&ledger).0, 1);
    }

    #[test]
    fn who_was_read_before_it_was_answered_is_counted_once() {
        let ledger = Ledger::default();
        ledger.learn(node(), 7, 3);
        let (first, second) = (send(&ledger), send(&ledger));
        // The first has taken its place, and somebody reads.
        ledger.learn(node(), 8, 4);
        first.arrived();
        assert_eq!(known(&ledger), (4, 1));
        second.arrived();
        assert_eq!(known(&ledger), (5, 0));
    }

    #[test]
    fn who_came_after_the_reading_is_counted() {
        let ledger = Ledger::default();
        ledger.learn(node(), 7, 3);
        let first = send(&ledger);
        // Others' places, or ours: it is not known until it is.
        ledger.learn(node(), 9, 5);
        drop(first);
        send(&ledger).arrived();
        assert_eq!(known(&ledger), (6, 0));
    }

    #[tokio::test]
    async fn whoever_waits_hears_of_every_change() {
        let ledger = Ledger::default();
        ledger.learn(node(), 7, 3);
        let on_its_way = send(&ledger);
        for change in [
            Box::new(|| drop(on_its_way)) as Box<dyn FnOnce()>,
            Box::new(|| ledger.learn(node(), 8, 2)),
        ] {
            let changed = ledger.changed();
            change();
            changed.await;
        }
    }
}
