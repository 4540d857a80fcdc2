//! Claims: a node shows a ticket and gets what it admits to.
//!
//! Everything that the launch asked is asked again, because a minute and an
//! administrator may lie between: the sign-in still lives, the user is active,
//! the application still uses the provider, the endpoint still belongs to it,
//! the node still serves it. The ticket is burnt last, in the transaction that
//! attaches the connection.

use causeway_fleet::{
    Attach, Claimed, ClaimedEndpoint, ClaimedUser, DataPolicy, HostKey as KnownHostKey,
    SecretSettings,
};
use causeway_model::object::{
    Application, Connection, ConnectionState, Endpoint, EventAction, Node, Outcome, Provider, User,
};
use causeway_model::settings::{self, SettingError};
use causeway_table::{
    Attach as TableAttach, Batch, Claim, ClaimOutcome, ConfigSnapshot, HostKey, StoredConnection,
    TableError,
};
use causeway_trust::{SealError, Ticket, TokenError};
use serde_json::Map;

use super::event::Entry;
use super::merge;
use crate::app::App;

/// Why a claim was refused. Each has a stable code of the same name.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Not a ticket of ours.
    #[error("the ticket is not valid")]
    TicketInvalid(#[source] TokenError),
    /// Its minute is over.
    #[error("the ticket has expired")]
    TicketExpired,
    /// It was used before, or a newer one was made.
    #[error("the ticket was used before")]
    TicketUsed,
    /// It names another node.
    #[error("the ticket is for another node")]
    TicketForOtherNode,
    /// There is no such connection any more.
    #[error("there is no such connection")]
    ConnectionNotFound,
    /// It is over.
    #[error("the connection has ended")]
    ConnectionEnded,
    /// It lost its browser, and its provider lets nobody come back.
    #[error("the connection cannot be resumed")]
    CannotBeResumed,
    /// The sign-in or the token it lives in is over, or the user is locked.
    #[error("the sign-in has ended")]
    SignedOut,
    /// The objects it was launched with do not belong together any more.
    #[error("the endpoint may not be used any more")]
    NotAllowed,
    /// A setting that says what may pass is of a wrong type.
    #[error("a setting cannot be read")]
    Settings(#[from] SettingError),
    /// A sealed secret does not open.
    #[error("a secret of the settings does not open")]
    Secret(#[from] SealError),
    /// The table did not answer.
    #[error("the claim could not be checked")]
    Table(#[from] TableError),
}

/// Burns a ticket and returns what its connection needs.
///
/// # Errors
/// [`ClaimError`].
pub async fn claim(app: &App, node: &Node, ticket: &str) -> Result<Claimed, ClaimError> {
    let claimed = checked(app, node, ticket).await;
    match &claimed {
        Ok(_) => app.metrics().claims.add_one(),
        Err(error) => {
            app.metrics().claims_refused.add_one();
            tracing::info!(node = %node.id, %error, "claim refused");
        }
    }
    claimed
}

async fn checked(app: &App, node: &Node, ticket: &str) -> Result<Claimed, ClaimError> {
    let ticket: Ticket = app
        .key_ring()
        .verify(ticket, app.now())
        .map_err(|error| match error {
            TokenError::Expired => ClaimError::TicketExpired,
            TokenError::TooLong
            | TokenError::Malformed
            | TokenError::UnknownKey
            | TokenError::BadSignature => ClaimError::TicketInvalid(error),
        })?;
    if ticket.node != node.id {
        return Err(ClaimError::TicketForOtherNode);
    }
    let (stored, user) = still_allowed(app, &ticket).await?;
    let connection = &stored.connection;
    let snapshot = app.table().config().current().await?;
    let found = app
        .table()
        .endpoints()
        .with_host_keys(connection.endpoint)
        .await?;
    let (endpoint, host_keys) = found.ok_or(ClaimError::NotAllowed)?;
    let target = Target::of(&snapshot, node, connection, &endpoint)?;
    if connection.state == ConnectionState::Detached && target.provider.delete_token_on_disconnect {
        return Err(ClaimError::CannotBeResumed);
    }
    let merged = merge::effective(app, &snapshot, target.provider, &endpoint, &user)?;
    let flat = merged.settings.to_flat();
    let policy = settings::DataPolicy::read(&flat, endpoint.protocol)?;
    let attach = burn(app, &ticket, &stored).await?;
    report_skipped(app, &user, &endpoint, &merged.skipped).await?;
    Ok(Claimed {
        connection: connection.id,
        attach,
        protocol: endpoint.protocol,
        endpoint: ClaimedEndpoint {
            id: endpoint.id,
            name: endpoint.name,
        },
        user: ClaimedUser {
            id: user.id,
            username: user.username,
        },
        settings: SecretSettings::from(Map::from(&flat)),
        host_keys: host_keys.into_iter().map(known).collect(),
        ends_at: connection.expires_at,
        resume_grace_s: resume_grace_s(app, target.provider),
        data_policy: DataPolicy {
            copy_allowed: policy.copy_allowed,
            paste_allowed: policy.paste_allowed,
        },
    })
}

/// The connection and its user, if the sign-in still lives.
async fn still_allowed(app: &App, ticket: &Ticket) -> Result<(StoredConnection, User), ClaimError> {
    let mut batch = Batch::new();
    let connection = batch.connection(ticket.user, ticket.connection);
    let user = batch.user(ticket.user);
    let answer = app.table().read(batch).await?;
    let stored = answer
        .take(connection)?
        .ok_or(ClaimError::ConnectionNotFound)?;
    let user = answer
        .take(user)?
        .filter(|user| user.active)
        .ok_or(ClaimError::SignedOut)?;
    if stored.connection.state == ConnectionState::Ended {
        return Err(ClaimError::ConnectionEnded);
    }
    Ok((stored, user))
}

/// What a connection reaches, found to belong together.
struct Target<'a> {
    provider: &'a Provider,
}

impl<'a> Target<'a> {
    fn of(
        snapshot: &'a ConfigSnapshot,
        node: &Node,
        connection: &Connection,
        endpoint: &Endpoint,
    ) -> Result<Self, ClaimError> {
        let application: &Application = snapshot
            .applications()
            .get(connection.application.uuid())
            .ok_or(ClaimError::NotAllowed)?;
        let provider = snapshot
            .providers()
            .get(application.provider.uuid())
            .ok_or(ClaimError::NotAllowed)?;
        let outpost = snapshot
            .outposts()
            .get(node.outpost.uuid())
            .ok_or(ClaimError::NotAllowed)?;
        let belongs = connection.provider == provider.id && endpoint.provider == provider.id;
        let serves = provider.outposts.contains(&node.outpost)
            && endpoint
                .labels
                .iter()
                .all(|(name, value)| outpost.labels.get(name) == Some(value));
        if belongs && serves {
            Ok(Self { provider })
        } else {
            Err(ClaimError::NotAllowed)
        }
    }
}

async fn burn(app: &App, ticket: &Ticket, stored: &StoredConnection) -> Result<Attach, ClaimError> {
    let claim = Claim {
        user: ticket.user,
        connection: ticket.connection,
        credential: stored.credential,
        observed: stored.connection.state,
        ticket: ticket.id,
        node: ticket.node,
        edge: ticket.edge,
        now: app.now(),
    };
    match app.table().connections().claim(claim).await? {
        ClaimOutcome::Claimed(TableAttach::First) => Ok(Attach::First),
        ClaimOutcome::Claimed(TableAttach::Again) => Ok(Attach::Again),
        ClaimOutcome::TicketUsed => Err(ClaimError::TicketUsed),
        ClaimOutcome::NotFound => Err(ClaimError::ConnectionNotFound),
        ClaimOutcome::Ended | ClaimOutcome::Expired => Err(ClaimError::ConnectionEnded),
        ClaimOutcome::SessionGone => Err(ClaimError::SignedOut),
        ClaimOutcome::OtherNode => Err(ClaimError::TicketForOtherNode),
    }
}

async fn report_skipped(
    app: &App,
    user: &User,
    endpoint: &Endpoint,
    skipped: &[String],
) -> Result<(), TableError> {
    for mapping in skipped {
        let entry = Entry::new(EventAction::MappingSkipped, Outcome::Failed)
            .by(&user.username)
            .on("endpoint", endpoint.id, &endpoint.name)
            .detail(mapping);
        app.table().events().append(&entry.event(app)).await?;
    }
    Ok(())
}

fn resume_grace_s(app: &App, provider: &Provider) -> u32 {
    if provider.delete_token_on_disconnect {
        return 0;
    }
    u32::try_from(app.config().resume_grace.as_secs()).unwrap_or(u32::MAX)
}

fn known(key: HostKey) -> KnownHostKey {
    KnownHostKey {
        algorithm: key.algorithm,
        key: key.key,
        fingerprint: key.fingerprint,
    }
}
