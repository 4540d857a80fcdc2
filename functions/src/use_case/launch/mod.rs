//! Launching: from "this endpoint, please" to a reserved place and a ticket.
//!
//! Two trips to the table when nothing is contended: one batch reads the
//! caller, the endpoint, the load of the nodes that may serve it and the
//! version of the configuration, which is kept in memory; one transaction
//! creates the connection and takes its places. A changed configuration or a
//! lost race costs one more each, a bounded number of times.

mod place;
mod read;
mod ticket;

pub(crate) use ticket::{EdgeChoice, admission, live_edges};

use causeway_model::id::{ConnectionId, EdgeId, NodeId, TicketId};
use causeway_model::object::{
    Connection, ConnectionState, Endpoint, EventAction, MaximumConnections, Outcome, Provider,
};
use causeway_model::placement::NoNode;
use causeway_table::TableError;
use causeway_trust::TokenError;
use jiff::{SignedDuration, Timestamp};

use super::connection;
use super::event::Entry;
use super::execution::Challenge;
use crate::access::{AccessError, Caller};
use crate::app::App;
use crate::credential::Credential;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// Who asks; not yet checked.
    pub credential: &'a Credential,
    /// Slug of the application.
    pub application: &'a str,
    /// Id or name of the endpoint.
    pub endpoint: &'a str,
    /// Where from; empty when unknown.
    pub address: &'a str,
}

/// A connection that a browser may attach to.
#[derive(Debug, Clone, PartialEq)]
pub struct Admission {
    /// The connection.
    pub connection: Connection,
    /// The websocket's URL.
    pub edge_url: String,
    /// The ticket for it.
    pub ticket: String,
}

/// What a launch leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Launched {
    /// A place.
    Connection(Box<Admission>),
    /// A question first.
    Challenge(Box<Challenge>),
}

/// Why nothing was launched.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn,
    /// The API token is good, but not for launching.
    #[error("the token's scope does not reach this far")]
    TokenScope,
    /// There is no application of that slug.
    #[error("there is no such application")]
    ApplicationNotFound,
    /// The application has no endpoint of that id or name.
    #[error("the application has no such endpoint")]
    EndpointNotFound,
    /// Every place of the endpoint is taken.
    #[error("the endpoint takes at most {maximum} connections")]
    MaximumConnections {
        /// How many it takes.
        maximum: u32,
        /// Those of them that are the caller's own.
        own: Vec<ConnectionId>,
    },
    /// No node can take it.
    #[error(transparent)]
    NoNode(#[from] NoNode),
    /// The configuration kept changing, or others kept taking the place.
    #[error("too many launches at once")]
    Contended,
    /// The ticket could not be signed.
    #[error("the ticket could not be signed")]
    Ticket(#[from] TokenError),
    /// The table did not answer.
    #[error("the launch could not be checked or kept")]
    Table(#[from] TableError),
}

impl From<AccessError> for LaunchError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::NotSignedIn => Self::NotSignedIn,
            AccessError::TokenScope => Self::TokenScope,
            AccessError::Table(error) => Self::Table(error),
        }
    }
}

/// Launches an endpoint.
///
/// # Errors
/// [`LaunchError`].
pub async fn launch(app: &App, asked: &Launch<'_>) -> Result<Launched, LaunchError> {
    let facts = read::facts(app, asked).await?;
    let launched = place::reserve(app, &facts).await;
    match &launched {
        Ok(_) => app.metrics().launches.add_one(),
        Err(error) => {
            app.metrics().launches_refused.add_one();
            note_refusal(app, &facts, error).await;
        }
    }
    let launched = match launched {
        Err(LaunchError::MaximumConnections { maximum, .. }) => {
            let own = own_of(app, &facts.caller, &facts.endpoint).await?;
            return Err(LaunchError::MaximumConnections { maximum, own });
        }
        launched => launched?,
    };
    let admission = admission(app, launched.connection, &launched.edge, launched.ticket)?;
    Ok(Launched::Connection(Box::new(admission)))
}

/// The connection that is about to be made on a node.
fn pending(
    facts: &read::Facts,
    id: ConnectionId,
    now: Timestamp,
    node: NodeId,
    edge: EdgeId,
) -> Connection {
    let (user, endpoint) = (facts.caller.user(), &facts.endpoint);
    Connection {
        id,
        state: ConnectionState::Pending,
        protocol: endpoint.protocol,
        user: user.id,
        username: user.username.clone(),
        session: facts.caller.session(),
        application: facts.application.id,
        application_name: facts.application.name.clone(),
        provider: facts.provider.id,
        endpoint: endpoint.id,
        endpoint_name: endpoint.name.clone(),
        node,
        edge,
        address: facts.caller.address().to_owned(),
        created_at: now,
        expires_at: ends_at(&facts.provider, &facts.caller, now),
        ended_at: None,
        end_reason: None,
        end_code: None,
    }
}

/// A connection ends with the provider's limit or with the sign-in that it
/// lives in, whichever comes first.
fn ends_at(provider: &Provider, caller: &Caller, now: Timestamp) -> Option<Timestamp> {
    let limit = provider.connection_expiry.limit().map(|limit| {
        let limit = SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
        now.saturating_add(limit).unwrap_or(Timestamp::MAX)
    });
    [limit, caller.expires_at()].into_iter().flatten().min()
}

/// The caller's own connections to an endpoint, newest first.
async fn own_of(
    app: &App,
    caller: &Caller,
    endpoint: &Endpoint,
) -> Result<Vec<ConnectionId>, TableError> {
    let mine = connection::mine(app, caller, false).await?;
    let to_it = mine
        .iter()
        .filter(|connection| connection.endpoint == endpoint.id);
    Ok(to_it.map(|connection| connection.id).collect())
}

/// A refusal belongs in the audit trail; that the trail cannot be written does
/// not change the answer.
async fn note_refusal(app: &App, facts: &read::Facts, error: &LaunchError) {
    let detail = match error {
        LaunchError::MaximumConnections { .. } => "maximum_connections_reached",
        LaunchError::NoNode(reason) => reason.code(),
        LaunchError::NotSignedIn
        | LaunchError::TokenScope
        | LaunchError::ApplicationNotFound
        | LaunchError::EndpointNotFound
        | LaunchError::Contended
        | LaunchError::Ticket(_)
        | LaunchError::Table(_) => return,
    };
    let event = launch_entry(facts, Outcome::Refused)
        .detail(detail)
        .event(app);
    if let Err(error) = app.table().events().append(&event).await {
        tracing::warn!(%error, "a refused launch is missing in the audit trail");
    }
}

fn launch_entry(facts: &read::Facts, outcome: Outcome) -> Entry {
    Entry::new(EventAction::Launch, outcome)
        .by(&facts.caller.user().username)
        .address(facts.caller.address())
        .on("endpoint", facts.endpoint.id, &facts.endpoint.name)
}

/// How many connections an endpoint takes, when that is limited.
const fn maximum(maximum: MaximumConnections) -> u32 {
    match maximum {
        MaximumConnections::Unlimited => u32::MAX,
        MaximumConnections::Limited(count) => count,
    }
}

/// A place that was taken.
struct Reserved {
    connection: Connection,
    edge: EdgeChoice,
    ticket: TicketId,
}
