//! Lists with a filter: read in their order, a bounded number of items a page.

use crate::error::TableError;
use crate::item::{Attributes, Item};
use crate::key::{GSI1_PK, GSI1_SK, Key, PK, SK};
use crate::page::Cursor;
use crate::store::{Range, Store};

/// Items read in one request when most will not pass: entries of the index, some
/// hundred bytes each, below the 1 MB of an answer.
const CHUNK_ITEMS: usize = 1_000;

/// What a page may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Items that pass, at most.
    pub(crate) wanted: usize,
    /// Items that are read, at most.
    pub(crate) read: usize,
}

impl Bounds {
    /// Whether nothing more may be read or is wanted.
    pub(crate) const fn is_spent(self) -> bool {
        self.wanted == 0 || self.read == 0
    }
}

/// Where a walk stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The range has no more.
    End,
    /// The bounds are spent; the next page continues here.
    At(Cursor),
}

impl Stop {
    /// Where the next page continues.
    pub(crate) fn cursor(self) -> Option<Cursor> {
        match self {
            Self::End => None,
            Self::At(cursor) => Some(cursor),
        }
    }
}

/// Walks through a range and gives what passes to `take`, which says whether
/// it took the item. Lowers the bounds by what it read and took.
pub(crate) async fn walk(
    store: &Store,
    range: Range<'_>,
    bounds: &mut Bounds,
    mut take: impl FnMut(&Item) -> Result<bool, TableError>,
) -> Result<Stop, TableError> {
    let mut after = range.after.clone();
    // Nearly all may pass: no more is read at first than is wanted.
    let mut chunk = bounds.wanted;
    while !bounds.is_spent() {
        let slice = store
            .query(Range {
                after: after.take(),
                limit: chunk.min(bounds.read),
                ..range.clone()
            })
            .await?;
        for item in &slice.items {
            bounds.read = bounds.read.saturating_sub(1);
            if take(item)? {
                bounds.wanted = bounds.wanted.saturating_sub(1);
            }
            if bounds.is_spent() {
                return Ok(Stop::At(behind(item, range.indexed)?));
            }
        }
        match slice.last {
            None => return Ok(Stop::End),
            last => after = last,
        }
        chunk = CHUNK_ITEMS;
    }
    match after {
        Some(after) => Ok(Stop::At(Cursor::after(&after))),
        None => Ok(Stop::At(Cursor::start_of(range.pk))),
    }
}

/// The cursor behind an item.
fn behind(item: &Item, indexed: bool) -> Result<Cursor, TableError> {
    let names: &[&str] = if indexed {
        &[PK, SK, GSI1_PK, GSI1_SK]
    } else {
        &[PK, SK]
    };
    let mut last = Attributes::new();
    for name in names {
        let value = item
            .attributes()
            .get(*name)
            .ok_or_else(|| item.unreadable(format!("{name} is missing")))?;
        last.insert((*name).to_owned(), value.clone());
    }
    Ok(Cursor::after(&last))
}

/// What an index entry names: the key of its item in the table.
pub(crate) fn entry(item: &Item) -> Result<(Key, &str), TableError> {
    Ok((item.key()?, item.text(GSI1_SK)?))
}
