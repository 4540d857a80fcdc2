//! The reservation: a connection, its place on a node and its place at the
//! endpoint come into being together or not at all.

use causeway_model::id::{ExecutionId, TicketId};
use causeway_model::object::{Connection, Event, MaximumConnections};
use jiff::Timestamp;

use super::Connections;
use super::record::{Lease, connection_item};
use crate::action::{ABSENT, Action};
use crate::credential::Credential;
use crate::endpoints::Usage;
use crate::error::TableError;
use crate::events::event_item;
use crate::executions::use_up;
use crate::failure::{Cancelled, Refused};
use crate::fleet::{NodeState, take_place};
use crate::item::number;
use crate::key::Key;
use crate::stored::Stored;

/// A launch that has been allowed and wants its place.
#[derive(Debug, Clone, Copy)]
pub struct Reservation<'a> {
    /// The connection, pending, with node and edge chosen.
    pub connection: &'a Connection,
    /// The session or token that it lives in.
    pub credential: Credential,
    /// Its first ticket.
    pub ticket: TicketId,
    /// The node may have so many places taken at most: more, and another node
    /// would be the better choice by now. `u32::MAX` for no matter how many.
    pub node_at_most: u32,
    /// Until when it may stay unclaimed: the ticket's life and a grace.
    pub pending_until: Timestamp,
    /// A node last heard of before this is lost.
    pub heartbeat_after: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// The run of a flow that led here, as it was read: used up in the same
    /// transaction, so that it launches once.
    pub execution: Option<(ExecutionId, u64)>,
    /// What that flow gave, sealed; kept with the connection until it ends.
    pub flow_result: Option<&'a str>,
    /// What the audit trail says.
    pub event: Option<&'a Event>,
}

/// What became of a reservation.
#[derive(Debug, Clone, PartialEq)]
pub enum ReserveOutcome {
    /// The place is the connection's.
    Reserved,
    /// Nothing was written, for these reasons, at least one.
    Refused(Vec<ReserveRefusal>),
}

/// Why a place was not to be had.
#[derive(Debug, Clone, PartialEq)]
pub enum ReserveRefusal {
    /// The session or token has ended or expired.
    SessionGone,
    /// The run of the flow has launched already, has gone on or expired.
    ExecutionGone,
    /// The endpoint has been deleted.
    EndpointGone,
    /// Every place of the endpoint is taken.
    EndpointFull(Usage),
    /// The node has been deleted.
    NodeGone,
    /// The node is full, draining, lost, or has more places taken than the
    /// choice assumed. This is how it stands now.
    NodeTaken(NodeState),
    /// There is a connection with this id.
    Exists,
}

const CONNECTION: usize = 0;
const USAGE: usize = 1;
const LOAD: usize = 2;
const CREDENTIAL: usize = 3;
const EXECUTION: usize = 5;

impl Connections<'_> {
    /// Reserves a place; one round trip unless others get in the way.
    ///
    /// # Errors
    ///
    /// When the table cannot be written. Being refused is no error.
    pub async fn reserve(self, reservation: Reservation<'_>) -> Result<ReserveOutcome, TableError> {
        let actions = actions(reservation)?;
        match self.0.store().transact(actions).await? {
            Ok(()) => Ok(ReserveOutcome::Reserved),
            Err(cancelled) => Ok(ReserveOutcome::Refused(refusals(reservation, &cancelled)?)),
        }
    }
}

fn actions(reservation: Reservation<'_>) -> Result<Vec<Action>, TableError> {
    let Reservation {
        connection,
        credential,
        ticket,
        now,
        ..
    } = reservation;
    let mut actions = vec![
        Action::put(connection_item(
            connection,
            credential,
            ticket,
            reservation.flow_result,
        )?)
        .when(ABSENT),
        Action::update(Key::usage(connection.endpoint), "ADD connections :one")
            .when("connections < maximum OR maximum = :unlimited")
            .value(":one", number(1))
            .value(
                ":unlimited",
                number(i64::from(MaximumConnections::Unlimited)),
            ),
        take_place(
            connection.node,
            reservation.node_at_most,
            reservation.heartbeat_after,
        ),
        credential.check_alive(connection.user, now),
        Action::put(Lease::of(connection, now, reservation.pending_until)),
    ];
    if let Some((id, version)) = reservation.execution {
        actions.push(use_up(connection.user, id, version, now));
    }
    if let Some(event) = reservation.event {
        actions.push(Action::put(event_item(event)?));
    }
    Ok(actions)
}

fn refusals(
    reservation: Reservation<'_>,
    cancelled: &Cancelled,
) -> Result<Vec<ReserveRefusal>, TableError> {
    let mut refusals = Vec::new();
    if cancelled.refusal(CREDENTIAL).is_some() {
        refusals.push(ReserveRefusal::SessionGone);
    }
    if reservation.execution.is_some() && cancelled.refusal(EXECUTION).is_some() {
        refusals.push(ReserveRefusal::ExecutionGone);
    }
    if let Some(Refused(old)) = cancelled.refusal(USAGE) {
        refusals.push(match old {
            None => ReserveRefusal::EndpointGone,
            Some(item) => ReserveRefusal::EndpointFull(Usage::read(item)?),
        });
    }
    if let Some(Refused(old)) = cancelled.refusal(LOAD) {
        refusals.push(match old {
            None => ReserveRefusal::NodeGone,
            Some(item) => ReserveRefusal::NodeTaken(NodeState::read(item)?),
        });
    }
    if cancelled.refusal(CONNECTION).is_some() {
        refusals.push(ReserveRefusal::Exists);
    }
    Ok(refusals)
}
