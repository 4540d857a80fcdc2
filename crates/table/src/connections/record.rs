//! How a connection and its lease stand in the table.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use causeway_model::id::{ConnectionId, EndpointId, NodeId, TicketId, UserId};
use causeway_model::object::{Connection, ConnectionState, EndReason};
use jiff::Timestamp;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::credential::Credential;
use crate::error::TableError;
use crate::item::{Item, millis, text};
use crate::key::{CONNECTIONS, Key, LEASE_PREFIX, SK};
use crate::listed::listed;
use crate::named::{enum_of, name_of};
use crate::stored::Stored;

/// Attribute with the state.
pub(super) const PHASE: &str = "phase";
/// Attribute with what the flow of the launch gave, sealed.
const FLOW_RESULT: &str = "flow_result";

/// A connection with what only the control plane knows of it. `Debug` does
/// not show what its flow gave.
#[derive(Clone, PartialEq)]
pub struct StoredConnection {
    /// The connection.
    pub connection: Connection,
    /// The session or token that it lives in.
    pub credential: Credential,
    /// Tickets that have been given out and not been used.
    pub tickets: Vec<TicketId>,
    /// Nodes that it was moved away from, because they could not reach the
    /// target or were lost.
    pub tried: BTreeSet<NodeId>,
    /// Whether its node has reached the target: then it stays there.
    pub opened: bool,
    /// What the flow of its launch gave, sealed by the caller; kept until it
    /// ends.
    pub flow_result: Option<String>,
}

impl fmt::Debug for StoredConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredConnection")
            .field("connection", &self.connection)
            .field("credential", &self.credential)
            .field("tickets", &self.tickets)
            .field("tried", &self.tried)
            .field("opened", &self.opened)
            .field("has_flow_result", &self.flow_result.is_some())
            .finish()
    }
}

impl Stored for StoredConnection {
    fn read(item: &Item) -> Result<Self, TableError> {
        let mut connection: Connection = item.document()?;
        connection.state = phase_of(item)?;
        connection.node = item.parsed("node_id")?;
        connection.edge = item.parsed("edge_id")?;
        if let Some(address) = item.optional_text("address") {
            address.clone_into(&mut connection.address);
        }
        connection.ended_at = item.optional_time("ended_ms")?;
        connection.end_reason = item
            .optional_text("end_reason")
            .map(|name| enum_of::<EndReason>(item, name))
            .transpose()?;
        connection.end_code = item.optional_text("end_code").map(str::to_owned);
        let credential = Credential::of_sort_key(item.text("credential")?)
            .ok_or_else(|| item.unreadable("credential is none".to_owned()))?;
        Ok(Self {
            connection,
            credential,
            tickets: ids(item, "tickets")?,
            tried: ids(item, "tried")?,
            opened: item.flag("opened"),
            flow_result: item.optional_text(FLOW_RESULT).map(str::to_owned),
        })
    }
}

/// A set of ids.
fn ids<T: FromStr, C: FromIterator<T>>(item: &Item, name: &str) -> Result<C, TableError> {
    let read = |id: &String| {
        id.parse()
            .map_err(|_| item.unreadable(format!("{name} holds what is no id")))
    };
    item.texts(name).iter().map(read).collect()
}

impl Stored for Connection {
    fn read(item: &Item) -> Result<Self, TableError> {
        StoredConnection::read(item).map(|stored| stored.connection)
    }
}

/// A new connection's item.
pub(super) fn connection_item(
    connection: &Connection,
    credential: Credential,
    ticket: TicketId,
    flow_result: Option<&str>,
) -> Result<Item, TableError> {
    Ok(Item::new(&Key::connection(connection.user, connection.id))
        .with_document(connection)?
        .with(PHASE, text(name_of(&connection.state)?))
        .with("node_id", text(connection.node))
        .with("edge_id", text(connection.edge))
        .with("credential", text(credential.sort_key()))
        .with("tickets", one_ticket(ticket))
        .with_some("expires_ms", connection.expires_at.map(millis))
        .with_some(FLOW_RESULT, flow_result.map(text))
        .indexed(CONNECTIONS, &connection_listed_by(connection)))
}

/// What a connection is listed by.
pub(crate) fn connection_listed_by(connection: &Connection) -> String {
    listed(&[
        &connection.id.to_string(),
        &connection.user.to_string(),
        &connection.endpoint.to_string(),
        &connection.application.to_string(),
    ])
}

/// A set of one ticket.
pub(super) fn one_ticket(ticket: TicketId) -> AttributeValue {
    AttributeValue::Ss(vec![ticket.to_string()])
}

/// The state that an item is in.
pub(super) fn phase_of(item: &Item) -> Result<ConnectionState, TableError> {
    enum_of(item, item.text(PHASE)?)
}

/// A connection's place on its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The connection.
    pub connection: ConnectionId,
    /// Whose it is.
    pub user: UserId,
    /// What it uses.
    pub endpoint: EndpointId,
    /// When it was made or last claimed. A node that was told before then may
    /// not know of it yet.
    pub since: Timestamp,
    /// Until when it may stay unclaimed; absent once it was claimed.
    pub pending_until: Option<Timestamp>,
    /// When its time is up.
    pub expires_at: Option<Timestamp>,
}

impl Lease {
    pub(super) fn of(connection: &Connection, since: Timestamp, pending_until: Timestamp) -> Item {
        Item::new(&Key::lease(connection.node, connection.id))
            .with("user_id", text(connection.user))
            .with("endpoint_id", text(connection.endpoint))
            .with("since_ms", millis(since))
            .with("pending_until_ms", millis(pending_until))
            .with_some("expires_ms", connection.expires_at.map(millis))
    }
}

impl Stored for Lease {
    fn read(item: &Item) -> Result<Self, TableError> {
        let connection = item
            .text(SK)?
            .strip_prefix(LEASE_PREFIX)
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| item.unreadable("no lease".to_owned()))?;
        Ok(Self {
            connection,
            user: item.parsed("user_id")?,
            endpoint: item.parsed("endpoint_id")?,
            since: item.time("since_ms")?,
            pending_until: item.optional_time("pending_until_ms")?,
            expires_at: item.optional_time("expires_ms")?,
        })
    }
}
