//! Launching: from "this endpoint, please" to a reserved place and a ticket.
//!
//! Application and endpoint are asked whether their policies let the user in;
//! a refusal is told as such (403), as the application's name is no secret to
//! whoever was given its link. A provider's flow asks its questions next
//! ([`super::execution`]). Then a place is taken.
//!
//! Two trips to the table when nothing is contended: one batch reads the
//! caller, the endpoint, the load of the nodes that may serve it and the
//! version of the configuration, which is kept in memory; one transaction
//! creates the connection and takes its places. A changed configuration or a
//! lost race costs one more each, a bounded number of times.

mod place;
mod read;
mod ticket;

pub(crate) use place::pending_until;
pub(crate) use read::{ApplicationKey, Facts, Target, facts};
pub(crate) use ticket::{EdgeChoice, admission, live_edges};

use causeway_model::id::{ConnectionId, EdgeId, ExecutionId, NodeId, TicketId};
use causeway_model::object::{
    AuthenticationMethod, Connection, ConnectionState, Endpoint, EventAction, MaximumConnections,
    Outcome, Provider,
};
use causeway_model::placement::NoNode;
use causeway_table::TableError;
use causeway_trust::TokenError;
use jiff::{SignedDuration, Timestamp};

use super::authorize::{Asker, Authorizer, Refusal};
use super::connection;
use super::event::Entry;
use super::execution::{self, Challenge};
use super::flow_result::FlowResult;
use super::second_factor::FactorError;
use crate::access::{AccessError, Caller};
use crate::app::App;
use crate::credential::Credential;
use crate::sealing::SealingError;
use crate::signing::SigningError;

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
    /// A policy of the application or the endpoint says no.
    #[error("a policy does not allow it")]
    NotAllowedByPolicy(Refusal),
    /// A stage of the provider's flow says no.
    #[error("the flow does not allow it")]
    DeniedByFlow {
        /// Name of the stage, for the audit trail.
        stage: String,
        /// What the user is told; empty for nothing in particular.
        message: String,
    },
    /// A stage asks for a second factor that the user has not enrolled.
    #[error("a second factor is asked for, and none is enrolled")]
    SecondFactorNotEnrolled {
        /// Name of the stage.
        stage: String,
    },
    /// A stage asks for a password, and the user has none here.
    #[error("a password is asked for, and the user has none here")]
    PasswordNotAvailable {
        /// Name of the stage.
        stage: String,
    },
    /// The run of the flow has launched already, or has gone on.
    #[error("the run of the flow is over")]
    ExecutionGone,
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
    /// The keys that sign tickets cannot be had.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// A second factor or the password was not accepted, or could not be
    /// checked.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// What a flow set could not be sealed or opened.
    #[error("what the flow set could not be kept")]
    Seal(#[from] SealingError),
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

/// Launches an endpoint: policies first, then the provider's flow if it has
/// one, then a place.
///
/// # Errors
/// [`LaunchError`].
pub async fn launch(app: &App, asked: &Launch<'_>) -> Result<Launched, LaunchError> {
    let facts = facts(app, &Target::from(asked)).await?;
    check_policies(app, &facts, &[]).await?;
    match facts.flow()? {
        Some(flow) => execution::begin(app, &facts, &flow).await,
        None => Ok(Launched::Connection(
            take_place(app, &facts, &Leading::default()).await?,
        )),
    }
}

/// What led to a launch besides the wish for it: the run of a flow.
#[derive(Debug, Default)]
pub(crate) struct Leading {
    /// The run that is used up, as it was read.
    pub(crate) execution: Option<(ExecutionId, u64)>,
    /// What it gave; sealed for the connection.
    pub(crate) result: FlowResult,
}

/// Decides by the policies of application and endpoint, and tells the audit
/// trail of a refusal and of what could not be evaluated.
///
/// `methods` are those that the user proved in a flow of this launch, besides
/// those of the sign-in.
///
/// # Errors
/// [`LaunchError::NotAllowedByPolicy`].
pub(crate) async fn check_policies(
    app: &App,
    facts: &Facts,
    methods: &[AuthenticationMethod],
) -> Result<(), LaunchError> {
    let mut asker = Asker::of(&facts.caller, app.now());
    asker.sign_in.add(methods);
    let decision = Authorizer::new(app, &facts.snapshot, &asker).decide(
        &facts.application,
        &facts.provider,
        &facts.endpoint,
    );
    if let Some(entry) = decision.failure_entry() {
        note(app, facts.about(entry)).await;
    }
    let Some(refusal) = decision.refusal() else {
        return Ok(());
    };
    let error = LaunchError::NotAllowedByPolicy(refusal);
    app.metrics().launches_refused.add_one();
    note_refusal(app, facts, &error).await;
    Err(error)
}

/// Takes a place for a launch that is allowed.
///
/// # Errors
/// [`LaunchError`].
pub(crate) async fn take_place(
    app: &App,
    facts: &Facts,
    leading: &Leading,
) -> Result<Box<Admission>, LaunchError> {
    let signing_key = app.signing_key().await?;
    let launched = place::reserve(app, facts, leading).await;
    match &launched {
        Ok(_) => app.metrics().launches.add_one(),
        Err(error) => {
            app.metrics().launches_refused.add_one();
            note_refusal(app, facts, error).await;
        }
    }
    let launched = match launched {
        Err(LaunchError::MaximumConnections { maximum, .. }) => {
            let own = own_of(app, &facts.caller, &facts.endpoint).await?;
            return Err(LaunchError::MaximumConnections { maximum, own });
        }
        launched => launched?,
    };
    let Reserved {
        connection,
        edge,
        ticket,
    } = launched;
    let admission = admission(app, &signing_key, connection, &edge, ticket)?;
    Ok(Box::new(admission))
}

/// The connection that is about to be made on a node.
fn pending(
    facts: &Facts,
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

/// A refusal belongs in the audit trail.
pub(crate) async fn note_refusal(app: &App, facts: &Facts, error: &LaunchError) {
    let (detail, decided_by) = match error {
        LaunchError::NotAllowedByPolicy(refusal) => {
            ("not_allowed_by_policy", refusal.policies.as_str())
        }
        LaunchError::DeniedByFlow { stage, .. } => ("denied_by_flow", stage.as_str()),
        LaunchError::SecondFactorNotEnrolled { stage } => {
            ("second_factor_not_enrolled", stage.as_str())
        }
        LaunchError::PasswordNotAvailable { stage } => ("password_not_available", stage.as_str()),
        LaunchError::MaximumConnections { .. } => ("maximum_connections_reached", ""),
        LaunchError::NoNode(reason) => (reason.code(), ""),
        LaunchError::NotSignedIn
        | LaunchError::TokenScope
        | LaunchError::ApplicationNotFound
        | LaunchError::EndpointNotFound
        | LaunchError::ExecutionGone
        | LaunchError::Contended
        | LaunchError::Ticket(_)
        | LaunchError::Signing(_)
        | LaunchError::Factor(_)
        | LaunchError::Seal(_)
        | LaunchError::Table(_) => return,
    };
    let entry = launch_entry(facts, Outcome::Refused)
        .detail(detail)
        .policy(decided_by);
    note(app, entry).await;
}

/// That the trail cannot be written does not change the answer.
pub(crate) async fn note(app: &App, entry: Entry) {
    if let Err(error) = app.table().events().append(&entry.event(app)).await {
        tracing::warn!(%error, "an entry is missing in the audit trail");
    }
}

fn launch_entry(facts: &Facts, outcome: Outcome) -> Entry {
    facts.about(Entry::new(EventAction::Launch, outcome))
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
