//! How a connection and its lease stand in the table.

use causeway_model::id::{ConnectionId, EndpointId, TicketId, UserId};
use causeway_model::object::{Connection, ConnectionState, EndReason};
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::credential::Credential;
use crate::error::TableError;
use crate::item::{Item, millis, text};
use crate::key::{Key, LEASE_PREFIX, SK, connection_index};
use crate::stored::Stored;

/// Attribute with the state.
pub(super) const PHASE: &str = "phase";

/// A connection with what only the control plane knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredConnection {
    /// The connection.
    pub connection: Connection,
    /// The session or token that it lives in.
    pub credential: Credential,
    /// Tickets that have been given out and not been used.
    pub tickets: Vec<TicketId>,
}

impl Stored for StoredConnection {
    fn read(item: &Item) -> Result<Self, TableError> {
        let mut connection: Connection = item.document()?;
        connection.state = phase_of(item)?;
        connection.edge = item.parsed("edge_id")?;
        connection.ended_at = item.optional_time("ended_ms")?;
        connection.end_reason = item
            .optional_text("end_reason")
            .map(|name| enum_of::<EndReason>(item, name))
            .transpose()?;
        connection.end_code = item.optional_text("end_code").map(str::to_owned);
        let credential = Credential::of_sort_key(item.text("credential")?)
            .ok_or_else(|| item.unreadable("credential is none".to_owned()))?;
        let tickets = item
            .texts("tickets")
            .iter()
            .map(|id| {
                id.parse()
                    .map_err(|_| item.unreadable("a ticket is no id".to_owned()))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            connection,
            credential,
            tickets,
        })
    }
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
) -> Result<Item, TableError> {
    Ok(Item::new(&Key::connection(connection.user, connection.id))
        .with_document(connection)?
        .with(PHASE, text(name_of(&connection.state)?))
        .with("node_id", text(connection.node))
        .with("edge_id", text(connection.edge))
        .with("credential", text(credential.sort_key()))
        .with("tickets", one_ticket(ticket))
        .with_some("expires_ms", connection.expires_at.map(millis))
        .indexed(&connection_index(connection.id), "CONNECTION"))
}

/// A set of one ticket.
pub(super) fn one_ticket(ticket: TicketId) -> AttributeValue {
    AttributeValue::Ss(vec![ticket.to_string()])
}

/// The state that an item is in.
pub(super) fn phase_of(item: &Item) -> Result<ConnectionState, TableError> {
    enum_of(item, item.text(PHASE)?)
}

/// The stable name of a state or a reason.
pub(super) fn name_of<T: Serialize>(value: &T) -> Result<String, TableError> {
    match serde_json::to_value(value).map_err(TableError::refused)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(TableError::refused("a name that is no text")),
    }
}

fn enum_of<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, TableError> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|_| item.unreadable(format!("{name:?} is no state or reason")))
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
