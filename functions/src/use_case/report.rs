//! Reports: what a node says became of a connection. Telling the same twice
//! does no harm.

use causeway_fleet::{HostKey as SeenHostKey, Report, ReportAnswer, ReportEvent};
use causeway_model::object::{Connection, EndReason, Event, EventAction, Node, Outcome};
use causeway_table::{Batch, Ending, HostKey, HostKeyOutcome, StoredConnection, TableError};

use super::event::Entry;
use super::failover::{Cause, FailOver, fail_over};
use crate::app::App;

/// Longest code or name of an algorithm in a report, in bytes.
const CODE_LENGTH_MAX: usize = 64;
/// Longest host key in a report, in bytes of base64: a certificate of 12 KiB.
const HOST_KEY_LENGTH_MAX: usize = 16 * 1024;

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is no such connection on this node.
    #[error("there is no such connection on this node")]
    ConnectionNotFound,
    /// The report says something that cannot be.
    #[error("{field} is too long or not of its form")]
    Invalid {
        /// The field concerned.
        field: &'static str,
    },
    /// Another host key of that algorithm is remembered.
    #[error("the endpoint's host key of that algorithm is another one")]
    HostKeyChanged,
    /// The table did not answer.
    #[error("the report could not be kept")]
    Table(#[from] TableError),
}

/// Takes a report.
///
/// # Errors
/// [`ReportError`].
pub async fn report(app: &App, node: &Node, report: Report) -> Result<ReportAnswer, ReportError> {
    let stored = found(app, &report).await?;
    let connection = &stored.connection;
    let here = connection.node == node.id;
    let told = match report.event {
        ReportEvent::ConnectFailed { code } if here => {
            return connect_failed(app, &stored, &code).await;
        }
        // Told twice: the answer was lost on its way.
        ReportEvent::ConnectFailed { .. } if stored.tried.contains(&node.id) => {
            return Ok(ReportAnswer { moved: true });
        }
        _ if !here => return Err(ReportError::ConnectionNotFound),
        told => told,
    };
    match told {
        // The claim attached it already; failures are dealt with above.
        ReportEvent::Attached | ReportEvent::ConnectFailed { .. } => {}
        ReportEvent::Detached => {
            let connections = app.table().connections();
            connections.detach(connection.user, connection.id).await?;
        }
        ReportEvent::Opened => {
            let connections = app.table().connections();
            connections
                .opened(connection.user, connection.id, node.id)
                .await?;
        }
        ReportEvent::Ended { reason, code } => {
            // A node that was started anew knows nothing of the connection.
            if reason == EndReason::NodeLost && !stored.opened {
                let outcome = fail_over(app, &stored, Cause::NodeLost, None).await?;
                if matches!(outcome, FailOver::Moved(_)) {
                    return Ok(ReportAnswer { moved: true });
                }
            }
            ended(app, node, connection, reason, code).await?;
        }
        ReportEvent::HostKey(key) => seen(app, node, connection, key).await?,
    }
    Ok(ReportAnswer::default())
}

async fn found(app: &App, report: &Report) -> Result<StoredConnection, ReportError> {
    let mut batch = Batch::new();
    let slot = batch.connection(report.user, report.connection);
    let found = app.table().read(batch).await?.take(slot)?;
    found.ok_or(ReportError::ConnectionNotFound)
}

/// The node cannot reach the target: the next best takes over, if there is one.
async fn connect_failed(
    app: &App,
    stored: &StoredConnection,
    code: &str,
) -> Result<ReportAnswer, ReportError> {
    if !is_code(code) {
        return Err(ReportError::Invalid {
            field: "event.code",
        });
    }
    let moved = match fail_over(app, stored, Cause::TargetNotReached(code), None).await? {
        FailOver::Moved(_) => true,
        FailOver::NoNode(reason) => {
            tracing::info!(
                connection = %stored.connection.id, %reason, code,
                "no other node takes over"
            );
            false
        }
        // A control plane that took the node for lost was quicker.
        FailOver::Elsewhere => true,
        FailOver::Over => false,
    };
    Ok(ReportAnswer { moved })
}

async fn ended(
    app: &App,
    node: &Node,
    connection: &Connection,
    reason: EndReason,
    code: Option<String>,
) -> Result<(), ReportError> {
    if code.as_deref().is_some_and(|code| !is_code(code)) {
        return Err(ReportError::Invalid {
            field: "event.code",
        });
    }
    let outcome = match reason {
        EndReason::ConnectFailed | EndReason::ClosedByTarget | EndReason::NodeLost => {
            Outcome::Failed
        }
        EndReason::Exited
        | EndReason::Left
        | EndReason::Terminated
        | EndReason::SignedOut
        | EndReason::Expired
        | EndReason::PolicyRefused
        | EndReason::Abandoned
        | EndReason::NeverClaimed
        | EndReason::NodeShutdown => Outcome::Success,
    };
    let detail = code.clone().unwrap_or_else(|| reason.as_str().to_owned());
    let event = entry(
        EventAction::ConnectionEnded,
        outcome,
        node,
        connection,
        app,
        &detail,
    );
    let now = app.now();
    let ending = Ending {
        user: connection.user,
        connection: connection.id,
        reason,
        code: code.as_deref(),
        only_if: None,
        only_at: Some(connection.node),
        now,
        keep_until: now.saturating_add(app.config().ended_kept).unwrap_or(now),
        events: &[event],
    };
    app.table().connections().end(ending).await?;
    Ok(())
}

/// Remembers a host key that was accepted on first use. A second, different one
/// is never taken over: two sessions may have raced to be first.
async fn seen(
    app: &App,
    node: &Node,
    connection: &Connection,
    seen: SeenHostKey,
) -> Result<(), ReportError> {
    if !is_code(&seen.algorithm) || seen.key.len() > HOST_KEY_LENGTH_MAX {
        return Err(ReportError::Invalid { field: "event.key" });
    }
    if seen.fingerprint.len() > CODE_LENGTH_MAX {
        return Err(ReportError::Invalid {
            field: "event.fingerprint",
        });
    }
    let key = HostKey {
        algorithm: seen.algorithm,
        fingerprint: seen.fingerprint.clone(),
        key: seen.key,
        first_seen: app.now(),
    };
    let outcome = match app
        .table()
        .host_keys()
        .remember(connection.endpoint, &key)
        .await?
    {
        HostKeyOutcome::First => Outcome::Success,
        HostKeyOutcome::Same => return Ok(()),
        HostKeyOutcome::Differs(_) => Outcome::Refused,
    };
    let event = entry(
        EventAction::HostKey,
        outcome,
        node,
        connection,
        app,
        &seen.fingerprint,
    );
    app.table().events().append(&event).await?;
    match outcome {
        Outcome::Success | Outcome::Failed => Ok(()),
        Outcome::Refused => Err(ReportError::HostKeyChanged),
    }
}

fn entry(
    action: EventAction,
    outcome: Outcome,
    node: &Node,
    connection: &Connection,
    app: &App,
    detail: &str,
) -> Event {
    let entry = Entry::new(action, outcome)
        .by(&node.name)
        .connection(connection.id)
        .detail(detail);
    match action {
        EventAction::HostKey => {
            entry.on("endpoint", connection.endpoint, &connection.endpoint_name)
        }
        _ => entry.on("connection", connection.id, &connection.endpoint_name),
    }
    .event(app)
}

/// Codes and names of algorithms: short words of letters, digits and `_-@.`.
fn is_code(text: &str) -> bool {
    (1..=CODE_LENGTH_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-@.".contains(&byte))
}
