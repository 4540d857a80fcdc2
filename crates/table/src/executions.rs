//! Executions: runs of flows, each good for one launch.
//!
//! What a run has come to is one sealed text that only the functions read.
//! Each step replaces it under its version, and the launch uses it up in the
//! same transaction as it takes its place: see
//! [`Reservation::execution`](crate::Reservation::execution).

use std::fmt;

use causeway_model::id::{ExecutionId, UserId};
use jiff::Timestamp;

use crate::action::{ABSENT, Action, PRESENT};
use crate::credential::Credential;
use crate::error::TableError;
use crate::item::{Item, millis, number, text};
use crate::key::{EXECUTION_PREFIX, Key, SK};
use crate::stored::Stored;
use crate::table::Table;
use crate::write::REVISION;

const CREDENTIAL: &str = "credential";
const SEALED: &str = "sealed";
const EXPIRES: &str = "expires_ms";
/// Attribute with whose it is, so that an item reads without its key.
const USER_ID: &str = "user_id";

/// A run of a flow. `Debug` does not show its plan.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredExecution {
    /// Its id.
    pub id: ExecutionId,
    /// Whose.
    pub user: UserId,
    /// The session or token that it lives in.
    pub credential: Credential,
    /// What it has come to, sealed by the caller.
    pub plan: String,
    /// Grows with each step; the optimistic lock.
    pub version: u64,
    /// When it is over, finished or not.
    pub expires_at: Timestamp,
}

impl fmt::Debug for StoredExecution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredExecution")
            .field("id", &self.id)
            .field("user", &self.user)
            .field("credential", &self.credential)
            .field("version", &self.version)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl StoredExecution {
    fn to_item(&self) -> Item {
        Item::new(&Key::execution(self.user, self.id))
            .with(USER_ID, text(self.user))
            .with(CREDENTIAL, text(self.credential.sort_key()))
            .with(SEALED, text(&self.plan))
            .with(REVISION, number(self.version))
            .with(EXPIRES, millis(self.expires_at))
            .expiring(self.expires_at)
    }
}

impl Stored for StoredExecution {
    fn read(item: &Item) -> Result<Self, TableError> {
        let id = item
            .text(SK)?
            .strip_prefix(EXECUTION_PREFIX)
            .and_then(|id| id.parse().ok())
            .ok_or_else(|| item.unreadable("no execution".to_owned()))?;
        let credential = Credential::of_sort_key(item.text(CREDENTIAL)?)
            .ok_or_else(|| item.unreadable("credential is none".to_owned()))?;
        Ok(Self {
            id,
            user: item.parsed(USER_ID)?,
            credential,
            plan: item.text(SEALED)?.to_owned(),
            version: item.number(REVISION)?,
            expires_at: item.time(EXPIRES)?,
        })
    }
}

/// The executions in a table.
///
/// One that has expired may still be found: compare `expires_at`. It launches
/// nothing.
#[derive(Debug, Clone, Copy)]
pub struct Executions<'a>(&'a Table);

impl Table {
    /// The runs of flows.
    #[must_use]
    pub const fn executions(&self) -> Executions<'_> {
        Executions(self)
    }
}

/// Uses up the execution of a launch, in its transaction.
pub(crate) fn use_up(user: UserId, id: ExecutionId, version: u64, now: Timestamp) -> Action {
    Action::delete(Key::execution(user, id))
        .when("revision = :before AND expires_ms > :now")
        .value(":before", number(version))
        .value(":now", millis(now))
}

impl Executions<'_> {
    /// Keeps a new execution.
    ///
    /// # Errors
    ///
    /// When the table cannot be written or the id is taken.
    pub async fn create(self, stored: &StoredExecution) -> Result<(), TableError> {
        let put = Action::put(stored.to_item()).when(ABSENT);
        match self.0.store().write(put).await? {
            Ok(_) => Ok(()),
            Err(_) => Err(TableError::refused("the execution exists already")),
        }
    }

    /// A user's execution. Also a slot of a [`Batch`](crate::Batch).
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn get(
        self,
        user: UserId,
        id: ExecutionId,
    ) -> Result<Option<StoredExecution>, TableError> {
        let item = self.0.store().get(&Key::execution(user, id)).await?;
        item.as_ref().map(StoredExecution::read).transpose()
    }

    /// Replaces an execution if it is still at version `before`; says whether
    /// it was. The caller has set the next version in `after`.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn update(self, before: u64, after: &StoredExecution) -> Result<bool, TableError> {
        let put = Action::put(after.to_item())
            .when("revision = :before")
            .value(":before", number(before));
        Ok(self.0.store().write(put).await?.is_ok())
    }

    /// Forgets an execution; says whether there was one.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn delete(self, user: UserId, id: ExecutionId) -> Result<bool, TableError> {
        let delete = Action::delete(Key::execution(user, id)).when(PRESENT);
        Ok(self.0.store().write(delete).await?.is_ok())
    }
}
