//! Tables of earlier programs: their items get what later ones look for.
//!
//! On one machine that happens when the directory is opened. In the cloud it is
//! asked for ([`Table::migrate`]), after every program that writes there is
//! replaced: the table is marked first, so that programs of before refuse it,
//! then its items are brought up to date while it is used, part by part. What
//! breaks off goes on where it was. Every step is good when it is done twice,
//! and holds what it writes to what it read (`item`).
//!
//! | layout | what it lacked |
//! |-|-|
//! | 1 | endpoints, users and connections listed by all their parts; users by mail address; who refers to groups, applications and mappings; since when a lease is |
//! | 2 | nothing: its events stay where they are (`events`) |

mod item;

use futures_util::{TryStreamExt as _, stream};

use crate::action::{Action, PRESENT};
use crate::config::{BORN, Epoch, LAYOUT};
use crate::error::TableError;
use crate::item::{Item, number, text};
use crate::key::{CONNECTION_PREFIX, Key, LAYOUT_VERSION, LEASE_PREFIX, PK, SK};
use crate::stored::Stored as _;
use crate::table::Table;

/// The layout since which items have everything that is looked for.
const WHOLE_SINCE: i32 = 2;

/// Items that are brought up to date at once.
const AT_ONCE: usize = 8;

/// Attribute of the epoch's item: the layout that all items are known to have.
const MIGRATED: &str = "migrated";

/// Attribute of the note on a migration: items read so far.
const ITEMS_READ: &str = "items_read";

/// What a migration has done, or would.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// The layout that all items were known to have, 0 when that was not known.
    pub found: i32,
    /// The layout that this program writes, and all items have at the end.
    pub wanted: i32,
    /// Items read, those of a migration that this one goes on with included.
    pub items_read: u64,
}

impl Migration {
    /// Whether there was nothing to do.
    #[must_use]
    pub const fn was_needless(&self) -> bool {
        self.found >= self.wanted
    }
}

/// Whether an item with this key may lack something.
pub(crate) fn may_be_outdated(key: &Key) -> bool {
    key.sk == "USER"
        || key.sk == "ENDPOINT"
        || key.sk.starts_with(CONNECTION_PREFIX)
        || key.sk.starts_with(LEASE_PREFIX)
}

impl Table {
    /// What [`Self::migrate`] would do.
    ///
    /// # Errors
    ///
    /// When the table cannot be read, or is of a newer program.
    pub async fn migration(&self) -> Result<Migration, TableError> {
        let found = match self.store().get(&Key::epoch()).await? {
            // Nothing was written yet.
            None => LAYOUT_VERSION,
            Some(item) => {
                Epoch::read(&item)?;
                let layout = |name| item.optional_number::<i32>(name);
                layout(BORN)?.max(layout(MIGRATED)?).unwrap_or(0)
            }
        };
        let note = self.store().get(&note()).await?;
        let read = note.map(|note| note.number(ITEMS_READ)).transpose()?;
        Ok(Migration {
            found,
            wanted: LAYOUT_VERSION,
            items_read: read.unwrap_or(0),
        })
    }

    /// Has programs of before refuse this table, and brings its items up to
    /// date. `told` hears of every part. Reads the whole table once, unless all
    /// items are known to be as they should; several at a time do no harm.
    ///
    /// # Errors
    ///
    /// When the table fails or is of a newer program; the same call goes on
    /// where it was.
    pub async fn migrate(&self, mut told: impl FnMut(Migration)) -> Result<Migration, TableError> {
        let mut migration = self.migration().await?;
        if migration.was_needless() {
            // Somebody may have died between the last two steps.
            if migration.items_read > 0 {
                let _ = self.store().write(Action::delete(note())).await?;
            }
            return Ok(migration);
        }
        self.mark(LAYOUT).await?;
        if migration.found < WHOLE_SINCE {
            let mut after = self.store().get(&note()).await?.map(|note| {
                let mut place = note.into_attributes();
                let mut part = |name: &str, from: &str| {
                    place.remove(from).map(|value| (name.to_owned(), value))
                };
                part(PK, "after_pk")
                    .into_iter()
                    .chain(part(SK, "after_sk"))
                    .collect()
            });
            loop {
                let part = self.store().scan_keys(after.take()).await?;
                migration.items_read += part.items.len() as u64;
                let keys = part.items.iter().map(Item::key);
                let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
                self.bring_up_to_date(keys).await?;
                told(migration);
                let Some(last) = part.last else { break };
                self.note_place(&Item::from_attributes(last.clone()), migration)
                    .await?;
                after = Some(last);
            }
        }
        self.mark(MIGRATED).await?;
        let _ = self.store().write(Action::delete(note())).await?;
        Ok(migration)
    }

    /// Brings the items with these keys up to date.
    pub(crate) async fn bring_up_to_date(&self, keys: Vec<Key>) -> Result<(), TableError> {
        let outdated = keys.into_iter().filter(may_be_outdated);
        stream::iter(outdated.map(Ok))
            .try_for_each_concurrent(AT_ONCE, |key| async move {
                // Boxed: a few of them are on their way at once.
                Box::pin(self.migrate_item(&key)).await
            })
            .await
    }

    /// Writes today's layout down on the epoch's item, unless a newer one is.
    async fn mark(&self, attribute: &str) -> Result<(), TableError> {
        let mark = Action::update(Key::epoch(), format!("SET {attribute} = :layout"))
            .value(":layout", number(LAYOUT_VERSION))
            .when(format!(
                "{PRESENT} AND (attribute_not_exists({LAYOUT}) OR {LAYOUT} <= :layout)"
            ));
        match self.store().write(mark).await? {
            Ok(_) => Ok(()),
            Err(_) => Err(TableError::NewerLayout {
                found: LAYOUT_VERSION + 1,
                known: LAYOUT_VERSION,
            }),
        }
    }

    /// Writes down up to where a migration has come.
    async fn note_place(&self, last: &Item, migration: Migration) -> Result<(), TableError> {
        let place = Item::new(&note())
            .with("after_pk", text(last.text(PK)?))
            .with("after_sk", text(last.text(SK)?))
            .with(ITEMS_READ, number(migration.items_read));
        let _ = self.store().write(Action::put(place)).await?;
        Ok(())
    }
}

/// Key of the note on how far a migration to today's layout is.
fn note() -> Key {
    Key::new("MIGRATION", LAYOUT_VERSION.to_string())
}

#[cfg(test)]
mod tests;
