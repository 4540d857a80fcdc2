//! A connection moves to another node: the one that had it could not reach the
//! target, or died before there was a session.

use causeway_model::id::{ConnectionId, EdgeId, NodeId, TicketId, UserId};
use causeway_model::object::{Connection, ConnectionState, Event};
use jiff::Timestamp;

use super::Connections;
use super::record::{Lease, StoredConnection, one_ticket};
use crate::action::Action;
use crate::error::TableError;
use crate::events::event_item;
use crate::failure::{Cancelled, Refused};
use crate::fleet::{NodeState, give_place_back, take_place};
use crate::item::{millis, text};
use crate::key::Key;
use crate::named::name_of;
use crate::stored::Stored;

use aws_sdk_dynamodb::types::AttributeValue;

/// The wish to move a connection.
#[derive(Debug, Clone, Copy)]
pub struct Move<'a> {
    /// The connection as it was read, at the node that it leaves.
    pub stored: &'a StoredConnection,
    /// The node that shall have it.
    pub to: NodeId,
    /// The edge that its browser is sent to.
    pub edge: EdgeId,
    /// Its new ticket; the ones before are void. Absent: it has none until one
    /// is issued.
    pub ticket: Option<TicketId>,
    /// The new node may have so many places taken at most, as in a
    /// reservation. `u32::MAX` for no matter how many.
    pub node_at_most: u32,
    /// A node last heard of before this is lost.
    pub heartbeat_after: Timestamp,
    /// Until when it may stay unclaimed at the new node.
    pub pending_until: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// What the audit trail says.
    pub event: Option<&'a Event>,
}

/// What became of a move.
#[derive(Debug, Clone, PartialEq)]
pub enum MoveOutcome {
    /// It is pending at the new node, as it stands here; its place at the
    /// endpoint is kept.
    Moved(StoredConnection),
    /// There is no such connection.
    NotFound,
    /// It is over.
    Ended(Connection),
    /// It is at another node than was read, or its target was reached since.
    Elsewhere(StoredConnection),
    /// Its time is up.
    Expired,
    /// The session or token has ended or expired.
    SessionGone,
    /// The new node cannot take it; this is how it stands now.
    NodeTaken(NodeState),
    /// The new node has been deleted.
    NodeGone,
}

const CONNECTION: usize = 0;
const CREDENTIAL: usize = 1;
const TO: usize = 2;
const FROM: usize = 5;

impl Connections<'_> {
    /// Moves a connection whose target was never reached to another node, in
    /// one transaction: its lease and place there instead of here, pending
    /// again. The node that it leaves joins [`StoredConnection::tried`]. One
    /// round trip.
    ///
    /// # Errors
    ///
    /// When the table cannot be written. Being refused is no error.
    pub async fn move_to(self, wish: Move<'_>) -> Result<MoveOutcome, TableError> {
        let mut gives_back = true;
        loop {
            let cancelled = match self.0.store().transact(actions(wish, gives_back)?).await? {
                Ok(()) => return Ok(MoveOutcome::Moved(moved(wish))),
                Err(cancelled) => cancelled,
            };
            if let Some(outcome) = refusal(wish, &cancelled)? {
                return Ok(outcome);
            }
            // Only the old node's count is in the way: the node is deleted or
            // its count was wrong. It must not keep the connection from
            // moving.
            if !gives_back || cancelled.refusal(FROM).is_none() {
                return Err(TableError::refused("a move was cancelled without a reason"));
            }
            let connection = &wish.stored.connection;
            tracing::warn!(
                connection = %connection.id, node = %connection.node,
                "a count of places was too low"
            );
            gives_back = false;
        }
    }

    /// Notes that `node` reached the target, so that the connection stays
    /// there; says whether it is that node's and not over. May be repeated.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn opened(
        self,
        user: UserId,
        connection: ConnectionId,
        node: NodeId,
    ) -> Result<bool, TableError> {
        let open = Action::update(Key::connection(user, connection), "SET opened = :yes")
            .when("phase <> :ended AND node_id = :node")
            .value(":yes", AttributeValue::Bool(true))
            .value(":ended", text(name_of(&ConnectionState::Ended)?))
            .value(":node", text(node));
        Ok(self.0.store().write(open).await?.is_ok())
    }
}

fn actions(wish: Move<'_>, gives_back: bool) -> Result<Vec<Action>, TableError> {
    let connection = &wish.stored.connection;
    let at_new = Connection {
        node: wish.to,
        ..connection.clone()
    };
    let mut actions = vec![
        connection_action(wish)?,
        wish.stored
            .credential
            .check_alive(connection.user, wish.now),
        take_place(wish.to, wish.node_at_most, wish.heartbeat_after),
        Action::put(Lease::of(&at_new, wish.now, wish.pending_until)),
        Action::delete(Key::lease(connection.node, connection.id)),
    ];
    if gives_back {
        actions.push(give_place_back(connection.node));
    }
    if let Some(event) = wish.event {
        actions.push(Action::put(event_item(event)?));
    }
    Ok(actions)
}

fn connection_action(wish: Move<'_>) -> Result<Action, TableError> {
    let connection = &wish.stored.connection;
    let tickets = match wish.ticket {
        Some(_) => ", tickets = :ticket ADD tried :tried",
        None => " REMOVE tickets ADD tried :tried",
    };
    let action = Action::update(
        Key::connection(connection.user, connection.id),
        format!("SET phase = :pending, node_id = :to, edge_id = :edge{tickets}"),
    )
    .when(
        "phase <> :ended AND node_id = :from AND attribute_not_exists(opened) \
         AND (attribute_not_exists(expires_ms) OR expires_ms > :now)",
    )
    .value(":pending", text(name_of(&ConnectionState::Pending)?))
    .value(":ended", text(name_of(&ConnectionState::Ended)?))
    .value(":from", text(connection.node))
    .value(":to", text(wish.to))
    .value(":edge", text(wish.edge))
    .value(
        ":tried",
        AttributeValue::Ss(vec![connection.node.to_string()]),
    )
    .value(":now", millis(wish.now));
    Ok(match wish.ticket {
        Some(ticket) => action.value(":ticket", one_ticket(ticket)),
        None => action,
    })
}

/// What a cancelled move means; `None` when only the old node's count failed.
fn refusal(wish: Move<'_>, cancelled: &Cancelled) -> Result<Option<MoveOutcome>, TableError> {
    if let Some(Refused(old)) = cancelled.refusal(CONNECTION) {
        let Some(item) = old else {
            return Ok(Some(MoveOutcome::NotFound));
        };
        let found = StoredConnection::read(item)?;
        let moved = found.connection.node != wish.stored.connection.node;
        return Ok(Some(if found.connection.state == ConnectionState::Ended {
            MoveOutcome::Ended(found.connection)
        } else if moved || found.opened {
            MoveOutcome::Elsewhere(found)
        } else {
            MoveOutcome::Expired
        }));
    }
    if cancelled.refusal(CREDENTIAL).is_some() {
        return Ok(Some(MoveOutcome::SessionGone));
    }
    Ok(match cancelled.refusal(TO) {
        Some(Refused(None)) => Some(MoveOutcome::NodeGone),
        Some(Refused(Some(item))) => Some(MoveOutcome::NodeTaken(NodeState::read(item)?)),
        None => None,
    })
}

/// The connection as it stands after the move.
fn moved(wish: Move<'_>) -> StoredConnection {
    let mut stored = wish.stored.clone();
    stored.tried.insert(stored.connection.node);
    stored.tickets = wish.ticket.into_iter().collect();
    stored.connection.state = ConnectionState::Pending;
    stored.connection.node = wish.to;
    stored.connection.edge = wish.edge;
    stored
}
