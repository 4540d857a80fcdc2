//! A call between its documents and the table: read, matched with what is
//! stored, prepared as a whole.

use std::collections::HashMap;

use causeway_table::{ObjectChange, TableError, WriteError};
use serde_json::Value;
use uuid::Uuid;

use super::document::{Document, Found, Matched, Place, read_all};
use super::{Applied, ApplyError};
use crate::access::Admin;
use crate::app::App;
use crate::use_case::event::Entry;
use crate::use_case::object::{Draft, PrepareError};

/// One call on its way to the table.
pub(super) struct Call<'a> {
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
    pub(super) async fn prepared(
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
    pub(super) fn refused(&self, source: WriteError) -> ApplyError {
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
pub(super) struct PreparedCall {
    /// What becomes of each document.
    pub(super) applied: Vec<Applied>,
    /// The changes of those that change something.
    pub(super) changes: Vec<ObjectChange>,
    /// Their entries in the audit trail, in the same order.
    pub(super) entries: Vec<Entry>,
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
