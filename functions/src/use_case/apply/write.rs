//! Writing what a call asks for: at once if it fits, else in several
//! transactions, and what follows from it.

use causeway_model::object::EventAction;
use causeway_table::{Change, ObjectChange, TableError, Told, WriteAllError, WriteError};
use serde_json::Value;

use super::ApplyError;
use super::call::{Call, PreparedCall};
use crate::access::Admin;
use crate::app::App;
use crate::use_case::event::Entry;
use crate::use_case::object::aftermath;

/// How often documents are matched with what is stored when some are applied and
/// somebody else stands in the way of the others.
const ROUNDS_MAX: usize = 4;

/// Makes what is missing until nothing is. `tried` gets every change that may
/// have been made.
pub(super) async fn write_in_rounds<'a>(
    app: &'a App,
    admin: &'a Admin,
    documents: Vec<Value>,
    first: (Call<'a>, PreparedCall),
    tried: &mut Vec<ObjectChange>,
) -> Result<(), ApplyError> {
    let mut progress = Progress {
        written: 0,
        changes: first.1.changes.len(),
    };
    let mut next = Ok(first);
    for round in 1..=ROUNDS_MAX {
        let (call, prepared) = next.map_err(|error| progress.partly(error))?;
        let written = write(app, admin, &prepared).await;
        tried.extend(prepared.changes);
        match written {
            Ok(()) => return Ok(()),
            Err(WriteAllError::Refused(source)) => {
                return Err(progress.partly(call.refused(source)));
            }
            Err(WriteAllError::Interrupted { written, source }) => {
                progress.written += written;
                // Without an answer of the table, somebody goes on later.
                if round == ROUNDS_MAX || matches!(source, WriteError::Table(_)) {
                    return Err(progress.partly(call.refused(source)));
                }
            }
        }
        next = Call::prepared(app, admin, documents.clone()).await;
    }
    Ok(())
}

/// What follows from changes that may have been made: users who are not active
/// any more are signed out everywhere.
pub(super) async fn follow_up(app: &App, tried: &[ObjectChange]) -> Result<(), TableError> {
    for change in tried {
        let ObjectChange::User(Change::Update { after, .. }, _) = change else {
            continue;
        };
        if after.active {
            continue;
        }
        let stored = app.table().users().by_id(after.id).await?;
        if stored.is_some_and(|user| !user.active) {
            aftermath(app, change).await?;
        }
    }
    Ok(())
}

/// How much of a call is done.
#[derive(Debug, Clone, Copy)]
struct Progress {
    written: usize,
    changes: usize,
}

impl Progress {
    /// The error of a call that may have made some of its changes.
    fn partly(self, error: ApplyError) -> ApplyError {
        match self.written {
            0 => error,
            written => ApplyError::Partly {
                written,
                changes: self.changes,
                source: Box::new(error),
            },
        }
    }
}

/// Writes all changes.
async fn write(app: &App, admin: &Admin, prepared: &PreparedCall) -> Result<(), WriteAllError> {
    let PreparedCall {
        changes, entries, ..
    } = prepared;
    if changes.is_empty() {
        return Ok(());
    }
    match write_at_once(app, admin, changes, entries).await {
        Err(WriteAllError::Refused(WriteError::TooManyChanges { .. })) => {
            let entries = entries.iter().cloned();
            let told = changes.iter().cloned().zip(entries);
            let told = told.map(|(change, entry)| Told {
                change,
                event: entry.event(app),
            });
            let (id, now) = (app.new_id(), app.now());
            app.table().write_all(id, told.collect(), now).await
        }
        written => written,
    }
}

/// Writes all changes in one transaction, each with its entry in the audit
/// trail. When the entries are what makes it too large, one stands for all of
/// them, and they follow.
async fn write_at_once(
    app: &App,
    admin: &Admin,
    changes: &[ObjectChange],
    entries: &[Entry],
) -> Result<(), WriteAllError> {
    let entries = entries.iter().cloned();
    let events: Vec<_> = entries.map(|entry| entry.event(app)).collect();
    match app.table().write(changes, &events).await {
        Err(WriteError::TooManyChanges { actions, limit }) if actions - events.len() < limit => {
            let summary = Entry::of_admin(admin, EventAction::Update)
                .detail(&format!("{} objects applied", changes.len()));
            app.table().write(changes, &[summary.event(app)]).await?;
            for event in &events {
                let appended = app.table().events().append(event).await;
                appended.map_err(|error| WriteAllError::Interrupted {
                    written: changes.len(),
                    source: error.into(),
                })?;
            }
            Ok(())
        }
        written => Ok(written?),
    }
}
