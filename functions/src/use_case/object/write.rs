//! Creating, changing and deleting one object.

use causeway_model::object::{EventAction, Meta};
use causeway_table::{Change, ObjectChange, TableError, WriteError};
use causeway_trust::SealError;
use uuid::Uuid;

use super::{Base, Draft, Object, PrepareError, Prepared};
use crate::access::Admin;
use crate::app::App;
use crate::password::PasswordError;
use crate::problem::FieldError;
use crate::use_case::event::Entry;
use crate::use_case::user;

/// An object that was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written<T> {
    /// As readers see it.
    pub object: T,
    /// What is taken and probably not meant.
    pub warnings: Vec<FieldError>,
}

/// The version that a writer thinks they change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Precondition(pub Option<u64>);

/// Why an object was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// Fields are wrong.
    #[error("fields are wrong")]
    Fields(Vec<FieldError>),
    /// The object has another version than the writer thinks.
    #[error("the object has version {version}")]
    PreconditionFailed {
        /// The version that it has.
        version: u64,
    },
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// A stored secret does not open, or a new one cannot be sealed.
    #[error("a secret cannot be sealed or opened")]
    Seal(#[from] SealError),
    /// A password cannot be hashed now.
    #[error("the password cannot be hashed")]
    Password(#[from] PasswordError),
    /// The table did not answer.
    #[error("the object could not be read or kept")]
    Table(#[from] TableError),
}

impl From<PrepareError> for SaveError {
    fn from(error: PrepareError) -> Self {
        match error {
            PrepareError::Fields(errors) => Self::Fields(errors),
            PrepareError::Seal(error) => Self::Seal(error),
            PrepareError::Password(error) => Self::Password(error),
            PrepareError::Table(error) => Self::Table(error),
        }
    }
}

/// Why an object was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeleteError {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the object could not be read or deleted")]
    Table(#[from] TableError),
}

/// What a document changes.
#[derive(Debug)]
pub(crate) enum Staged<T> {
    /// It makes a new object.
    Created(Prepared<T>),
    /// It changes the object that was there before.
    Updated(T, Prepared<T>),
    /// It says what is stored already.
    Unchanged(Prepared<T>),
}

impl<T: Object> Staged<T> {
    /// The object as it will be.
    pub(crate) const fn prepared(&self) -> &Prepared<T> {
        match self {
            Self::Created(prepared) | Self::Updated(_, prepared) | Self::Unchanged(prepared) => {
                prepared
            }
        }
    }

    /// The change for the table, with its entry for the audit trail.
    pub(crate) fn change(&self, admin: &Admin) -> Option<(ObjectChange, Entry)> {
        let (change, action) = match self {
            Self::Created(after) => (Change::Create(after.object.clone()), EventAction::Create),
            Self::Updated(before, after) => {
                let (before, after) = (before.clone(), after.object.clone());
                (Change::Update { before, after }, EventAction::Update)
            }
            Self::Unchanged(_) => return None,
        };
        let Prepared {
            object, password, ..
        } = self.prepared();
        let entry =
            Entry::of_admin(admin, action).on(T::KIND_NAME, object.uuid(), object.unique_name());
        Some((T::change(change, password.clone()), entry))
    }
}

/// Prepares what a document asks for, over the stored object if there is one.
pub(crate) async fn stage<T: Object>(
    draft: &Draft<'_>,
    spec: T::Spec,
    id: Uuid,
    before: Option<T>,
) -> Result<Staged<T>, PrepareError> {
    let now = draft.app().now();
    let meta = before
        .as_ref()
        .map_or_else(|| Meta::first(now), |before| before.meta().next(now));
    let base = Base {
        id,
        meta,
        before: before.as_ref(),
    };
    let mut prepared = T::prepare(draft, spec, base).await?;
    let Some(before) = before else {
        return Ok(Staged::Created(prepared));
    };
    let mut same = prepared.object.clone();
    *same.meta_mut() = before.meta().clone();
    if same == before && prepared.password.is_none() {
        prepared.object = before;
        return Ok(Staged::Unchanged(prepared));
    }
    Ok(Staged::Updated(before, prepared))
}

/// Makes a new object.
///
/// # Errors
/// [`SaveError`].
pub(crate) async fn create<T: Object>(
    app: &App,
    admin: &Admin,
    spec: T::Spec,
) -> Result<Written<T>, SaveError> {
    let draft = Draft::open(app).await?;
    let staged = stage::<T>(&draft, spec, app.new_id(), None).await?;
    commit(app, admin, staged).await
}

/// Changes the object of that name or id to what the document says.
///
/// # Errors
/// [`SaveError`].
pub(crate) async fn update<T: Object>(
    app: &App,
    admin: &Admin,
    reference: &str,
    spec: T::Spec,
    precondition: Precondition,
) -> Result<Written<T>, SaveError> {
    let draft = Draft::open(app).await?;
    let before = T::stored(app, draft.snapshot(), reference)
        .await?
        .ok_or(SaveError::NotFound)?;
    let version = before.meta().version;
    if precondition.0.is_some_and(|expected| expected != version) {
        return Err(SaveError::PreconditionFailed { version });
    }
    let staged = stage(&draft, spec, before.uuid(), Some(before)).await?;
    commit(app, admin, staged).await
}

async fn commit<T: Object>(
    app: &App,
    admin: &Admin,
    staged: Staged<T>,
) -> Result<Written<T>, SaveError> {
    if let Some((change, entry)) = staged.change(admin) {
        app.table()
            .write(std::slice::from_ref(&change), &[entry.event(app)])
            .await?;
        aftermath(app, &change).await?;
    }
    let (Staged::Created(prepared) | Staged::Updated(_, prepared) | Staged::Unchanged(prepared)) =
        staged;
    Ok(Written {
        object: prepared.object.masked(),
        warnings: prepared.warnings,
    })
}

/// Deletes an object.
///
/// # Errors
/// [`DeleteError`].
pub(crate) async fn delete<T: Object>(
    app: &App,
    admin: &Admin,
    reference: &str,
) -> Result<(), DeleteError> {
    let snapshot = app.table().config().current().await?;
    let object = T::stored(app, &snapshot, reference)
        .await?
        .ok_or(DeleteError::NotFound)?;
    let entry = Entry::of_admin(admin, EventAction::Delete).on(
        T::KIND_NAME,
        object.uuid(),
        object.unique_name(),
    );
    let change = T::change(Change::Delete(object), None);
    app.table()
        .write(std::slice::from_ref(&change), &[entry.event(app)])
        .await?;
    aftermath(app, &change).await?;
    Ok(())
}

/// What follows from a write besides the write itself: a user who is deleted or
/// not active any more is signed out everywhere.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn aftermath(app: &App, change: &ObjectChange) -> Result<(), TableError> {
    let ObjectChange::User(change, _) = change else {
        return Ok(());
    };
    match change {
        Change::Delete(user) => user::sign_out_everywhere(app, user.id).await,
        Change::Update { after, .. } if !after.active => {
            user::sign_out_everywhere(app, after.id).await
        }
        Change::Create(_) | Change::Update { .. } => Ok(()),
    }
}
