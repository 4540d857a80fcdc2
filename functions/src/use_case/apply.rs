//! Many objects at once, all or nothing: what `causeway apply` sends.
//!
//! Documents are matched by kind and name, so applying the same twice changes
//! nothing. They may refer to each other in any order. Everything that is wrong
//! in any of them is told at once, with the document and the field.

use std::collections::HashMap;

use causeway_model::object::{
    Application, Endpoint, Group, Outpost, PropertyMapping, Provider, User,
};
use causeway_table::{ObjectChange, TableError, WriteError};
use causeway_trust::SealError;
use serde_json::Value;
use uuid::Uuid;

use super::event::Entry;
use super::object::{Draft, Object, PrepareError, aftermath, stage};
use crate::access::Admin;
use crate::app::App;
use crate::document;
use crate::password::PasswordError;
use crate::problem::FieldError;

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
    Seal(#[from] SealError),
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
    call.match_endpoints().await?;
    let (applied, changes, events) = call.prepare().await?;
    if !dry_run && !changes.is_empty() {
        let objects: Vec<ObjectChange> = changes.iter().map(|(_, change)| change.clone()).collect();
        let events: Vec<_> = events.into_iter().map(|entry| entry.event(app)).collect();
        app.table()
            .write(&objects, &events)
            .await
            .map_err(|source| {
                let document = concerned(&source).and_then(|id| call.document_of(id));
                ApplyError::Write { document, source }
            })?;
        for change in &objects {
            aftermath(app, change).await?;
        }
    }
    Ok(applied)
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident),* $(,)?) => {
        /// A document, read as the fields of its kind.
        enum Document {
            $($(#[$doc])* $kind(<$kind as Object>::Spec),)*
        }

        impl Document {
            fn read(kind: &str, fields: Value) -> Result<Self, FieldError> {
                match kind.replace('-', "_").as_str() {
                    $(<$kind as Object>::KIND_NAME => document::read(fields).map(Self::$kind),)*
                    _ => {
                        let kinds = [$(<$kind as Object>::KIND_NAME),*].join(", ");
                        let message = format!("expected one of {kinds}");
                        Err(FieldError::new("kind", "unknown_kind", message))
                    }
                }
            }

            /// Kind, scope and name: what a document is matched by.
            fn identity(&self) -> (&'static str, String, String) {
                match self {
                    $(Self::$kind(spec) => (
                        <$kind as Object>::KIND_NAME,
                        <$kind as Object>::spec_scope(spec).to_owned(),
                        <$kind as Object>::spec_name(spec).to_owned(),
                    ),)*
                }
            }

            async fn match_stored(self, draft: &mut Draft<'_>) -> Result<Matched, TableError> {
                match self {
                    $(Self::$kind(spec) => {
                        let stored = <$kind as Object>::stored_for(draft, &spec).await?;
                        let id = stored.as_ref().map_or_else(|| draft.app().new_id(), Object::uuid);
                        if stored.is_none() {
                            let name = <$kind as Object>::spec_name(&spec);
                            draft.promise(<$kind as Object>::KIND, name, id);
                        }
                        Ok(Matched::$kind { spec, id, stored })
                    })*
                }
            }
        }

        /// A document with the stored object of its name.
        enum Matched {
            $($(#[$doc])* $kind {
                spec: <$kind as Object>::Spec,
                id: Uuid,
                stored: Option<$kind>,
            },)*
        }

        impl Matched {
            const fn id(&self) -> Uuid {
                match self {
                    $(Self::$kind { id, .. })|* => *id,
                }
            }

            async fn prepare(
                self,
                draft: &Draft<'_>,
                admin: &Admin,
            ) -> Result<Outcome, PrepareError> {
                match self {
                    $(Self::$kind { spec, id, stored } => {
                        let staged = stage::<$kind>(draft, spec, id, stored).await?;
                        Ok(Outcome::of(&staged, admin))
                    })*
                }
            }
        }
    };
}

kinds! {
    /// A group.
    Group,
    /// An outpost.
    Outpost,
    /// A property mapping.
    PropertyMapping,
    /// A provider.
    Provider,
    /// An application.
    Application,
    /// An endpoint.
    Endpoint,
    /// A user.
    User,
}

/// What one document leads to.
struct Outcome {
    applied: Applied,
    change: Option<(ObjectChange, Entry)>,
}

impl Outcome {
    fn of<T: Object>(staged: &super::object::Staged<T>, admin: &Admin) -> Self {
        use super::object::Staged;
        let prepared = staged.prepared();
        Self {
            applied: Applied {
                kind: T::KIND_NAME,
                name: prepared.object.name().to_owned(),
                action: match staged {
                    Staged::Created(_) => Action::Created,
                    Staged::Updated(..) => Action::Updated,
                    Staged::Unchanged(_) => Action::Unchanged,
                },
                warnings: prepared.warnings.clone(),
            },
            change: staged.change(admin),
        }
    }
}

/// Where a document stands in the call, and in the caller's file.
#[derive(Debug, Clone, Copy)]
struct Place {
    document: usize,
    line: Option<u64>,
}

impl Place {
    fn locate(self, error: FieldError) -> FieldError {
        FieldError {
            document: Some(self.document),
            line: self.line,
            ..error
        }
    }
}

struct Found {
    place: Place,
    document: Document,
}

/// Reads all documents, or tells what is wrong with any of them.
fn read_all(documents: Vec<Value>) -> Result<Vec<Found>, ApplyError> {
    if documents.len() > DOCUMENTS_MAX {
        let message = format!("at most {DOCUMENTS_MAX} documents can be applied at once");
        return Err(ApplyError::Documents(vec![FieldError::new(
            "documents",
            "too_many",
            message,
        )]));
    }
    let mut found = Vec::with_capacity(documents.len());
    let mut errors = Vec::new();
    let mut seen = HashMap::new();
    for (index, value) in documents.into_iter().enumerate() {
        let (place, read) = read_one(index, value);
        match read {
            Ok(document) => {
                if let Some(first) = seen.insert(document.identity(), index) {
                    let message = format!("document {first} is about the same object");
                    errors.push(place.locate(FieldError::new("name", "duplicate", message)));
                }
                found.push(Found { place, document });
            }
            Err(error) => errors.push(place.locate(error)),
        }
    }
    if errors.is_empty() {
        Ok(found)
    } else {
        Err(ApplyError::Documents(errors))
    }
}

/// Takes `kind` and `line` off; the rest are the fields of the kind.
fn read_one(index: usize, value: Value) -> (Place, Result<Document, FieldError>) {
    let mut place = Place {
        document: index,
        line: None,
    };
    let Value::Object(mut fields) = value else {
        return (
            place,
            Err(FieldError::new("", "wrong_type", "expected a map")),
        );
    };
    place.line = fields.remove("line").and_then(|line| line.as_u64());
    let read = match fields.remove("kind") {
        Some(Value::String(kind)) => Document::read(&kind, Value::Object(fields)),
        Some(_) => Err(FieldError::new("kind", "wrong_type", "expected a string")),
        None => Err(FieldError::new(
            "kind",
            "required",
            "this field is required",
        )),
    };
    (place, read)
}

/// One call on its way to the table.
struct Call<'a> {
    admin: &'a Admin,
    draft: Draft<'a>,
    /// Endpoints are matched by their provider, which another document of the
    /// call may make: they come last.
    endpoints: Vec<Found>,
    matched: Vec<(Place, Matched)>,
    places: HashMap<Uuid, usize>,
}

impl<'a> Call<'a> {
    async fn open(app: &'a App, admin: &'a Admin) -> Result<Self, TableError> {
        Ok(Self {
            admin,
            draft: Draft::open(app).await?,
            endpoints: Vec::new(),
            matched: Vec::new(),
            places: HashMap::new(),
        })
    }

    async fn match_stored(&mut self, found: Found) -> Result<(), TableError> {
        if matches!(found.document, Document::Endpoint(_)) {
            self.endpoints.push(found);
            return Ok(());
        }
        self.match_now(found).await
    }

    async fn match_endpoints(&mut self) -> Result<(), TableError> {
        for found in std::mem::take(&mut self.endpoints) {
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
                        changes.push((place, change));
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

type PreparedCall = (Vec<Applied>, Vec<(Place, ObjectChange)>, Vec<Entry>);

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
        | WriteError::TooManyChanges { .. }
        | WriteError::Table(_) => None,
    }
}
