//! What of the objects somebody reaches: administrators write all of them,
//! auditors read all of them, operators have what belongs to the applications
//! that they keep, and the names of what they choose from.

use causeway_table::{ConfigSnapshot, TableError};

use super::{DeleteError, Object, SaveError};
use crate::access::{NotAllowed, Staff};
use crate::app::App;

/// What operators of applications have to do with a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operators {
    /// Nothing.
    Excluded,
    /// They choose from it, and so see what there is.
    Choose,
    /// They keep those of their applications.
    Keep,
}

/// Whether somebody may look at objects of a kind at all.
///
/// # Errors
/// [`NotAllowed`].
pub(crate) fn may_look<T: Object>(staff: &Staff) -> Result<(), NotAllowed> {
    match T::OPERATORS {
        _ if staff.rights().reads_everything() => Ok(()),
        Operators::Excluded => Err(NotAllowed),
        Operators::Choose | Operators::Keep => Ok(()),
    }
}

/// Whether somebody may write any object of a kind.
///
/// # Errors
/// [`NotAllowed`].
pub(crate) fn may_write<T: Object>(staff: &Staff) -> Result<(), NotAllowed> {
    let keeps_any = || staff.rights().operated().next().is_some();
    match T::OPERATORS {
        _ if staff.rights().is_admin() => Ok(()),
        Operators::Keep if keeps_any() => Ok(()),
        Operators::Excluded | Operators::Choose | Operators::Keep => Err(NotAllowed),
    }
}

/// Why somebody may not make a change.
#[derive(Debug)]
pub(super) enum Denied {
    /// They do not see what they would change.
    Unseen,
    /// They see it, and may not.
    NotAllowed,
    /// The table did not answer.
    Table(TableError),
}

impl From<TableError> for Denied {
    fn from(error: TableError) -> Self {
        Self::Table(error)
    }
}

impl From<Denied> for SaveError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unseen => Self::NotFound,
            Denied::NotAllowed => Self::NotAllowed,
            Denied::Table(error) => Self::Table(error),
        }
    }
}

impl From<Denied> for DeleteError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unseen => Self::NotFound,
            Denied::NotAllowed => Self::NotAllowed,
            Denied::Table(error) => Self::Table(error),
        }
    }
}

/// An object as somebody sees it, if they do.
pub(super) async fn seen<T: Object>(
    app: &App,
    snapshot: &ConfigSnapshot,
    staff: &Staff,
    object: T,
) -> Result<Option<T>, TableError> {
    let rights = staff.rights();
    if rights.reads_everything() {
        return Ok(Some(object.masked()));
    }
    let is_theirs = object.is_operated(app, snapshot, rights).await?;
    Ok(is_theirs.then(|| object.masked().for_operator()))
}

/// Whether somebody may make this change.
///
/// # Errors
/// [`Denied`].
pub(super) async fn permit<T: Object>(
    app: &App,
    snapshot: &ConfigSnapshot,
    staff: &Staff,
    before: Option<&T>,
    after: Option<&T>,
) -> Result<(), Denied> {
    let rights = staff.rights();
    if rights.is_admin() {
        return Ok(());
    }
    may_write::<T>(staff).map_err(|NotAllowed| Denied::NotAllowed)?;
    if let Some(before) = before
        && !before.is_operated(app, snapshot, rights).await?
    {
        return Err(if rights.reads_everything() {
            Denied::NotAllowed
        } else {
            Denied::Unseen
        });
    }
    if let Some(after) = after
        && !after.is_operated(app, snapshot, rights).await?
    {
        return Err(Denied::NotAllowed);
    }
    if T::operator_may(before, after) {
        Ok(())
    } else {
        Err(Denied::NotAllowed)
    }
}
