//! Coming back to a connection: a new ticket for a browser of the same sign-in,
//! through an edge that lives. A connection whose node is lost before there was a
//! session moves to another.

use causeway_model::id::{ConnectionId, TicketId};
use causeway_model::object::ConnectionState;
use causeway_table::{ConfigSnapshot, IssueTicket, StoredConnection, TableError, TicketOutcome};
use causeway_trust::SigningKey;

use super::authorize::{Asker, Authorizer};
use super::failover::{Cause, FailOver, Moved, Way, fail_over, way_to};
use super::flow_result::FlowResult;
use super::launch::{Admission, LaunchError, admission};
use super::recheck;
use crate::access::Caller;
use crate::app::App;
use crate::sealing::SealingError;

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
    /// What its flow gave does not open.
    #[error("what the flow of the connection gave does not open")]
    Secret(#[from] SealingError),
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
    let stored = stored.ok_or(ReattachError::NotFound)?;
    let connection = &stored.connection;
    if connection.session != caller.session() {
        return Err(ReattachError::OtherSession);
    }
    if connection.state == ConnectionState::Ended {
        return Err(ReattachError::Ended);
    }
    let snapshot = app.table().config().current().await?;
    still_allowed(app, caller, &snapshot, &stored).await?;
    let ticket = TicketId::new(app.new_id());
    let signing_key = app.signing_key().await.map_err(LaunchError::from)?;
    let edge = match way_to(app, &snapshot, &stored).await? {
        Way::Here(edge) => edge,
        Way::Cut => return Err(ReattachError::NodeNotReachable),
        Way::ElsewhereOnly => return move_on(app, &signing_key, &stored, ticket).await,
    };
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
        TicketOutcome::Issued => Ok(admission(
            app,
            &signing_key,
            stored.connection,
            &edge,
            ticket,
        )?),
        TicketOutcome::NotFound => Err(ReattachError::NotFound),
        TicketOutcome::Ended | TicketOutcome::Expired => Err(ReattachError::Ended),
    }
}

/// The node is lost and there is no session yet: another node gets the
/// connection, and the browser the ticket for it.
async fn move_on(
    app: &App,
    signing_key: &SigningKey,
    stored: &StoredConnection,
    ticket: TicketId,
) -> Result<Admission, ReattachError> {
    match fail_over(app, stored, Cause::NodeLost, Some(ticket)).await? {
        FailOver::Moved(moved) => {
            let Moved { connection, edge } = *moved;
            Ok(admission(app, signing_key, connection, &edge, ticket)?)
        }
        FailOver::Over => Err(ReattachError::Ended),
        // The next request finds it where it is by then.
        FailOver::NoNode(_) | FailOver::Elsewhere => Err(ReattachError::NodeNotReachable),
    }
}

async fn still_allowed(
    app: &App,
    caller: &Caller,
    snapshot: &ConfigSnapshot,
    stored: &StoredConnection,
) -> Result<(), ReattachError> {
    let connection = &stored.connection;
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
    let of_flow = FlowResult::of(app.secrets(), stored).await?;
    let mut asker = Asker::of(caller, app.now());
    asker.sign_in.add(&of_flow.methods);
    let decision = Authorizer::new(app, snapshot, &asker).decide(application, provider, &endpoint);
    if recheck::refuses(app, connection, caller.address(), &decision).await? {
        return Err(ReattachError::NotAllowedByPolicy);
    }
    Ok(())
}
