//! Documents of any kind: reading them, matching them with what is stored,
//! preparing their objects.

use std::collections::HashMap;

use causeway_model::object::{
    Application, Endpoint, Flow, Group, Outpost, Policy, PolicyBinding, PropertyMapping, Provider,
    Source, User,
};
use causeway_table::{ObjectChange, TableError};
use serde_json::Value;
use uuid::Uuid;

use super::{Action, Applied, ApplyError, DOCUMENTS_MAX};
use crate::access::Admin;
use crate::document;
use crate::problem::FieldError;
use crate::use_case::event::Entry;
use crate::use_case::object::{Draft, Object, PrepareError, Staged, What, stage};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident),* $(,)?) => {
        /// A document, read as the fields of its kind.
        pub(super) enum Document {
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
                        <$kind as Object>::spec_name(spec).into_owned(),
                    ),)*
                }
            }

            pub(super) async fn match_stored(self, draft: &mut Draft<'_>) -> Result<Matched, TableError> {
                match self {
                    $(Self::$kind(spec) => {
                        let stored = <$kind as Object>::stored_for(draft, &spec).await?;
                        let id = stored.as_ref().map_or_else(|| draft.app().new_id(), Object::uuid);
                        <$kind as Object>::promise(draft, &spec, id, stored.as_ref());
                        Ok(Matched::$kind { spec, id, stored })
                    })*
                }
            }
        }

        /// A document with the stored object of its name.
        pub(super) enum Matched {
            $($(#[$doc])* $kind {
                spec: <$kind as Object>::Spec,
                id: Uuid,
                stored: Option<$kind>,
            },)*
        }

        impl Matched {
            pub(super) const fn id(&self) -> Uuid {
                match self {
                    $(Self::$kind { id, .. })|* => *id,
                }
            }

            pub(super) async fn prepare(
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
    /// A policy.
    Policy,
    /// A flow.
    Flow,
    /// A source.
    Source,
    /// A provider.
    Provider,
    /// An application.
    Application,
    /// An endpoint.
    Endpoint,
    /// A user.
    User,
    /// A policy binding.
    PolicyBinding,
}

/// What one document leads to.
pub(super) struct Outcome {
    pub(super) applied: Applied,
    pub(super) change: Option<(ObjectChange, Entry)>,
}

impl Outcome {
    fn of<T: Object>(staged: &Staged<T>, admin: &Admin) -> Self {
        let prepared = staged.prepared();
        Self {
            applied: Applied {
                kind: T::KIND_NAME,
                name: staged.title.clone(),
                action: match &staged.what {
                    What::Created(_) => Action::Created,
                    What::Updated(..) => Action::Updated,
                    What::Unchanged(_) => Action::Unchanged,
                },
                warnings: prepared.warnings.clone(),
            },
            change: staged.change(admin.staff()),
        }
    }
}

/// Where a document stands in the call, and in the caller's file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) document: usize,
    line: Option<u32>,
}

impl Place {
    pub(super) fn locate(self, error: FieldError) -> FieldError {
        FieldError {
            document: Some(self.document),
            line: error.line.or(self.line),
            ..error
        }
    }
}

pub(super) struct Found {
    pub(super) place: Place,
    pub(super) document: Document,
}

/// Reads all documents, or tells what is wrong with any of them.
pub(super) fn read_all(documents: Vec<Value>) -> Result<Vec<Found>, ApplyError> {
    if documents.len() > DOCUMENTS_MAX {
        let message = format!(
            "at most {DOCUMENTS_MAX} documents can be applied at once: give them in several calls, \
             what others name before those"
        );
        return Err(ApplyError::Documents(vec![FieldError::new(
            "documents",
            "too_many",
            message,
        )]));
    }
    let mut found = Vec::with_capacity(documents.len());
    let mut errors = Vec::new();
    let mut about: HashMap<_, Vec<Place>> = HashMap::new();
    for (index, value) in documents.into_iter().enumerate() {
        let (place, read) = read_one(index, value);
        match read {
            Ok(document) => {
                about.entry(document.identity()).or_default().push(place);
                found.push(Found { place, document });
            }
            Err(error) => errors.push(place.locate(error)),
        }
    }
    for places in about.into_values().filter(|places| places.len() > 1) {
        let message = format!("{} documents are about this object", places.len());
        let error = FieldError::new("name", "duplicate", message);
        errors.extend(places.iter().map(|place| place.locate(error.clone())));
    }
    errors.sort_by_key(|error| error.document);
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
    place.line = fields
        .remove("line")
        .and_then(|line| line.as_u64()?.try_into().ok());
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
