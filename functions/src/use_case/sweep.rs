//! What time alone brings about: nodes that fell silent, tickets that nobody
//! used, connections whose time is up. Called by a timer; any number of
//! control planes may sweep at once.

use causeway_model::object::{Connection, EndReason, EventAction, Outcome};
use causeway_table::{Sweep, TableError};
use jiff::SignedDuration;

use super::connection;
use super::event::Entry;
use crate::app::App;

/// A node ends a connection itself when its time is up; it is given this long.
const NODES_OWN_TIME: SignedDuration = SignedDuration::from_secs(5);

/// Ends what time has ended and says how many connections that were.
///
/// # Errors
/// [`TableError`].
pub async fn sweep(app: &App) -> Result<usize, TableError> {
    let snapshot = app.table().config().current().await?;
    let nodes: Vec<_> = snapshot.nodes().iter().map(|node| node.id).collect();
    let now = app.now();
    let deadline =
        SignedDuration::try_from(app.config().heartbeat_deadline).unwrap_or(SignedDuration::MAX);
    let sweep = Sweep {
        nodes: &nodes,
        heartbeat_after: now.saturating_sub(deadline).unwrap_or(now),
        expired_before: now.saturating_sub(NODES_OWN_TIME).unwrap_or(now),
        now,
        keep_until: now.saturating_add(app.config().ended_kept).unwrap_or(now),
    };
    let ended = app.table().connections().sweep(sweep).await?;
    for connection in &ended {
        tracing::info!(connection = %connection.id, node = %connection.node, reason = reason(connection), "swept");
        let entry = Entry::new(EventAction::ConnectionEnded, outcome(connection))
            .by(&connection.username)
            .on("connection", connection.id, &connection.endpoint_name)
            .detail(reason(connection));
        app.table().events().append(&entry.event(app)).await?;
    }
    app.metrics().swept.add(u64::try_from(ended.len()).unwrap_or(u64::MAX));
    connection::order_ends(app, &ended).await?;
    Ok(ended.len())
}

fn reason(connection: &Connection) -> &'static str {
    connection.end_reason.map_or("", EndReason::as_str)
}

fn outcome(connection: &Connection) -> Outcome {
    match connection.end_reason {
        Some(EndReason::NodeLost) => Outcome::Failed,
        Some(_) | None => Outcome::Success,
    }
}
