//! Claims: a node shows a ticket and gets what it admits to.
//!
//! Everything that the launch asked is asked again, because a minute and an
//! administrator may lie between: the sign-in still lives, the user is active,
//! the application still uses the provider, the endpoint still belongs to it,
//! the node still serves it, and the policies of both still let the user in
//! from where they asked for the ticket. A connection that its policies refuse
//! ends. The ticket is burnt last, in the transaction that attaches the
//! connection.

use std::net::IpAddr;

use causeway_fleet::{
    Attach, Claimed, ClaimedEndpoint, ClaimedUser, DataPolicy, HostKey as KnownHostKey,
    SecretSettings,
};
use causeway_model::id::TokenId;
use causeway_model::object::{
    Application, Connection, ConnectionState, Endpoint, EventAction, Node, Outcome, Provider, User,
};
use causeway_model::settings::{self, Effective, SettingError};
use causeway_table::{
    Attach as TableAttach, Batch, Claim, ClaimOutcome, ConfigSnapshot, Credential as CredentialKey,
    HostKey, StoredConnection, TableError,
};
use causeway_trust::{Ticket, TokenError};
use futures_util::future::join_all;
use serde_json::{Map, Value};

use super::authorize::{Asker, Authorizer, SignInFacts};
use super::event::Entry;
use super::flow_result::FlowResult;
use super::launch::note;
use super::merge::{self, Merging, Skipped};
use super::recheck;
use crate::app::App;
use crate::outside_secret::Unavailable;
use crate::sealing::SealingError;
use crate::signing::{SigningError, VerifyError};

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
    /// A policy of the application or the endpoint says no; the connection has
    /// ended by that.
    #[error("a policy does not allow it any more")]
    NotAllowedByPolicy,
    /// A setting that says what may pass is of a wrong type.
    #[error("a setting cannot be read")]
    Settings(#[from] SettingError),
    /// A setting refers to a secret that is kept elsewhere and cannot be had.
    #[error("the secret {reference} cannot be had")]
    SecretUnavailable {
        /// The reference, which is no secret.
        reference: String,
        /// Why.
        #[source]
        why: Unavailable,
    },
    /// A sealed secret does not open.
    #[error("a secret of the settings does not open")]
    Secret(#[from] SealingError),
    /// The keys that sign tickets cannot be had.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The table did not answer.
    #[error("the claim could not be checked")]
    Table(#[from] TableError),
}

/// Burns a ticket and returns what its connection needs. `from` is where the
/// edge saw the browser come from.
///
/// # Errors
/// [`ClaimError`].
pub async fn claim(
    app: &App,
    node: &Node,
    ticket: &str,
    from: Option<IpAddr>,
) -> Result<Claimed, ClaimError> {
    let claimed = match signed_for(app, node, ticket).await {
        Ok(ticket) => {
            let from = from.map(|from| from.to_canonical().to_string());
            let claimed = checked(app, node, &ticket, from.as_deref()).await;
            note_attachment(app, &ticket, from.as_deref(), &claimed).await;
            claimed
        }
        Err(error) => Err(error),
    };
    match &claimed {
        Ok(_) => app.metrics().claims.add_one(),
        Err(error) => {
            app.metrics().claims_refused.add_one();
            tracing::info!(node = %node.id, %error, "claim refused");
        }
    }
    claimed
}

/// The audit trail says who attached, for the first time or again, and who was
/// refused.
async fn note_attachment(
    app: &App,
    ticket: &Ticket,
    from: Option<&str>,
    claimed: &Result<Claimed, ClaimError>,
) {
    let entry = match claimed {
        Ok(claimed) => Entry::new(EventAction::Attach, Outcome::Success)
            .by(&claimed.user.username)
            .on("connection", claimed.connection, &claimed.endpoint.name)
            .detail(match claimed.attach {
                Attach::First => "first",
                Attach::Again => "again",
            }),
        // What policies refused is told where they are asked again.
        Err(ClaimError::Table(_) | ClaimError::NotAllowedByPolicy) => return,
        Err(error) => Entry::new(EventAction::Attach, Outcome::Refused)
            .by(&username(app, ticket).await)
            .on("connection", ticket.connection, "")
            .detail(&error.to_string()),
    };
    let entry = entry.address(from.unwrap_or_default());
    note(app, entry.connection(ticket.connection)).await;
}

/// Whose a ticket is; empty when that cannot be told any more.
async fn username(app: &App, ticket: &Ticket) -> String {
    let found = app.table().users().by_id(ticket.user).await;
    found
        .ok()
        .flatten()
        .map(|user| user.username)
        .unwrap_or_default()
}

/// Reads a ticket: ours, in time, and for this node.
async fn signed_for(app: &App, node: &Node, ticket: &str) -> Result<Ticket, ClaimError> {
    let ticket: Ticket = app.verify(ticket).await.map_err(|error| match error {
        VerifyError::Token(TokenError::Expired) => ClaimError::TicketExpired,
        VerifyError::Token(error) => ClaimError::TicketInvalid(error),
        VerifyError::Signing(error) => ClaimError::Signing(error),
    })?;
    if ticket.node != node.id {
        return Err(ClaimError::TicketForOtherNode);
    }
    Ok(ticket)
}

async fn checked(
    app: &App,
    node: &Node,
    ticket: &Ticket,
    from: Option<&str>,
) -> Result<Claimed, ClaimError> {
    let (stored, user, mut sign_in) = still_allowed(app, ticket).await?;
    let connection = &stored.connection;
    let of_flow = FlowResult::of(app.secrets(), &stored).await?;
    sign_in.add(&of_flow.methods);
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
    let asker = Asker {
        user: &user,
        sign_in,
        address: &connection.address,
        now: app.now(),
    };
    let mut authorizer = Authorizer::new(app, &snapshot, &asker);
    let decision = authorizer.decide(target.application, target.provider, &endpoint);
    let from = from.unwrap_or(&connection.address);
    if recheck::refuses(app, connection, from, &decision).await? {
        return Err(ClaimError::NotAllowedByPolicy);
    }
    let mut merged = merge::effective(Merging {
        app,
        snapshot: &snapshot,
        provider: target.provider,
        endpoint: &endpoint,
        user: &user,
        connection: &of_flow.settings,
        scope: &authorizer.scope_with(of_flow.settings.as_map()),
    })
    .await?;
    follow_references(app, connection, &mut merged.settings).await?;
    let flat = merged.settings.to_flat();
    let policy = settings::DataPolicy::read(&flat, endpoint.protocol)?;
    let attach = burn(app, ticket, &stored).await?;
    report_skipped(app, connection, &merged.skipped).await;
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

/// The connection, its user and their sign-in, if that still lives.
async fn still_allowed(
    app: &App,
    ticket: &Ticket,
) -> Result<(StoredConnection, User, SignInFacts), ClaimError> {
    let mut batch = Batch::new();
    let connection = batch.connection(ticket.user, ticket.connection);
    let user = batch.user(ticket.user);
    // A token stands in for a session under its own id.
    let token = CredentialKey::Token(TokenId::new(ticket.session.uuid()));
    let session = batch.credential(ticket.user, CredentialKey::Session(ticket.session));
    let token = batch.credential(ticket.user, token);
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
    let credential = answer
        .take(session)?
        .or(answer.take(token)?)
        .filter(|found| found.credential() == stored.credential && found.is_live(app.now()))
        .ok_or(ClaimError::SignedOut)?;
    Ok((stored, user, SignInFacts::from(&credential)))
}

/// What a connection reaches, found to belong together.
struct Target<'a> {
    application: &'a Application,
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
            Ok(Self {
                application,
                provider,
            })
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

/// Puts secrets that are kept elsewhere in the place of their references, all
/// asked for at once. The audit trail names the one that could not be had.
async fn follow_references(
    app: &App,
    connection: &Connection,
    settings: &mut Effective,
) -> Result<(), ClaimError> {
    let asked = settings.references().map(async |(name, reference)| {
        let found = app.outside_secrets().read(&reference).await;
        (name.to_owned(), reference, found)
    });
    for (name, reference, found) in join_all(asked).await {
        match found {
            Ok(secret) => settings.replace(&name, Value::from(secret.expose())),
            Err(why) => {
                let reference = reference.to_string();
                let entry = Entry::new(EventAction::SecretUnavailable, Outcome::Failed)
                    .by(&connection.username)
                    .on("endpoint", connection.endpoint, &connection.endpoint_name)
                    .connection(connection.id)
                    .detail(&format!("{name}: {reference}: {why}"));
                note(app, entry).await;
                return Err(ClaimError::SecretUnavailable { reference, why });
            }
        }
    }
    Ok(())
}

async fn report_skipped(app: &App, connection: &Connection, skipped: &[Skipped]) {
    for Skipped { mapping, reason } in skipped {
        let entry = Entry::new(EventAction::MappingSkipped, Outcome::Failed)
            .by(&connection.username)
            .on("endpoint", connection.endpoint, &connection.endpoint_name)
            .connection(connection.id)
            .policy(mapping)
            .detail(&format!("{mapping}: {reason}"));
        note(app, entry).await;
    }
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
