//! What follows when policies no longer let somebody into a connection that is
//! there: it ends, its places are free, its target is closed at once.

use causeway_model::object::{Connection, EndReason, EventAction, Outcome};
use causeway_table::TableError;

use super::authorize::Decision;
use super::connection::{self, EndError};
use super::event::Entry;
use super::launch::note;
use crate::app::App;

/// Whether the decision refuses the connection; it has ended then. Policies
/// that could not be evaluated are told to the audit trail either way. `from` is
/// where the browser comes from.
///
/// # Errors
/// [`TableError`] when the connection could not be ended.
pub(crate) async fn refuses(
    app: &App,
    connection: &Connection,
    from: &str,
    decision: &Decision,
) -> Result<bool, TableError> {
    let about = |entry: Entry| {
        entry
            .by(&connection.username)
            .address(from)
            .connection(connection.id)
            .on("endpoint", connection.endpoint, &connection.endpoint_name)
    };
    if let Some(entry) = decision.failure_entry() {
        note(app, about(entry)).await;
    }
    let Some(refusal) = decision.refusal() else {
        return Ok(false);
    };
    let refused = Entry::new(EventAction::Attach, Outcome::Refused)
        .detail("not_allowed_by_policy")
        .policy(&refusal.policies);
    note(app, about(refused)).await;
    let by = Entry::new(EventAction::ConnectionEnded, Outcome::Success)
        .by(&connection.username)
        .connection(connection.id)
        .policy(&refusal.policies);
    match connection::end(app, connection, EndReason::PolicyRefused, by).await {
        Ok(()) | Err(EndError::NotFound | EndError::NotAllowed) => Ok(true),
        Err(EndError::Table(error)) => Err(error),
    }
}
