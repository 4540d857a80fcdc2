//! Data keys: what secrets are sealed with in the cloud, wrapped by a key that
//! never leaves KMS.
//!
//! Each is an item that is never changed, and one more says which is current.
//! Both are written in one transaction, so that of any number of processes that
//! make a key at once, one makes the current one. None is ever deleted: what was
//! sealed with it stays sealed with it.

use jiff::Timestamp;
use uuid::Uuid;

use crate::action::{ABSENT, Action};
use crate::error::TableError;
use crate::item::{Item, millis, text};
use crate::key::Key;
use crate::table::Table;

const WRAPPED: &str = "wrapped";
const MADE: &str = "made_ms";
const CURRENT: &str = "id";

/// A data key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDataKey {
    /// Its id.
    pub id: Uuid,
    /// The key, wrapped, in the text form that KMS gives (base64).
    pub wrapped: String,
    /// When it was made.
    pub made_at: Timestamp,
}

/// Data keys in a table.
#[derive(Debug, Clone, Copy)]
pub struct DataKeys<'a>(&'a Table);

impl Table {
    /// Data keys.
    #[must_use]
    pub const fn data_keys(&self) -> DataKeys<'_> {
        DataKeys(self)
    }
}

impl DataKeys<'_> {
    /// The key of that id.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn find(self, id: Uuid) -> Result<Option<StoredDataKey>, TableError> {
        let item = self.0.store().get(&Key::data_key(id)).await?;
        item.map(|item| read(id, &item)).transpose()
    }

    /// Id of the key that new secrets are sealed with, if there is one yet.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn current(self) -> Result<Option<Uuid>, TableError> {
        let item = self.0.store().get(&Key::current_data_key()).await?;
        item.map(|item| item.parsed(CURRENT)).transpose()
    }

    /// Keeps `key` and makes it current, as long as `before` still is. Says
    /// whether it was; nothing is kept otherwise.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn replace(
        self,
        before: Option<Uuid>,
        key: &StoredDataKey,
    ) -> Result<bool, TableError> {
        let item = Item::new(&Key::data_key(key.id))
            .with(WRAPPED, text(&key.wrapped))
            .with(MADE, millis(key.made_at));
        let pointer = Item::new(&Key::current_data_key()).with(CURRENT, text(key.id));
        let pointer = match before {
            None => Action::put(pointer).when(ABSENT),
            Some(before) => Action::put(pointer)
                .when("id = :before")
                .value(":before", text(before)),
        };
        let actions = vec![Action::put(item).when(ABSENT), pointer];
        Ok(self.0.store().transact(actions).await?.is_ok())
    }
}

fn read(id: Uuid, item: &Item) -> Result<StoredDataKey, TableError> {
    Ok(StoredDataKey {
        id,
        wrapped: item.text(WRAPPED)?.to_owned(),
        made_at: item.time(MADE)?,
    })
}
