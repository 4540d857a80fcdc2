//! Many objects at once, all or nothing: what `causeway apply` sends.
//!
//! Documents are matched by kind and name, so applying the same twice changes
//! nothing. They may refer to each other in any order. Everything that is wrong
//! in any of them is told at once, with the document and the field.

mod document;

use std::collections::HashMap;

use causeway_model::object::EventAction;
use causeway_table::{ObjectChange, TableError, WriteError};
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

/// Why nothing was applied.
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
/// [`ApplyError`]; then nothing was written.
pub async fn apply(
    app: &App,
    admin: &Admin,
    documents: Vec<Value>,
    dry_run: bool,
) -> Result<Vec<Applied>, ApplyError> {
    let mut call = Call::open(app, admin).await?;
    for found in read_all(documents)? {
        call.match_stored(found).await?;
    }
    call.match_the_rest().await?;
    let (applied, changes, entries) = call.prepare().await?;
    if !dry_run && !changes.is_empty() {
        write(app, admin, &changes, entries)
            .await
            .map_err(|source| {
                let document = concerned(&source).and_then(|id| call.document_of(id));
                ApplyError::Write { document, source }
            })?;
        for change in &changes {
            aftermath(app, change).await?;
        }
    }
    Ok(applied)
}

/// Writes all changes in one transaction, each with its entry in the audit
/// trail. When the entries are what makes it too large, one stands for all of
/// them, and they follow.
async fn write(
    app: &App,
    admin: &Admin,
    changes: &[ObjectChange],
    entries: Vec<Entry>,
) -> Result<(), WriteError> {
    let events: Vec<_> = entries.into_iter().map(|entry| entry.event(app)).collect();
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

    fn document_of(&self, id: Uuid) -> Option<usize> {
        self.places.get(&id).copied()
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
            Ok((applied, changes, entries))
        } else {
            Err(ApplyError::Documents(errors))
        }
    }
}

type PreparedCall = (Vec<Applied>, Vec<ObjectChange>, Vec<Entry>);

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
