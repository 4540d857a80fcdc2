//! Ends what nobody else will end: connections of lost nodes, ones that were
//! never claimed, ones whose time is up.

use causeway_model::id::NodeId;
use causeway_model::object::{Connection, ConnectionState, EndReason};
use jiff::Timestamp;

use super::{Connections, EndOutcome, Ending, Lease, StoredConnection};
use crate::batch::Batch;
use crate::error::TableError;
use crate::fleet::NodeState;
use crate::key::{Key, LEASE_PREFIX, SK, node_partition};
use crate::store::Range;
use crate::stored::Stored;

/// One round of ending what nobody else will end.
#[derive(Debug, Clone, Copy)]
pub struct Sweep<'a> {
    /// The nodes to look at.
    pub nodes: &'a [NodeId],
    /// A node last heard of before this is lost.
    pub heartbeat_after: Timestamp,
    /// A connection whose time was up before this is ended. Nodes end their
    /// connections themselves; leave them a moment.
    pub expired_before: Timestamp,
    /// Connections of a lost node whose target was never reached and whose
    /// time is not up are left as they are and handed back: another node may
    /// take them.
    pub keep_movable: bool,
    /// Now.
    pub now: Timestamp,
    /// Until when what it ends can be looked up.
    pub keep_until: Timestamp,
}

/// What a round came upon.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Swept {
    /// What it ended.
    pub ended: Vec<Connection>,
    /// What it left for another node to take, if that was asked for.
    pub movable: Vec<StoredConnection>,
}

impl Connections<'_> {
    /// Ends connections whose node is lost ([`EndReason::NodeLost`]), that
    /// stayed unclaimed for too long ([`EndReason::NeverClaimed`]) or whose
    /// time is up ([`EndReason::Expired`]). One round trip a
    /// node and two for each connection that it ends; may run anywhere, at any
    /// time, several times at once.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or written; the next round goes on.
    pub async fn sweep(self, sweep: Sweep<'_>) -> Result<Swept, TableError> {
        let mut swept = Swept::default();
        for node in sweep.nodes {
            let pk = node_partition(*node);
            let items = self.0.store().query_all(Range::new(&pk, "")).await?;
            let mut heard = false;
            let mut leases = Vec::new();
            for item in &items {
                match item.text(SK)? {
                    "LOAD" => {
                        let state = NodeState::read(item)?;
                        heard = state.load.heartbeat_at >= sweep.heartbeat_after;
                    }
                    sk if sk.starts_with(LEASE_PREFIX) => leases.push(Lease::read(item)?),
                    _ => {}
                }
            }
            for lease in leases {
                if let Some((reason, only_if)) = overdue(lease, heard, sweep) {
                    let due = Due {
                        lease,
                        node: *node,
                        reason,
                        only_if,
                    };
                    self.end_lease(due, sweep, &mut swept).await?;
                }
            }
        }
        Ok(swept)
    }

    async fn end_lease(
        self,
        due: Due,
        sweep: Sweep<'_>,
        swept: &mut Swept,
    ) -> Result<(), TableError> {
        let Due {
            lease,
            node,
            reason,
            only_if,
        } = due;
        let mut batch = Batch::new();
        let slot = batch.connection(lease.user, lease.connection);
        let stored = self.0.read(batch).await?.take(slot)?;
        let Some(stored) = stored else {
            tracing::warn!(connection = %lease.connection, %node, "a lease without a connection");
            let orphan = crate::action::Action::delete(Key::lease(node, lease.connection));
            let _ = self.0.store().write(orphan).await?;
            self.0.nodes().reconcile(node).await?;
            return Ok(());
        };
        if due.is_movable(&stored, sweep) {
            swept.movable.push(stored);
            return Ok(());
        }
        let ending = Ending {
            user: lease.user,
            connection: lease.connection,
            reason,
            code: None,
            only_if,
            only_at: Some(node),
            now: sweep.now,
            keep_until: sweep.keep_until,
            events: &[],
        };
        match self.end_read(ending, stored.connection).await? {
            EndOutcome::Ended(connection) => swept.ended.push(connection),
            EndOutcome::AlreadyEnded(_) | EndOutcome::OtherState(_) | EndOutcome::NotFound => {}
        }
        Ok(())
    }
}

/// A lease that is to be ended, and why.
#[derive(Debug, Clone, Copy)]
struct Due {
    lease: Lease,
    node: NodeId,
    reason: EndReason,
    only_if: Option<ConnectionState>,
}

impl Due {
    /// Whether another node may take the connection instead.
    fn is_movable(self, stored: &StoredConnection, sweep: Sweep<'_>) -> bool {
        let in_time = self.lease.expires_at.is_none_or(|end| end > sweep.now);
        let is_overdue_ticket = self.lease.pending_until.is_some_and(|end| end < sweep.now);
        sweep.keep_movable
            && self.reason == EndReason::NodeLost
            && in_time
            && !is_overdue_ticket
            && !stored.opened
            && stored.connection.node == self.node
            && stored.connection.state != ConnectionState::Ended
    }
}

/// Why a lease is to be ended, and in which state only.
fn overdue(
    lease: Lease,
    heard: bool,
    sweep: Sweep<'_>,
) -> Option<(EndReason, Option<ConnectionState>)> {
    if !heard {
        return Some((EndReason::NodeLost, None));
    }
    if lease.pending_until.is_some_and(|end| end < sweep.now) {
        // A claim may be on its way: only what is still pending is ended.
        return Some((EndReason::NeverClaimed, Some(ConnectionState::Pending)));
    }
    if lease
        .expires_at
        .is_some_and(|end| end < sweep.expired_before)
    {
        return Some((EndReason::Expired, None));
    }
    None
}
