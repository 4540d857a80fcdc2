//! Members that an administrator removed. One that joined by its role would
//! come back by itself, as it does when it was forgotten; it is told that it was
//! removed instead, and ends. Another process with the role may join.

use causeway_table::TableError;
use jiff::SignedDuration;

use crate::app::App;

/// What the keys of such members are kept as.
const WHAT: &str = "removed-member";
/// How long it is remembered: longer than a member goes on with nobody to hear
/// it. A member that is kept switched off for longer can come back.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Remembers a key. To be done before its member is deleted, so that it cannot
/// come back in between.
pub(super) async fn remember(app: &App, public_key: &str) -> Result<(), TableError> {
    let until = app.now().saturating_add(REMEMBERED).unwrap_or(app.now());
    let kept = app.table().one_time().put(WHAT, public_key, "", until);
    kept.await.map(drop)
}

/// Forgets it: the member could not be deleted.
pub(super) async fn stays(app: &App, public_key: &str) -> Result<(), TableError> {
    let taken = app.table().one_time().take(WHAT, public_key, app.now());
    taken.await.map(drop)
}

/// Whether it was a removed member's.
pub(super) async fn is_one(app: &App, public_key: &str) -> Result<bool, TableError> {
    let found = app.table().one_time().peek(WHAT, public_key, app.now());
    Ok(found.await?.is_some())
}
