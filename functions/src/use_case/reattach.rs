//! Coming back to a connection: a new ticket for a browser of the same sign-in,
//! through an edge that lives.

use std::collections::BTreeSet;

use causeway_model::id::{ConnectionId, EdgeId, TicketId};
use causeway_model::object::{Connection, ConnectionState};
use causeway_table::{Batch, ConfigSnapshot, IssueTicket, TableError, TicketOutcome};

use super::authorize::{Asker, Authorizer};
use super::launch::{Admission, EdgeChoice, LaunchError, admission, live_edges};
use super::recheck;
use crate::access::Caller;
use crate::app::App;

/// Why nobody can come back.
#[derive(Debug, thiserror::Error)]
pub enum ReattachError {
    /// The caller has no such connection.
    #[error("there is no such connection")]
    NotFound,
    /// It belongs to another sign-in of the same user.
    #[error("the connection belongs to another sign-in")]
    OtherSession,
    /// It is over.
    #[error("the connection has ended")]
    Ended,
    /// It lost its browser, and its provider lets nobody come back.
    #[error("the connection cannot be resumed")]
    CannotBeResumed,
    /// The objects it was launched with do not belong together any more.
    #[error("the endpoint may not be used any more")]
    NotAllowed,
    /// A policy of the application or the endpoint says no; the connection has
    /// ended by that.
    #[error("a policy does not allow it any more")]
    NotAllowedByPolicy,
    /// Its node cannot be reached through any edge.
    #[error("the node cannot be reached")]
    NodeNotReachable,
    /// The ticket could not be signed.
    #[error(transparent)]
    Ticket(#[from] LaunchError),
    /// The table did not answer.
    #[error("the connection could not be read")]
    Table(#[from] TableError),
}

/// A new ticket for one of the caller's connections.
///
/// # Errors
/// [`ReattachError`].
pub async fn reattach(
    app: &App,
    caller: &Caller,
    id: ConnectionId,
) -> Result<Admission, ReattachError> {
    let stored = app.table().connections().get(caller.user().id, id).await?;
    let connection = stored.ok_or(ReattachError::NotFound)?.connection;
    if connection.session != caller.session() {
        return Err(ReattachError::OtherSession);
    }
    if connection.state == ConnectionState::Ended {
        return Err(ReattachError::Ended);
    }
    let snapshot = app.table().config().current().await?;
    still_allowed(app, caller, &snapshot, &connection).await?;
    let edge = reachable_through(app, &snapshot, &connection).await?;
    let ticket = TicketId::new(app.new_id());
    let connections = app.table().connections();
    match connections
        .issue_ticket(IssueTicket {
            user: caller.user().id,
            connection: id,
            ticket,
            edge: edge.id,
            address: caller.address(),
            now: app.now(),
        })
        .await?
    {
        TicketOutcome::Issued => Ok(admission(app, connection, &edge, ticket)?),
        TicketOutcome::NotFound => Err(ReattachError::NotFound),
        TicketOutcome::Ended | TicketOutcome::Expired => Err(ReattachError::Ended),
    }
}

async fn still_allowed(
    app: &App,
    caller: &Caller,
    snapshot: &ConfigSnapshot,
    connection: &Connection,
) -> Result<(), ReattachError> {
    let application = snapshot.applications().get(connection.application.uuid());
    let provider = application.and_then(|found| snapshot.providers().get(found.provider.uuid()));
    let endpoint = app.table().endpoints().by_id(connection.endpoint).await?;
    let (Some(application), Some(provider), Some(endpoint)) = (application, provider, endpoint)
    else {
        return Err(ReattachError::NotAllowed);
    };
    if provider.id != connection.provider || endpoint.provider != provider.id {
        return Err(ReattachError::NotAllowed);
    }
    let is_detached = connection.state == ConnectionState::Detached;
    if is_detached && provider.delete_token_on_disconnect {
        return Err(ReattachError::CannotBeResumed);
    }
    let asker = Asker::of(caller, app.now());
    let decision = Authorizer::new(app, snapshot, &asker).decide(application, provider, &endpoint);
    if recheck::refuses(app, connection, &decision).await? {
        return Err(ReattachError::NotAllowedByPolicy);
    }
    Ok(())
}

/// A live edge that the connection's node holds a tunnel to; the one that was
/// used last if it is one of them.
async fn reachable_through(
    app: &App,
    snapshot: &ConfigSnapshot,
    connection: &Connection,
) -> Result<EdgeChoice, ReattachError> {
    let mut batch = Batch::new();
    let node = batch.node_state(connection.node);
    let slots: Vec<_> = snapshot
        .edges()
        .iter()
        .map(|edge| (edge.id, batch.edge_state(edge.id)))
        .collect();
    let answer = app.table().read(batch).await?;
    let node = answer.take(node)?.ok_or(ReattachError::NodeNotReachable)?;
    let mut states = Vec::with_capacity(slots.len());
    for (id, slot) in slots {
        states.extend(answer.take(slot)?.map(|state| (id, state)));
    }
    let live: BTreeSet<EdgeId> = live_edges(app, &states);
    let mut edges: Vec<EdgeId> = node.load.edges.intersection(&live).copied().collect();
    edges.sort_by_key(|edge| *edge != connection.edge);
    EdgeChoice::first(snapshot, &edges).ok_or(ReattachError::NodeNotReachable)
}
