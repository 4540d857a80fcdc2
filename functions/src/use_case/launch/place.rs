//! Taking the place: the best node first, the next when it was lost to others.

use std::collections::BTreeSet;

use causeway_model::id::{ConnectionId, TicketId};
use causeway_model::object::Outcome;
use causeway_table::{Reservation, ReserveOutcome, ReserveRefusal};
use causeway_trust::token::TICKET_LIFE;
use jiff::{SignedDuration, Timestamp};

use super::read::Facts;
use super::{LaunchError, Leading, Reserved, launch_entry, maximum, pending};
use crate::app::App;
use crate::use_case::selection::{Needs, NoPlace, Place, Selection, heard_since};

/// A ticket that nobody used frees its place this much after it expired.
const PENDING_GRACE: SignedDuration = SignedDuration::from_secs(10);

/// Reserves a place for the connection.
///
/// # Errors
/// [`LaunchError`].
pub(super) async fn reserve(
    app: &App,
    facts: &Facts,
    leading: &Leading,
) -> Result<Reserved, LaunchError> {
    let outposts = facts.outposts();
    let needs = Needs {
        snapshot: &facts.snapshot,
        provider: facts.provider.id,
        outposts: &outposts,
        labels: &facts.endpoint.labels,
        live_edges: &facts.live_edges,
    };
    let mut selection = Selection::new(app, needs, facts.nodes.clone(), BTreeSet::new());
    loop {
        let place = selection.next(app).await?;
        let (node, at_most) = (place.node, place.at_most);
        let refusals = match attempt(app, facts, leading, place).await? {
            Ok(reserved) => return Ok(reserved),
            Err(refusals) => refusals,
        };
        for refusal in refusals {
            match refusal {
                ReserveRefusal::SessionGone => return Err(LaunchError::NotSignedIn),
                ReserveRefusal::ExecutionGone => return Err(LaunchError::ExecutionGone),
                ReserveRefusal::EndpointGone => return Err(LaunchError::EndpointNotFound),
                ReserveRefusal::EndpointFull { .. } => {
                    let maximum = maximum(facts.endpoint.maximum_connections);
                    return Err(LaunchError::MaximumConnections {
                        maximum,
                        own: Vec::new(),
                    });
                }
                ReserveRefusal::NodeTaken(state) => selection.learn(app, node, at_most, state),
                ReserveRefusal::NodeGone => selection.exclude(node),
                // An id drawn twice; the next attempt draws another.
                ReserveRefusal::Exists => {}
            }
        }
    }
}

impl From<NoPlace> for LaunchError {
    fn from(none: NoPlace) -> Self {
        match none {
            NoPlace::NoNode(reason) => Self::NoNode(reason),
            NoPlace::Contended => Self::Contended,
            NoPlace::Table(error) => Self::Table(error),
        }
    }
}

type Attempt = Result<Reserved, Vec<ReserveRefusal>>;

async fn attempt(
    app: &App,
    facts: &Facts,
    leading: &Leading,
    place: Place,
) -> Result<Attempt, LaunchError> {
    let now = app.now();
    let ticket = TicketId::new(app.new_id());
    let id = ConnectionId::new(app.new_id());
    let connection = pending(facts, id, now, place.node, place.edge.id);
    let sealed = leading.result.seal(app.secrets(), id).await?;
    let event = launch_entry(facts, Outcome::Success)
        .connection(id)
        .event(app);
    let reservation = Reservation {
        connection: &connection,
        credential: facts.caller.key(),
        ticket,
        node_at_most: place.at_most,
        pending_until: pending_until(now),
        now,
        heartbeat_after: heard_since(app),
        execution: leading.execution,
        flow_result: sealed.as_deref(),
        event: Some(&event),
    };
    match app.table().connections().reserve(reservation).await? {
        ReserveOutcome::Reserved => {
            place.on_its_way.arrived();
            Ok(Ok(Reserved {
                connection,
                edge: place.edge,
                ticket,
            }))
        }
        ReserveOutcome::Refused(refusals) => Ok(Err(refusals)),
    }
}

/// Until when a connection launched now may stay unclaimed.
pub(crate) fn pending_until(now: Timestamp) -> Timestamp {
    let ticket_life = SignedDuration::try_from(TICKET_LIFE).unwrap_or(SignedDuration::ZERO);
    now.saturating_add(ticket_life + PENDING_GRACE)
        .unwrap_or(now)
}
