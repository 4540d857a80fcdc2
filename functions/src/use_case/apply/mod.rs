//! Many objects at once, all or nothing: what `causeway apply` sends.
//!
//! Documents are matched by kind and name, so applying the same twice changes
//! nothing. They may refer to each other in any order. Everything that is wrong
//! in any of them is told at once, with the document and the field, before
//! anything is written.
//!
//! What fits in one transaction of the table (some 25 objects) is written in
//! one. More is written down as a whole first and then made in several, each of
//! which leaves what is stored valid and opens nothing that is to be closed. A
//! process that dies on the way leaves the rest to [`finish_begun`]: on one
//! machine a timer calls it, everywhere the next call does. When somebody else
//! writes the same objects meanwhile, documents are matched anew and what is
//! still missing is made.

mod document;

use std::collections::HashMap;

use causeway_model::object::EventAction;
use causeway_table::{ObjectChange, TableError, Told, WriteAllError, WriteError};
use jiff::SignedDuration;
use serde_json::Value;
use uuid::Uuid;

use self::document::{Document, Found, Matched, Place, read_all};
use super::event::Entry;
use super::object::{Draft, PrepareError, aftermath};
use crate::access::Admin;
use crate::app::App;
use crate::password::PasswordError;
use crate::problem::FieldError;
use crate::sealing::SealingError;

/// Most documents of one call.
pub const DOCUMENTS_MAX: usize = 1000;

/// Who begins changes that take several transactions has this long to finish
/// them; then somebody else does.
const ITS_OWN_TIME: SignedDuration = SignedDuration::from_secs(60);

/// How often documents are matched with what is stored when some are applied and
/// somebody else stands in the way of the others.
const ROUNDS_MAX: usize = 4;

/// What became of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Kind of the object.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// What was done.
    pub action: Action,
    /// What is taken and probably not meant.
    pub warnings: Vec<FieldError>,
}

/// What was done with one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A new object was made.
    Created,
    /// The object was changed.
    Updated,
    /// The object was like that already.
    Unchanged,
}

/// Why nothing was applied, or ([`Self::Partly`]) not everything.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Documents are wrong; each error says which.
    #[error("documents are wrong")]
    Documents(Vec<FieldError>),
    /// The table refused what this document asks for, or (`None`) all of it.
    #[error("the objects could not be written")]
    Write {
        /// Which document, from 0.
        document: Option<usize>,
        /// Why.
        source: WriteError,
    },
    /// Some changes are made. Applying the same again makes the others.
    #[error("{written} of {changes} changes are made")]
    Partly {
        /// How many are made.
        written: usize,
        /// How many there are to make.
        changes: usize,
        /// What stands in the way of the others.
        source: Box<Self>,
    },
    /// A stored secret does not open, or a new one cannot be sealed.
    #[error("a secret cannot be sealed or opened")]
    Seal(#[from] SealingError),
    /// A password cannot be hashed now.
    #[error("the password cannot be hashed")]
    Password(#[from] PasswordError),
    /// The table did not answer.
    #[error("the objects could not be read")]
    Table(#[from] TableError),
}

/// Makes the stored objects what the documents say; with `dry_run` only tells
/// what would be done.
///
/// # Errors
/// [`ApplyError`]; unless it is [`ApplyError::Partly`], nothing was written.
pub async fn apply(
    app: &App,
    admin: &Admin,
    documents: Vec<Value>,
    dry_run: bool,
) -> Result<Vec<Applied>, ApplyError> {
    if !dry_run {
        finish_begun(app).await?;
    }
    let (call, first) = Call::prepared(app, admin, documents.clone()).await?;
    if dry_run {
        return Ok(first.applied);
    }
    let applied = first.applied.clone();
    let mut progress = Progress {
        written: 0,
        changes: first.changes.len(),
    };
    let mut next = Ok((call, first));
    for round in 1..=ROUNDS_MAX {
        let (call, prepared) = next.map_err(|error| progress.partly(error))?;
        match write(app, admin, &prepared).await {
            Ok(()) => return Ok(applied),
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
    Ok(applied)
}

/// Finishes what a call began whose process died; says how many calls that were.
/// It needs every right that a call needs.
///
/// # Errors
/// [`TableError`].
pub async fn finish_begun(app: &App) -> Result<usize, TableError> {
    let now = app.now();
    let begun_before = now.saturating_sub(ITS_OWN_TIME).unwrap_or(now);
    app.table().finish_begun(begun_before).await
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

/// Writes all changes and what follows from each.
async fn write(app: &App, admin: &Admin, prepared: &PreparedCall) -> Result<(), WriteAllError> {
    let PreparedCall {
        changes, entries, ..
    } = prepared;
    if changes.is_empty() {
        return Ok(());
    }
    match write_at_once(app, admin, changes, entries).await {
        Err(WriteError::TooManyChanges { .. }) => {
            let entries = entries.iter().cloned();
            let told = changes.iter().cloned().zip(entries);
            let told = told.map(|(change, entry)| Told {
                change,
                event: entry.event(app),
            });
            let (id, now) = (app.new_id(), app.now());
            app.table().write_all(id, told.collect(), now).await?;
        }
        written => written?,
    }
    for change in changes {
        aftermath(app, change).await.map_err(WriteError::from)?;
    }
    Ok(())
}

/// Writes all changes in one transaction, each with its entry in the audit
/// trail. When the entries are what makes it too large, one stands for all of
/// them, and they follow.
async fn write_at_once(
    app: &App,
    admin: &Admin,
    changes: &[ObjectChange],
    entries: &[Entry],
) -> Result<(), WriteError> {
    let entries = entries.iter().cloned();
    let events: Vec<_> = entries.map(|entry| entry.event(app)).collect();
    match app.table().write(changes, &events).await {
        Err(WriteError::TooManyChanges { actions, limit }) if actions - events.len() < limit => {
            let summary = Entry::of_admin(admin, EventAction::Update)
                .detail(&format!("{} objects applied", changes.len()));
            app.table().write(changes, &[summary.event(app)]).await?;
            for event in &events {
                app.table().events().append(event).await?;
            }
            Ok(())
        }
        written => written,
    }
}

/// One call on its way to the table.
struct Call<'a> {
    admin: &'a Admin,
    draft: Draft<'a>,
    /// Endpoints are matched by their provider, bindings by what they are
    /// attached to, which other documents of the call may make: they come last.
    endpoints: Vec<Found>,
    bindings: Vec<Found>,
    matched: Vec<(Place, Matched)>,
    places: HashMap<Uuid, usize>,
}

impl<'a> Call<'a> {
    /// Reads documents, matches them with what is stored and prepares their
    /// objects.
    async fn prepared(
        app: &'a App,
        admin: &'a Admin,
        documents: Vec<Value>,
    ) -> Result<(Self, PreparedCall), ApplyError> {
        let mut call = Self::open(app, admin).await?;
        for found in read_all(documents)? {
            call.match_stored(found).await?;
        }
        call.match_the_rest().await?;
        let prepared = call.prepare().await?;
        Ok((call, prepared))
    }

    async fn open(app: &'a App, admin: &'a Admin) -> Result<Self, TableError> {
        Ok(Self {
            admin,
            draft: Draft::open(app).await?,
            endpoints: Vec::new(),
            bindings: Vec::new(),
            matched: Vec::new(),
            places: HashMap::new(),
        })
    }

    async fn match_stored(&mut self, found: Found) -> Result<(), TableError> {
        match found.document {
            Document::Endpoint(_) => self.endpoints.push(found),
            Document::PolicyBinding(_) => self.bindings.push(found),
            _ => self.match_now(found).await?,
        }
        Ok(())
    }

    async fn match_the_rest(&mut self) -> Result<(), TableError> {
        let endpoints = std::mem::take(&mut self.endpoints);
        let bindings = std::mem::take(&mut self.bindings);
        for found in endpoints.into_iter().chain(bindings) {
            self.match_now(found).await?;
        }
        self.matched.sort_by_key(|(place, _)| place.document);
        Ok(())
    }

    async fn match_now(&mut self, found: Found) -> Result<(), TableError> {
        let matched = found.document.match_stored(&mut self.draft).await?;
        self.places.insert(matched.id(), found.place.document);
        self.matched.push((found.place, matched));
        Ok(())
    }

    /// What the table refused, with the document that it is about.
    fn refused(&self, source: WriteError) -> ApplyError {
        let document = concerned(&source).and_then(|id| self.places.get(&id).copied());
        ApplyError::Write { document, source }
    }

    /// Prepares every object; tells what is wrong with all of them at once.
    async fn prepare(&mut self) -> Result<PreparedCall, ApplyError> {
        let (mut applied, mut changes, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        let mut errors = Vec::new();
        for (place, matched) in std::mem::take(&mut self.matched) {
            match matched.prepare(&self.draft, self.admin).await {
                Ok(outcome) => {
                    let warnings = outcome.applied.warnings.into_iter();
                    let warnings = warnings.map(|warning| place.locate(warning)).collect();
                    applied.push(Applied {
                        warnings,
                        ..outcome.applied
                    });
                    if let Some((change, entry)) = outcome.change {
                        changes.push(change);
                        entries.push(entry);
                    }
                }
                Err(PrepareError::Fields(wrong)) => {
                    errors.extend(wrong.into_iter().map(|error| place.locate(error)));
                }
                Err(PrepareError::Seal(error)) => return Err(error.into()),
                Err(PrepareError::Password(error)) => return Err(error.into()),
                Err(PrepareError::Table(error)) => return Err(error.into()),
            }
        }
        if errors.is_empty() {
            Ok(PreparedCall {
                applied,
                changes,
                entries,
            })
        } else {
            Err(ApplyError::Documents(errors))
        }
    }
}

/// What a call is going to do.
#[derive(Debug)]
struct PreparedCall {
    /// What becomes of each document.
    applied: Vec<Applied>,
    /// The changes of those that change something.
    changes: Vec<ObjectChange>,
    /// Their entries in the audit trail, in the same order.
    entries: Vec<Entry>,
}

/// The object that a refusal is about.
fn concerned(error: &WriteError) -> Option<Uuid> {
    match error {
        WriteError::Exists { id, .. }
        | WriteError::NotFound { id, .. }
        | WriteError::VersionChanged { id, .. }
        | WriteError::InUse { id, .. }
        | WriteError::ChangedTwice { id, .. }
        | WriteError::TooLarge { id, .. } => Some(*id),
        WriteError::NameTaken { .. }
        | WriteError::BadName { .. }
        | WriteError::MissingReference { .. }
        | WriteError::ProviderTaken { .. }
        | WriteError::TooMany { .. }
        | WriteError::TooManyChanges { .. }
        | WriteError::Table(_) => None,
    }
}
