//! Lists in pages, and the cursors between them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::error::TableError;
use crate::item::Attributes;
use crate::key::{GSI1_PK, PK, SK};

/// Items in one page at most.
pub const PAGE_ITEMS_MAX: usize = 100;

/// Index entries read for one page of a search at most. A page may end short
/// of its limit, with a cursor, when so many were read.
pub const ENTRIES_READ_MAX: usize = 2_000;

/// Items with their documents read for one page of a filtered list at most.
pub const ITEMS_READ_MAX: usize = 500;

/// Longest cursor that is read, in bytes.
const CURSOR_BYTES_MAX: usize = 4096;

/// A part of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; absent at the end of the list. A page may
    /// be empty and yet not the last.
    pub next: Option<Cursor>,
}

/// Where a page of a list begins: opaque text, good for that list only.
///
/// It holds keys of items, which are no secrets, and is checked against the
/// list it is used for; a made-up one reads nothing that the list would not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(BTreeMap<String, String>);

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct ParseCursorError;

impl Cursor {
    /// Behind the item with this key.
    pub(crate) fn after(last: &Attributes) -> Self {
        let texts = last.iter().filter_map(|(name, value)| match value {
            AttributeValue::S(text) => Some((name.clone(), text.clone())),
            _ => None,
        });
        Self(texts.collect())
    }

    /// At the beginning of a partition.
    pub(crate) fn start_of(pk: &str) -> Self {
        Self(BTreeMap::from([(PK.to_owned(), pk.to_owned())]))
    }

    /// Behind the sort key `sk` in a list over several partitions.
    pub(crate) fn at(list: &str, sk: &str) -> Self {
        let parts = [(PK, list), (SK, sk)];
        Self(
            parts
                .map(|(name, text)| (name.to_owned(), text.to_owned()))
                .into(),
        )
    }

    /// The sort key to continue behind in such a list.
    pub(crate) fn within<'a>(
        cursor: Option<&'a Self>,
        list: &str,
    ) -> Result<Option<&'a str>, TableError> {
        let Some(Self(parts)) = cursor else {
            return Ok(None);
        };
        match (parts.get(PK), parts.get(SK), parts.len()) {
            (Some(found), Some(sk), 2) if found == list => Ok(Some(sk)),
            _ => Err(TableError::BadCursor),
        }
    }

    /// The partition of the table that it points into.
    pub(crate) fn partition(&self) -> Option<&str> {
        self.0.get(PK).map(String::as_str)
    }

    /// The key to continue behind; absent at the beginning of a partition.
    pub(crate) fn start_key(&self) -> Option<Attributes> {
        (self.0.len() > 1).then(|| {
            self.0
                .iter()
                .map(|(name, text)| (name.clone(), AttributeValue::S(text.clone())))
                .collect()
        })
    }

    /// The key to continue behind in partition `pk` of the table.
    pub(crate) fn in_partition(
        cursor: Option<&Self>,
        pk: &str,
    ) -> Result<Option<Attributes>, TableError> {
        Self::checked(cursor, PK, pk, 2)
    }

    /// The key to continue behind in partition `pk` of the index.
    pub(crate) fn in_index(
        cursor: Option<&Self>,
        pk: &str,
    ) -> Result<Option<Attributes>, TableError> {
        Self::checked(cursor, GSI1_PK, pk, 4)
    }

    fn checked(
        cursor: Option<&Self>,
        name: &str,
        pk: &str,
        parts: usize,
    ) -> Result<Option<Attributes>, TableError> {
        let Some(cursor) = cursor else {
            return Ok(None);
        };
        let belongs = cursor.0.get(name).is_some_and(|found| found == pk);
        if belongs && cursor.0.len() == parts {
            Ok(cursor.start_key())
        } else {
            Err(TableError::BadCursor)
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_vec(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(json))
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > CURSOR_BYTES_MAX {
            return Err(ParseCursorError);
        }
        let json = BASE64_URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| ParseCursorError)?;
        let parts: BTreeMap<String, String> =
            serde_json::from_slice(&json).map_err(|_| ParseCursorError)?;
        let known = parts
            .keys()
            .all(|name| ["pk", "sk", "gsi1pk", "gsi1sk"].contains(&name.as_str()));
        let empty = parts.is_empty() || parts.values().any(String::is_empty);
        if known && !empty {
            Ok(Self(parts))
        } else {
            Err(ParseCursorError)
        }
    }
}

/// A page size that the table can serve.
pub(crate) const fn clamp_limit(limit: usize) -> usize {
    match limit {
        0 => 1,
        1..=PAGE_ITEMS_MAX => limit,
        _ => PAGE_ITEMS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::key_attributes;
    use crate::key::Key;

    #[test]
    fn a_cursor_reads_back_and_keeps_to_its_list() {
        let cursor = Cursor::after(&key_attributes(&Key::new("PROVIDER#1", "ENDPOINT#a")));
        let read: Cursor = cursor.to_string().parse().unwrap();
        assert_eq!(read, cursor);
        assert!(
            Cursor::in_partition(Some(&read), "PROVIDER#1")
                .unwrap()
                .is_some()
        );
        for refused in [
            Cursor::in_partition(Some(&read), "PROVIDER#2"),
            Cursor::in_index(Some(&read), "USERS"),
        ] {
            assert!(matches!(refused, Err(TableError::BadCursor)));
        }
    }

    #[test]
    fn junk_is_no_cursor() {
        let long = "A".repeat(CURSOR_BYTES_MAX + 1);
        for junk in ["", "?", "e30", "eyJ4IjoiMSJ9", "W10", long.as_str()] {
            assert_eq!(junk.parse::<Cursor>(), Err(ParseCursorError), "{junk:?}");
        }
    }
}
