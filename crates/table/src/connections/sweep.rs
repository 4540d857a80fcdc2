//! Ends what nobody else will end: connections of lost nodes, ones that were
//! never claimed, ones whose time is up.

use causeway_model::id::NodeId;
use causeway_model::object::{Connection, ConnectionState, EndReason};
use jiff::Timestamp;

use super::{Connections, EndOutcome, Ending, Lease};
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
    /// Now.
    pub now: Timestamp,
    /// Until when what it ends can be looked up.
    pub keep_until: Timestamp,
}

impl Connections<'_> {
    /// Ends connections whose node is lost ([`EndReason::NodeLost`]), that
    /// stayed unclaimed for too long ([`EndReason::NeverClaimed`]) or whose
    /// time is up ([`EndReason::Expired`]), and returns them. One round trip a
    /// node and two for each connection that it ends; may run anywhere, at any
    /// time, several times at once.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or written; the next round goes on.
    pub async fn sweep(self, sweep: Sweep<'_>) -> Result<Vec<Connection>, TableError> {
        let mut ended = Vec::new();
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
                    ended.extend(self.end_lease(lease, *node, reason, only_if, sweep).await?);
                }
            }
        }
        Ok(ended)
    }

    async fn end_lease(
        self,
        lease: Lease,
        node: NodeId,
        reason: EndReason,
        only_if: Option<ConnectionState>,
        sweep: Sweep<'_>,
    ) -> Result<Option<Connection>, TableError> {
        let mut batch = Batch::new();
        let slot = batch.connection(lease.user, lease.connection);
        let stored = self.0.read(batch).await?.take(slot)?;
        let Some(stored) = stored else {
            tracing::warn!(connection = %lease.connection, %node, "a lease without a connection");
            let orphan = crate::action::Action::delete(Key::lease(node, lease.connection));
            let _ = self.0.store().write(orphan).await?;
            self.0.nodes().reconcile(node).await?;
            return Ok(None);
        };
        let ending = Ending {
            user: lease.user,
            connection: lease.connection,
            reason,
            code: None,
            only_if,
            now: sweep.now,
            keep_until: sweep.keep_until,
            event: None,
        };
        match self.end_read(ending, stored.connection).await? {
            EndOutcome::Ended(connection) => Ok(Some(connection)),
            EndOutcome::AlreadyEnded(_) | EndOutcome::OtherState(_) | EndOutcome::NotFound => {
                Ok(None)
            }
        }
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
