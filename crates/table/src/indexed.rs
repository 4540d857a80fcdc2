//! Lists through the index: keys from there, items from the table.

use crate::error::TableError;
use crate::item::Item;
use crate::key::Key;
use crate::page::{Cursor, ENTRIES_READ_MAX, Page, clamp_limit};
use crate::store::{Range, Store};
use crate::stored::Stored;
use crate::walk::{Bounds, entry, walk};

/// A page of what stands in one partition of the index, in its order.
///
/// The index lags a little behind; what it names and the table no longer has
/// is left out.
pub(crate) async fn list<T: Stored>(
    store: &Store,
    pk: &str,
    cursor: Option<&Cursor>,
    limit: usize,
    newest_first: bool,
) -> Result<Page<T>, TableError> {
    let slice = store
        .query(Range {
            indexed: true,
            newest_first,
            limit: clamp_limit(limit),
            after: Cursor::in_index(cursor, pk)?,
            ..Range::new(pk, "")
        })
        .await?;
    let keys: Vec<Key> = slice
        .items
        .iter()
        .map(Item::key)
        .collect::<Result<_, _>>()?;
    Ok(Page {
        items: read_all(store, &keys).await?,
        next: slice.last.as_ref().map(Cursor::after),
    })
}

/// A page of what stands in one partition of the index and is listed by a text
/// that passes. Reads at most [`ENTRIES_READ_MAX`] entries, and of the items
/// only those that pass.
pub(crate) async fn search<T: Stored>(
    store: &Store,
    pk: &str,
    cursor: Option<&Cursor>,
    limit: usize,
    newest_first: bool,
    passes: impl Fn(&str) -> bool,
) -> Result<Page<T>, TableError> {
    let range = Range {
        indexed: true,
        newest_first,
        after: Cursor::in_index(cursor, pk)?,
        ..Range::new(pk, "")
    };
    let mut bounds = Bounds {
        wanted: clamp_limit(limit),
        read: ENTRIES_READ_MAX,
    };
    let mut keys = Vec::new();
    let stop = walk(store, range, &mut bounds, |item| {
        let (key, listed) = entry(item)?;
        let takes = passes(listed);
        if takes {
            keys.push(key);
        }
        Ok(takes)
    })
    .await?;
    Ok(Page {
        items: read_all(store, &keys).await?,
        next: stop.cursor(),
    })
}

/// The one item that the index names so, if any.
pub(crate) async fn find<T: Stored>(
    store: &Store,
    pk: &str,
    sk: &str,
) -> Result<Option<T>, TableError> {
    let slice = store
        .query(Range {
            indexed: true,
            limit: 1,
            ..Range::new(pk, sk)
        })
        .await?;
    let Some(entry) = slice.items.first() else {
        return Ok(None);
    };
    let item = store.get(&entry.key()?).await?;
    item.as_ref().map(T::read).transpose()
}

/// Items by key, in the order of the keys; missing ones are left out.
pub(crate) async fn read_all<T: Stored>(store: &Store, keys: &[Key]) -> Result<Vec<T>, TableError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let items = store.get_many(keys).await?;
    keys.iter()
        .filter_map(|key| items.get(key))
        .map(T::read)
        .collect()
}
