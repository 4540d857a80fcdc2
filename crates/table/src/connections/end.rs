//! The end of a connection: final, told once, its places given back once.

use causeway_model::id::{ConnectionId, NodeId, UserId};
use causeway_model::object::{Connection, ConnectionState, EndReason, Event};
use jiff::Timestamp;

use super::Connections;
use super::record::{PHASE, StoredConnection};
use crate::action::Action;
use crate::error::TableError;
use crate::events::event_item;
use crate::failure::Refused;
use crate::fleet::give_place_back;
use crate::item::{millis, number, text};
use crate::key::Key;
use crate::named::name_of;
use crate::retry::{Tries, Why};
use crate::stored::Stored;

/// The end of a connection.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// Whose connection.
    pub user: UserId,
    /// Which.
    pub connection: ConnectionId,
    /// Why.
    pub reason: EndReason,
    /// Stable code of what went wrong, when something did.
    pub code: Option<&'a str>,
    /// Only if it is in this state still.
    pub only_if: Option<ConnectionState>,
    /// Only if it is at this node still: for what a node tells of a connection
    /// that may have moved.
    pub only_at: Option<NodeId>,
    /// Now.
    pub now: Timestamp,
    /// Until when it can be looked up.
    pub keep_until: Timestamp,
    /// What the audit trail says.
    pub events: &'a [Event],
}

/// What became of the end of a connection.
#[derive(Debug, Clone, PartialEq)]
pub enum EndOutcome {
    /// It is over now, and its places are free.
    Ended(Connection),
    /// It was over already; this is how it ended.
    AlreadyEnded(Connection),
    /// It is not in the state that `only_if` asked for, or not at the node that
    /// `only_at` did.
    OtherState(Connection),
    /// There is no such connection.
    NotFound,
}

impl Ending<'_> {
    /// Whether what it asks of state and node holds.
    fn allows(&self, connection: &Connection) -> bool {
        self.only_if.is_none_or(|state| connection.state == state)
            && self.only_at.is_none_or(|node| connection.node == node)
    }
}

/// Which places are given back; both, unless the table is damaged.
#[derive(Debug, Clone, Copy)]
struct Places {
    endpoint: bool,
    node: bool,
}

impl Connections<'_> {
    /// Ends a connection and gives its places back, in one transaction. Two
    /// round trips; may be repeated at will.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn end(self, ending: Ending<'_>) -> Result<EndOutcome, TableError> {
        let key = Key::connection(ending.user, ending.connection);
        let Some(item) = self.0.store().get(&key).await? else {
            return Ok(EndOutcome::NotFound);
        };
        let mut connection = Connection::read(&item)?;
        let mut tries = Tries::new();
        loop {
            let outcome = self.end_read(ending, connection.clone()).await?;
            match outcome {
                // It moved between reading and ending: its places are
                // elsewhere now.
                EndOutcome::OtherState(found)
                    if found.node != connection.node && ending.allows(&found) =>
                {
                    connection = found;
                }
                _ => return Ok(outcome),
            }
            if !tries.again(Why::Conflict).await {
                return Err(TableError::Contention);
            }
        }
    }

    /// The same for a connection that has just been read, only if it is at
    /// the same node still.
    pub(super) async fn end_read(
        self,
        ending: Ending<'_>,
        connection: Connection,
    ) -> Result<EndOutcome, TableError> {
        if connection.state == ConnectionState::Ended {
            return Ok(EndOutcome::AlreadyEnded(connection));
        }
        if !ending.allows(&connection) {
            return Ok(EndOutcome::OtherState(connection));
        }
        let mut places = Places {
            endpoint: true,
            node: true,
        };
        loop {
            let EndActions {
                actions,
                usage,
                load,
            } = actions(ending, &connection, places)?;
            let cancelled = match self.0.store().transact(actions).await? {
                Ok(()) => return Ok(EndOutcome::Ended(ended(connection, ending))),
                Err(cancelled) => cancelled,
            };
            if let Some(Refused(old)) = cancelled.refusal(0) {
                return Ok(match old {
                    None => EndOutcome::NotFound,
                    Some(item) => match StoredConnection::read(item)?.connection {
                        other if other.state == ConnectionState::Ended => {
                            EndOutcome::AlreadyEnded(other)
                        }
                        other => EndOutcome::OtherState(other),
                    },
                });
            }
            // A count that cannot be lowered must not keep a connection from
            // ending. Each round leaves at least one of the two out.
            let lost_endpoint = usage.is_some_and(|index| cancelled.refusal(index).is_some());
            let lost_node = load.is_some_and(|index| cancelled.refusal(index).is_some());
            if !lost_endpoint && !lost_node {
                return Err(TableError::refused("an end was cancelled without a reason"));
            }
            tracing::warn!(connection = %connection.id, lost_endpoint, lost_node, "a count of places was too low");
            places.endpoint &= !lost_endpoint;
            places.node &= !lost_node;
        }
    }
}

/// The actions, and where among them the counts of endpoint and node are.
struct EndActions {
    actions: Vec<Action>,
    usage: Option<usize>,
    load: Option<usize>,
}

fn actions(
    ending: Ending<'_>,
    connection: &Connection,
    places: Places,
) -> Result<EndActions, TableError> {
    let mut actions = vec![
        end_action(ending, connection.node)?,
        Action::delete(Key::lease(connection.node, connection.id)),
    ];
    let mut give_back = |wanted: bool, action: Action| {
        wanted.then(|| {
            actions.push(action);
            actions.len() - 1
        })
    };
    let usage = give_back(
        places.endpoint,
        Action::update(Key::usage(connection.endpoint), "ADD connections :less")
            .when("connections > :none")
            .value(":less", number(-1))
            .value(":none", number(0)),
    );
    let load = give_back(places.node, give_place_back(connection.node));
    for event in ending.events {
        actions.push(Action::put(event_item(event)?));
    }
    Ok(EndActions {
        actions,
        usage,
        load,
    })
}

fn end_action(ending: Ending<'_>, node: NodeId) -> Result<Action, TableError> {
    let mut update = format!(
        "SET {PHASE} = :ended, ended_ms = :now, end_reason = :reason, delete_after_s = :keep"
    );
    if ending.code.is_some() {
        update.push_str(", end_code = :code");
    }
    update.push_str(" REMOVE tickets, flow_result");
    let mut condition = "attribute_exists(pk) AND phase <> :ended AND node_id = :node".to_owned();
    if ending.only_if.is_some() {
        condition.push_str(" AND phase = :only");
    }
    let mut end = Action::update(Key::connection(ending.user, ending.connection), update)
        .when(condition)
        .value(":ended", text(name_of(&ConnectionState::Ended)?))
        .value(":node", text(node))
        .value(":now", millis(ending.now))
        .value(":reason", text(name_of(&ending.reason)?))
        .value(":keep", number(ending.keep_until.as_second()));
    if let Some(code) = ending.code {
        end = end.value(":code", text(code));
    }
    if let Some(state) = ending.only_if {
        end = end.value(":only", text(name_of(&state)?));
    }
    Ok(end)
}

fn ended(mut connection: Connection, ending: Ending<'_>) -> Connection {
    connection.state = ConnectionState::Ended;
    connection.ended_at = Some(ending.now);
    connection.end_reason = Some(ending.reason);
    connection.end_code = ending.code.map(str::to_owned);
    connection
}
