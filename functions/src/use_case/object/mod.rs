//! Objects that people write: one way from a document to the table, whether it
//! came by `POST`, `PUT` or `apply`.
//!
//! A call *stages* each document: it finds what is stored under that name and
//! decides the id, so that documents of one call can refer to each other. Then
//! each kind *prepares* its object: checks fields, resolves references, seals
//! secrets. All changes go to the table in one transaction.

mod alike;
pub(crate) mod check;
mod draft;
mod reach;
mod read;
mod write;

pub use read::{Filter, ListError, Page};
pub use write::{DeleteError, Precondition, SaveError, Written};

pub(crate) use alike::{configured, fields};
pub(crate) use draft::{Draft, PromisedStage};
pub(crate) use reach::{Operators, may_look, may_write};
pub(crate) use read::{config_list, config_page, find, list, page_by};
pub(crate) use write::{Staged, What, aftermath, create, delete, stage, update};

use std::borrow::Cow;

use causeway_model::object::Meta;
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::access::{Rights, Staff};
use crate::app::App;
use crate::password::PasswordError;
use crate::problem::FieldError;
use crate::sealing::SealingError;

/// A kind of object that people write.
pub(crate) trait Object: Clone + PartialEq + Serialize + Send + Sync + 'static {
    /// The fields that people write.
    type Spec: DeserializeOwned + Send;
    /// The kind in the table.
    const KIND: Kind;
    /// The kind in documents and events.
    const KIND_NAME: &'static str;
    /// What operators of applications have to do with the kind.
    const OPERATORS: Operators = Operators::Excluded;
    /// Fields besides id, version and times that only the system writes.
    const READ_ONLY: &'static [&'static str] = &[];

    /// The object's id.
    fn uuid(&self) -> Uuid;
    /// The name that it is found by.
    fn unique_name(&self) -> &str;
    /// Version and times.
    fn meta(&self) -> &Meta;
    /// Version and times, to be changed.
    fn meta_mut(&mut self) -> &mut Meta;
    /// The object as readers see it: secrets masked.
    fn masked(self) -> Self {
        self
    }
    /// The change of one object among changes of all kinds.
    fn change(change: Change<Self>, password: Option<PasswordHash>) -> ObjectChange;

    /// What an operator is shown of it: no more than is needed to choose it,
    /// unless it is theirs to keep.
    fn for_operator(self) -> Self {
        self
    }
    /// Whether it belongs to an application that these rights keep, or to no
    /// application at all.
    fn is_operated(
        &self,
        _app: &App,
        _snapshot: &ConfigSnapshot,
        _rights: &Rights,
    ) -> impl Future<Output = Result<bool, TableError>> + Send {
        async { Ok(true) }
    }
    /// Whether it is listed for somebody with these rights, of a kind that is
    /// kept as configuration.
    fn is_seen(&self, _snapshot: &ConfigSnapshot, _rights: &Rights) -> bool {
        true
    }
    /// Whether an operator may make this change of an object that is theirs.
    fn operator_may(_before: Option<&Self>, _after: Option<&Self>) -> bool {
        false
    }
    /// What people call it, in the audit trail and in answers.
    fn title(&self, _draft: &Draft<'_>) -> impl Future<Output = Result<String, TableError>> + Send {
        async { Ok(self.unique_name().to_owned()) }
    }

    /// The name in a document.
    fn spec_name(spec: &Self::Spec) -> Cow<'_, str>;
    /// What a name must be unique in besides its kind, as written.
    fn spec_scope(_spec: &Self::Spec) -> &str {
        ""
    }
    /// The stored object of that name or id.
    fn stored(
        app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> impl Future<Output = Result<Option<Self>, TableError>> + Send;
    /// The stored object that a document is about, by its name.
    fn stored_for(
        draft: &Draft<'_>,
        spec: &Self::Spec,
    ) -> impl Future<Output = Result<Option<Self>, TableError>> + Send;
    /// A page of the stored objects, as readers see them.
    fn page(
        app: &App,
        staff: &Staff,
        filter: &Filter,
    ) -> impl Future<Output = Result<Page<Self>, ListError>> + Send;
    /// Promises what the call makes by this document, so that others of the
    /// call can refer to it.
    fn promise(draft: &mut Draft<'_>, spec: &Self::Spec, id: Uuid, stored: Option<&Self>) {
        if stored.is_none() {
            let name = Self::spec_name(spec).into_owned();
            draft.promise(Self::KIND, &name, id);
        }
    }
    /// Makes the object that a document asks for.
    fn prepare(
        draft: &Draft<'_>,
        spec: Self::Spec,
        base: Base<'_, Self>,
    ) -> impl Future<Output = Result<Prepared<Self>, PrepareError>> + Send;
}

/// What a prepared object is based on.
#[derive(Debug, Clone)]
pub(crate) struct Base<'a, T> {
    /// Its id: that of the stored object, or a new one.
    pub(crate) id: Uuid,
    /// Version and times that it will have if it is changed.
    pub(crate) meta: Meta,
    /// The stored object.
    pub(crate) before: Option<&'a T>,
}

/// An object ready for the table.
#[derive(Debug)]
pub(crate) struct Prepared<T> {
    /// The object.
    pub(crate) object: T,
    /// A user's new password.
    pub(crate) password: Option<PasswordHash>,
    /// What is taken and probably not meant.
    pub(crate) warnings: Vec<FieldError>,
}

impl<T> Prepared<T> {
    pub(crate) const fn plain(object: T) -> Self {
        Self {
            object,
            password: None,
            warnings: Vec::new(),
        }
    }

    pub(crate) const fn with_warnings(object: T, warnings: Vec<FieldError>) -> Self {
        Self {
            object,
            password: None,
            warnings,
        }
    }
}

/// Why an object cannot be made as its document says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PrepareError {
    /// Fields are wrong.
    #[error("fields are wrong")]
    Fields(Vec<FieldError>),
    /// A stored secret does not open, or a new one cannot be sealed.
    #[error("a secret cannot be sealed or opened")]
    Seal(#[from] SealingError),
    /// A password cannot be hashed now.
    #[error("the password cannot be hashed")]
    Password(#[from] PasswordError),
    /// The table did not answer.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl From<Vec<FieldError>> for PrepareError {
    fn from(errors: Vec<FieldError>) -> Self {
        Self::Fields(errors)
    }
}

impl From<super::settings::Rejected> for PrepareError {
    fn from(rejected: super::settings::Rejected) -> Self {
        match rejected {
            super::settings::Rejected::Fields(errors) => Self::Fields(errors),
            super::settings::Rejected::Seal(error) => Self::Seal(error),
        }
    }
}
