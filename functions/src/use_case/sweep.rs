//! What time alone brings about: nodes that fell silent, tickets that nobody
//! used, connections whose time is up; and what somebody began and did not
//! finish. Called by a timer; any number of control planes may sweep at once.

use causeway_model::id::TokenId;
use causeway_model::object::{Connection, EndReason, EventAction, Outcome};
use causeway_table::{Batch, Credential, StoredConnection, Sweep, Swept, TableError};
use jiff::SignedDuration;

use super::connection::{self, EndError};
use super::event::Entry;
use super::failover::{Cause, FailOver, fail_over};
use crate::app::App;

/// A node ends a connection itself when its time is up; it is given this long.
const NODES_OWN_TIME: SignedDuration = SignedDuration::from_secs(5);

/// Live connections that are looked at together.
const LIVE_PAGE: usize = 100;

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
        keep_movable: true,
        now,
        keep_until: now.saturating_add(app.config().ended_kept).unwrap_or(now),
    };
    let Swept { ended, movable } = app.table().connections().sweep(sweep).await?;
    let given_up = move_on(app, &movable).await?;
    for connection in &ended {
        tracing::info!(connection = %connection.id, node = %connection.node, reason = reason(connection), "swept");
        let entry = Entry::new(EventAction::ConnectionEnded, outcome(connection))
            .by(&connection.username)
            .on("connection", connection.id, &connection.endpoint_name)
            .connection(connection.id)
            .detail(reason(connection));
        app.table().events().append(&entry.event(app)).await?;
    }
    let count = ended.len() + given_up;
    app.metrics()
        .swept
        .add(u64::try_from(count).unwrap_or(u64::MAX));
    connection::order_ends(app, &ended).await?;
    app.table().clear_left_behind().await?;
    Ok(count)
}

/// Moves connections whose node was lost before there was a session, and ends
/// those that no other node takes; says how many those are.
async fn move_on(app: &App, movable: &[StoredConnection]) -> Result<usize, TableError> {
    let mut given_up = 0;
    for stored in movable {
        match fail_over(app, stored, Cause::NodeLost, None).await? {
            FailOver::Moved(_) | FailOver::Elsewhere => {}
            FailOver::NoNode(_) | FailOver::Over => {
                let connection = &stored.connection;
                let by = Entry::new(EventAction::ConnectionEnded, Outcome::Failed)
                    .by(&connection.username);
                match connection::end_where_it_is(app, connection, EndReason::NodeLost, by).await {
                    Ok(()) | Err(EndError::NotFound | EndError::NotAllowed) => given_up += 1,
                    Err(EndError::Table(error)) => return Err(error),
                }
            }
        }
    }
    Ok(given_up)
}

/// Ends connections whose sign-in or token is gone. Whoever ends a sign-in ends
/// its connections as well; this is for the case that they could not finish.
///
/// # Errors
/// [`TableError`].
pub async fn sweep_orphans(app: &App) -> Result<usize, TableError> {
    let snapshot = app.table().config().current().await?;
    let nodes: Vec<_> = snapshot.nodes().iter().map(|node| node.id).collect();
    let (mut cursor, mut ended) = (None, 0);
    loop {
        let page = app
            .table()
            .connections()
            .live(&nodes, cursor.as_ref(), LIVE_PAGE)
            .await?;
        for connection in orphans(app, page.items).await? {
            let by =
                Entry::new(EventAction::ConnectionEnded, Outcome::Success).by(&connection.username);
            match connection::end(app, &connection, EndReason::SignedOut, by).await {
                Ok(()) | Err(EndError::NotFound | EndError::NotAllowed) => ended += 1,
                Err(EndError::Table(error)) => return Err(error),
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(ended);
        }
    }
}

/// Those whose user is gone or not active, or whose sign-in is over.
async fn orphans(app: &App, live: Vec<Connection>) -> Result<Vec<Connection>, TableError> {
    let mut batch = Batch::new();
    let slots: Vec<_> = live
        .iter()
        .map(|connection| {
            let (user, id) = (connection.user, connection.session);
            // A token takes the place of a session, under its own id.
            let token = Credential::Token(TokenId::new(id.uuid()));
            let session = batch.credential(user, Credential::Session(id));
            (batch.user(user), session, batch.credential(user, token))
        })
        .collect();
    let answer = app.table().read(batch).await?;
    let mut orphans = Vec::new();
    for (connection, (user, session, token)) in live.into_iter().zip(slots) {
        let is_active = answer.take(user)?.is_some_and(|user| user.active);
        let credential = answer.take(session)?.or(answer.take(token)?);
        let is_live = credential.is_some_and(|credential| credential.is_live(app.now()));
        if !(is_active && is_live) {
            orphans.push(connection);
        }
    }
    Ok(orphans)
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
