//! Creating, changing and deleting one object.

use causeway_model::object::{EventAction, Meta};
use causeway_table::{Change, ObjectChange, TableError, WriteError};
use uuid::Uuid;

use super::reach::permit;
use super::{Base, Draft, Object, PrepareError, Prepared};
use crate::access::Staff;
use crate::app::App;
use crate::password::PasswordError;
use crate::problem::FieldError;
use crate::sealing::SealingError;
use crate::use_case::event::Entry;
use crate::use_case::{used_by, user};

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
    /// The caller's rights do not reach this far.
    #[error("the caller is not allowed to write this")]
    NotAllowed,
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
    Seal(#[from] SealingError),
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
    /// The caller's rights do not reach this far.
    #[error("the caller is not allowed to delete this")]
    NotAllowed,
    /// The table refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the object could not be read or deleted")]
    Table(#[from] TableError),
}

/// What a document changes.
#[derive(Debug)]
pub(crate) struct Staged<T> {
    /// What becomes of the object.
    pub(crate) what: What<T>,
    /// What people call it.
    pub(crate) title: String,
}

/// What becomes of an object.
#[derive(Debug)]
pub(crate) enum What<T> {
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
        match &self.what {
            What::Created(prepared) | What::Updated(_, prepared) | What::Unchanged(prepared) => {
                prepared
            }
        }
    }

    /// The object as it was.
    const fn before(&self) -> Option<&T> {
        match &self.what {
            What::Created(_) => None,
            What::Updated(before, _) => Some(before),
            What::Unchanged(prepared) => Some(&prepared.object),
        }
    }

    /// The change for the table, with its entry for the audit trail.
    pub(crate) fn change(&self, staff: &Staff) -> Option<(ObjectChange, Entry)> {
        let (change, action) = match &self.what {
            What::Created(after) => (Change::Create(after.object.clone()), EventAction::Create),
            What::Updated(before, after) => {
                let (before, after) = (before.clone(), after.object.clone());
                (Change::Update { before, after }, EventAction::Update)
            }
            What::Unchanged(_) => return None,
        };
        let Prepared {
            object, password, ..
        } = self.prepared();
        let entry = Entry::of_staff(staff, action).on(T::KIND_NAME, object.uuid(), &self.title);
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
    let title = prepared.object.title(draft).await?;
    let Some(before) = before else {
        let what = What::Created(prepared);
        return Ok(Staged { what, title });
    };
    let mut same = prepared.object.clone();
    *same.meta_mut() = before.meta().clone();
    let what = if same == before && prepared.password.is_none() {
        prepared.object = before;
        What::Unchanged(prepared)
    } else {
        What::Updated(before, prepared)
    };
    Ok(Staged { what, title })
}

/// Makes a new object.
///
/// # Errors
/// [`SaveError`].
pub(crate) async fn create<T: Object>(
    app: &App,
    staff: &Staff,
    spec: T::Spec,
) -> Result<Written<T>, SaveError> {
    let draft = Draft::open(app).await?;
    let staged = stage::<T>(&draft, spec, app.new_id(), None).await?;
    commit(&draft, staff, staged).await
}

/// Changes the object of that name or id to what the document says.
///
/// # Errors
/// [`SaveError`].
pub(crate) async fn update<T: Object>(
    app: &App,
    staff: &Staff,
    reference: &str,
    spec: T::Spec,
    precondition: Precondition,
) -> Result<Written<T>, SaveError> {
    let draft = Draft::open(app).await?;
    let before = T::stored(app, draft.snapshot(), reference)
        .await?
        .ok_or(SaveError::NotFound)?;
    permit(app, draft.snapshot(), staff, Some(&before), Some(&before)).await?;
    let version = before.meta().version;
    if precondition.0.is_some_and(|expected| expected != version) {
        return Err(SaveError::PreconditionFailed { version });
    }
    let staged = stage(&draft, spec, before.uuid(), Some(before)).await?;
    commit(&draft, staff, staged).await
}

async fn commit<T: Object>(
    draft: &Draft<'_>,
    staff: &Staff,
    staged: Staged<T>,
) -> Result<Written<T>, SaveError> {
    let app = draft.app();
    let after = Some(&staged.prepared().object);
    permit(app, draft.snapshot(), staff, staged.before(), after).await?;
    if let Some((change, entry)) = staged.change(staff) {
        app.table()
            .write(std::slice::from_ref(&change), &[entry.event(app)])
            .await?;
        aftermath(app, &change).await?;
    }
    let (What::Created(prepared) | What::Updated(_, prepared) | What::Unchanged(prepared)) =
        staged.what;
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
    staff: &Staff,
    reference: &str,
) -> Result<(), DeleteError> {
    let draft = Draft::open(app).await?;
    let object = T::stored(app, draft.snapshot(), reference)
        .await?
        .ok_or(DeleteError::NotFound)?;
    permit(app, draft.snapshot(), staff, Some(&object), None).await?;
    let title = object.title(&draft).await?;
    let entry = Entry::of_staff(staff, EventAction::Delete).on(T::KIND_NAME, object.uuid(), &title);
    let change = T::change(Change::Delete(object), None);
    let changes = std::slice::from_ref(&change);
    if let Err(refused) = app.table().write(changes, &[entry.event(app)]).await {
        return Err(used_by::refusal(app, refused).await.into());
    }
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
