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

mod call;
mod document;
mod write;

use causeway_table::{TableError, WriteError};
use jiff::SignedDuration;
use serde_json::Value;

use self::call::Call;
use self::write::{follow_up, write_in_rounds};
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
/// [`ApplyError`]; unless it is [`ApplyError::Partly`], or the table did not
/// answer, nothing was written.
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
    let changes = first.changes.len();
    let mut tried = Vec::new();
    let made = write_in_rounds(app, admin, documents, (call, first), &mut tried).await;
    // What is in effect has its consequences, also of a call that ends early.
    let followed = follow_up(app, &tried).await;
    made?;
    followed.map_err(|error| ApplyError::Partly {
        written: changes,
        changes,
        source: Box::new(error.into()),
    })?;
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
