//! Connections: reading them, ending them, coming back to them.

use causeway_model::id::{ConnectionId, NodeId, UserId};
use causeway_model::object::{Connection, ConnectionState, EndReason, EventAction, Outcome};
use causeway_table::{EndOutcome, Ending, TableError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::event::Entry;
use crate::access::{Caller, Staff};
use crate::app::App;
use crate::order;

/// How many connections are ended at the same time when many are.
const END_PARALLEL: usize = 16;

/// Why a connection was not ended.
#[derive(Debug, thiserror::Error)]
pub enum EndError {
    /// There is none of that id that the caller may end.
    #[error("there is no such connection")]
    NotFound,
    /// The caller may see it, not end it.
    #[error("the caller is not allowed to end it")]
    NotAllowed,
    /// The table did not answer.
    #[error("the connection could not be ended")]
    Table(#[from] TableError),
}

/// The caller's connections, newest first: those that live, or all that are
/// still kept.
///
/// # Errors
/// [`TableError`].
pub async fn mine(app: &App, caller: &Caller, all: bool) -> Result<Vec<Connection>, TableError> {
    let stored = app.table().connections().of_user(caller.user().id).await?;
    let mut connections: Vec<_> = stored
        .into_iter()
        .map(|stored| stored.connection)
        .filter(|connection| all || connection.state != ConnectionState::Ended)
        .collect();
    connections.sort_by_key(|connection| std::cmp::Reverse((connection.created_at, connection.id)));
    Ok(connections)
}

/// One connection that the caller may see: their own, or any for an
/// administrator.
///
/// # Errors
/// [`TableError`].
pub async fn visible(
    app: &App,
    caller: &Caller,
    id: ConnectionId,
) -> Result<Option<Connection>, TableError> {
    let connections = app.table().connections();
    let own = connections.get(caller.user().id, id).await?;
    let stored = match own {
        None if caller.rights().is_admin() => connections.by_id(id).await?,
        own => own,
    };
    Ok(stored.map(|stored| stored.connection))
}

/// Any connection whose application the caller may read.
///
/// # Errors
/// [`TableError`].
pub async fn any(
    app: &App,
    staff: &Staff,
    id: ConnectionId,
) -> Result<Option<Connection>, TableError> {
    let stored = app.table().connections().by_id(id).await?;
    Ok(stored
        .map(|stored| stored.connection)
        .filter(|connection| staff.rights().sees(connection.application)))
}

/// Ends a connection that the caller may see. Ending it twice is no error.
///
/// # Errors
/// [`EndError`].
pub async fn terminate(app: &App, caller: &Caller, id: ConnectionId) -> Result<(), EndError> {
    let connection = visible(app, caller, id).await?.ok_or(EndError::NotFound)?;
    let by = Entry::new(EventAction::Terminate, Outcome::Success)
        .by(&caller.user().username)
        .address(caller.address());
    terminated(app, &connection, by).await
}

/// Ends any connection whose application the caller keeps.
///
/// # Errors
/// [`EndError`].
pub async fn terminate_any(app: &App, staff: &Staff, id: ConnectionId) -> Result<(), EndError> {
    let connection = any(app, staff, id).await?.ok_or(EndError::NotFound)?;
    if !staff.rights().operates(connection.application) {
        return Err(EndError::NotAllowed);
    }
    let by = Entry::of_staff(staff, EventAction::Terminate);
    terminated(app, &connection, by).await
}

/// Ends a connection because somebody says so: their act is an event of its
/// own, beside the end.
async fn terminated(app: &App, connection: &Connection, act: Entry) -> Result<(), EndError> {
    let ended = act.clone().of(EventAction::ConnectionEnded);
    close(app, connection, EndReason::Terminated, None, [act, ended]).await
}

/// Ends those connections of a user that `which` picks.
pub(crate) async fn end_of_user(
    app: &App,
    user: UserId,
    reason: EndReason,
    which: impl Fn(&Connection) -> bool,
) -> Result<(), EndError> {
    let stored = app.table().connections().of_user(user).await?;
    let live = stored
        .into_iter()
        .map(|stored| stored.connection)
        .filter(|connection| connection.state != ConnectionState::Ended && which(connection));
    stream::iter(live.map(Ok))
        .try_for_each_concurrent(END_PARALLEL, |connection| async move {
            let by =
                Entry::new(EventAction::ConnectionEnded, Outcome::Success).by(&connection.username);
            end(app, &connection, reason, by).await
        })
        .await
}

/// Ends one connection in the table, which frees its place, and then at its
/// node, which closes the target.
pub(crate) async fn end(
    app: &App,
    connection: &Connection,
    reason: EndReason,
    by: Entry,
) -> Result<(), EndError> {
    close(app, connection, reason, None, [by]).await
}

/// The same, if it is at the node still that it was read at.
pub(crate) async fn end_where_it_is(
    app: &App,
    connection: &Connection,
    reason: EndReason,
    by: Entry,
) -> Result<(), EndError> {
    close(app, connection, reason, Some(connection.node), [by]).await
}

async fn close<const N: usize>(
    app: &App,
    connection: &Connection,
    reason: EndReason,
    only_at: Option<NodeId>,
    entries: [Entry; N],
) -> Result<(), EndError> {
    let events = entries.map(|entry| {
        entry
            .on("connection", connection.id, &connection.endpoint_name)
            .connection(connection.id)
            .detail(reason.as_str())
            .event(app)
    });
    let now = app.now();
    let ending = Ending {
        user: connection.user,
        connection: connection.id,
        reason,
        code: None,
        only_if: None,
        only_at,
        now,
        keep_until: now.saturating_add(app.config().ended_kept).unwrap_or(now),
        events: &events,
    };
    match app.table().connections().end(ending).await? {
        EndOutcome::Ended(ended) => {
            order::end_connection(app, ended.node, ended.id, reason).await?;
        }
        EndOutcome::AlreadyEnded(_) | EndOutcome::OtherState(_) | EndOutcome::NotFound => {}
    }
    Ok(())
}

/// Sends the order to end to the nodes of connections that are already ended
/// in the table.
pub(crate) async fn order_ends(app: &App, ended: &[Connection]) -> Result<(), TableError> {
    let orders: Vec<_> = ended
        .iter()
        .map(|ended| {
            (
                ended.node,
                ended.id,
                ended.end_reason.unwrap_or(EndReason::Terminated),
            )
        })
        .collect();
    stream::iter(orders)
        .map(|(node, connection, reason)| order::end_connection(app, node, connection, reason))
        .buffer_unordered(END_PARALLEL)
        .try_for_each(|_delivered| async { Ok(()) })
        .await
}
