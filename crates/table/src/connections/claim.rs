//! Tickets and what they are good for: attaching a browser, once each.

use causeway_model::id::{ConnectionId, EdgeId, NodeId, TicketId, UserId};
use causeway_model::object::ConnectionState;
use jiff::Timestamp;

use super::Connections;
use super::record::{PHASE, one_ticket, phase_of};
use crate::action::{Action, PRESENT};
use crate::credential::Credential;
use crate::error::TableError;
use crate::failure::Refused;
use crate::item::{Item, millis, number, text};
use crate::key::Key;
use crate::named::name_of;
use crate::retry::{Tries, Why};

/// Tickets of one connection that are good at the same time; another one
/// takes the place of all of them. Several tabs may be attaching at once.
const TICKETS_MAX: usize = 8;

/// What became of the wish for another ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketOutcome {
    /// The ticket is good.
    Issued,
    /// There is no such connection.
    NotFound,
    /// The connection is over.
    Ended,
    /// The connection's time is up.
    Expired,
}

/// A node that shows a ticket and wants the connection.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// Whose connection.
    pub user: UserId,
    /// Which.
    pub connection: ConnectionId,
    /// The session or token that it lives in, as it was read.
    pub credential: Credential,
    /// Its state, as it was read.
    pub observed: ConnectionState,
    /// The ticket to burn.
    pub ticket: TicketId,
    /// The node that shows it.
    pub node: NodeId,
    /// The edge that the browser came through.
    pub edge: EdgeId,
    /// Now.
    pub now: Timestamp,
}

/// The wish for another ticket.
#[derive(Debug, Clone, Copy)]
pub struct IssueTicket<'a> {
    /// Whose connection.
    pub user: UserId,
    /// Which.
    pub connection: ConnectionId,
    /// The ticket.
    pub ticket: TicketId,
    /// The edge that the browser is sent to.
    pub edge: EdgeId,
    /// Where the browser is; empty when unknown. The connection's address from
    /// now on.
    pub address: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Whether a browser was attached before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attach {
    /// Never: the session on the target is to be opened.
    First,
    /// The session on the target is there, or was.
    Again,
}

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The ticket is burnt and the connection active.
    Claimed(Attach),
    /// There is no such connection.
    NotFound,
    /// The ticket has been used, or was replaced by later ones.
    TicketUsed,
    /// The connection is another node's.
    OtherNode,
    /// The session or token has ended or expired.
    SessionGone,
    /// The connection's time is up.
    Expired,
    /// The connection is over.
    Ended,
}

const CONNECTION: usize = 0;
const CREDENTIAL: usize = 1;

impl Connections<'_> {
    /// Makes another ticket good, for a browser that comes back through
    /// `edge`.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn issue_ticket(self, wish: IssueTicket<'_>) -> Result<TicketOutcome, TableError> {
        let IssueTicket {
            user,
            connection,
            ticket,
            edge,
            address,
            now,
        } = wish;
        let key = Key::connection(user, connection);
        let alive = "phase <> :ended AND (attribute_not_exists(expires_ms) OR expires_ms > :now)";
        let issue = |update: &str, condition: String| -> Result<Action, TableError> {
            Ok(Action::update(key.clone(), update)
                .when(condition)
                .value(":ticket", one_ticket(ticket))
                .value(":edge", text(edge))
                .value(":address", text(address))
                .value(":ended", text(name_of(&ConnectionState::Ended)?))
                .value(":now", millis(now)))
        };
        let add = issue(
            "SET edge_id = :edge, address = :address ADD tickets :ticket",
            format!(
                "{PRESENT} AND {alive} AND (attribute_not_exists(tickets) OR size(tickets) < :most)"
            ),
        )?
        .value(":most", number(TICKETS_MAX));
        let old = match self.0.store().write(add).await? {
            Ok(_) => return Ok(TicketOutcome::Issued),
            Err(Refused(old)) => old,
        };
        match ticket_refusal(old.as_ref(), now)? {
            Some(outcome) => Ok(outcome),
            None => {
                let replace = issue(
                    "SET edge_id = :edge, address = :address, tickets = :ticket",
                    format!("{PRESENT} AND {alive}"),
                )?;
                match self.0.store().write(replace).await? {
                    Ok(_) => Ok(TicketOutcome::Issued),
                    Err(Refused(old)) => {
                        Ok(ticket_refusal(old.as_ref(), now)?.unwrap_or(TicketOutcome::Ended))
                    }
                }
            }
        }
    }

    /// Burns a ticket and makes its connection active. Of any number of claims
    /// with one ticket, one succeeds.
    ///
    /// # Errors
    ///
    /// When the table cannot be written. Being refused is no error.
    pub async fn claim(self, claim: Claim) -> Result<ClaimOutcome, TableError> {
        let mut observed = claim.observed;
        let mut tries = Tries::new();
        loop {
            let cancelled = match self.0.store().transact(actions(claim, observed)?).await? {
                Ok(()) => return Ok(ClaimOutcome::Claimed(attach(observed))),
                Err(cancelled) => cancelled,
            };
            if cancelled.refusal(CREDENTIAL).is_some() {
                return Ok(ClaimOutcome::SessionGone);
            }
            let Some(Refused(Some(item))) = cancelled.refusal(CONNECTION) else {
                return Ok(ClaimOutcome::NotFound);
            };
            if let Some(outcome) = refusal(claim, item)? {
                return Ok(outcome);
            }
            // Nothing is wrong but the state: it moved on since it was read.
            observed = phase_of(item)?;
            if !tries.again(Why::Conflict).await {
                return Err(TableError::Contention);
            }
        }
    }

    /// The browser is gone, the session on the target is kept. Says whether
    /// the connection was active.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn detach(self, user: UserId, connection: ConnectionId) -> Result<bool, TableError> {
        let detach = Action::update(Key::connection(user, connection), "SET phase = :detached")
            .when("phase = :active")
            .value(":detached", text(name_of(&ConnectionState::Detached)?))
            .value(":active", text(name_of(&ConnectionState::Active)?));
        Ok(self.0.store().write(detach).await?.is_ok())
    }
}

const fn attach(observed: ConnectionState) -> Attach {
    match observed {
        ConnectionState::Pending => Attach::First,
        ConnectionState::Active | ConnectionState::Detached | ConnectionState::Ended => {
            Attach::Again
        }
    }
}

fn actions(claim: Claim, observed: ConnectionState) -> Result<Vec<Action>, TableError> {
    let connection = Action::update(
        Key::connection(claim.user, claim.connection),
        "SET phase = :active, edge_id = :edge DELETE tickets :tickets",
    )
    .when(
        "phase = :observed AND phase <> :ended AND contains(tickets, :ticket) AND node_id = :node \
         AND (attribute_not_exists(expires_ms) OR expires_ms > :now)",
    )
    .value(":active", text(name_of(&ConnectionState::Active)?))
    .value(":ended", text(name_of(&ConnectionState::Ended)?))
    .value(":observed", text(name_of(&observed)?))
    .value(":edge", text(claim.edge))
    .value(":node", text(claim.node))
    .value(":ticket", text(claim.ticket))
    .value(":tickets", one_ticket(claim.ticket))
    .value(":now", millis(claim.now));
    let lease = Action::update(
        Key::lease(claim.node, claim.connection),
        "SET since_ms = :now REMOVE pending_until_ms",
    )
    .when(PRESENT)
    .value(":now", millis(claim.now));
    Ok(vec![
        connection,
        claim.credential.check_alive(claim.user, claim.now),
        lease,
    ])
}

/// What is wrong with a claim, except for the state that was observed.
fn refusal(claim: Claim, item: &Item) -> Result<Option<ClaimOutcome>, TableError> {
    let ticket = claim.ticket.to_string();
    Ok(if phase_of(item)? == ConnectionState::Ended {
        Some(ClaimOutcome::Ended)
    } else if is_expired(item, claim.now)? {
        Some(ClaimOutcome::Expired)
    } else if item.text("node_id")? != claim.node.to_string() {
        Some(ClaimOutcome::OtherNode)
    } else if !item.texts("tickets").contains(&ticket) {
        Some(ClaimOutcome::TicketUsed)
    } else {
        None
    })
}

/// Why no ticket may be issued; `None` when there are just too many.
fn ticket_refusal(
    item: Option<&Item>,
    now: Timestamp,
) -> Result<Option<TicketOutcome>, TableError> {
    let Some(item) = item else {
        return Ok(Some(TicketOutcome::NotFound));
    };
    let item_phase = item.text(PHASE)?;
    Ok(if item_phase == name_of(&ConnectionState::Ended)? {
        Some(TicketOutcome::Ended)
    } else if is_expired(item, now)? {
        Some(TicketOutcome::Expired)
    } else {
        None
    })
}

fn is_expired(item: &Item, now: Timestamp) -> Result<bool, TableError> {
    Ok(item
        .optional_time("expires_ms")?
        .is_some_and(|end| end <= now))
}
