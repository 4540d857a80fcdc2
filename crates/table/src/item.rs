//! One item of the table, written and read attribute by attribute.

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::TableError;
use crate::key::{GSI1_PK, GSI1_SK, Key, PK, SK, TTL};

/// The object as JSON.
pub(crate) const DOC: &str = "doc";

/// Largest document, in bytes. DynamoDB's item limit is 400 KB with
/// everything.
pub const DOCUMENT_BYTES_MAX: usize = 350_000;

/// Attributes by name.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

/// A text value.
pub(crate) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

/// A number value.
pub(crate) fn number(value: impl ToString) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

/// A point in time as milliseconds.
pub(crate) fn millis(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

/// A document as JSON text.
pub(crate) fn to_json<T: Serialize>(document: &T) -> Result<String, TableError> {
    serde_json::to_string(document).map_err(TableError::refused)
}

/// One item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item(Attributes);

impl Item {
    /// An item with nothing but its key.
    pub(crate) fn new(key: &Key) -> Self {
        Self(HashMap::from([
            (PK.to_owned(), text(&key.pk)),
            (SK.to_owned(), text(&key.sk)),
        ]))
    }

    /// Adds an attribute.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Adds an attribute when there is one.
    #[must_use]
    pub(crate) fn with_some(self, name: &str, value: Option<AttributeValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds the document.
    pub(crate) fn with_document<T: Serialize>(self, document: &T) -> Result<Self, TableError> {
        Ok(self.with(DOC, text(to_json(document)?)))
    }

    /// Adds the keys of the index.
    #[must_use]
    pub(crate) fn indexed(self, pk: &str, sk: &str) -> Self {
        self.with(GSI1_PK, text(pk)).with(GSI1_SK, text(sk))
    }

    /// May be deleted after `at`.
    #[must_use]
    pub(crate) fn expiring(self, at: Timestamp) -> Self {
        self.with(TTL, number(at.as_second()))
    }

    pub(crate) fn into_attributes(self) -> Attributes {
        self.0
    }

    /// All attributes, for items whose attributes are not known by name.
    pub(crate) const fn attributes(&self) -> &Attributes {
        &self.0
    }

    pub(crate) const fn from_attributes(attributes: Attributes) -> Self {
        Self(attributes)
    }

    /// The item's own key.
    pub(crate) fn key(&self) -> Result<Key, TableError> {
        Ok(Key::new(self.text(PK)?, self.text(SK)?))
    }

    /// A text that must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&str, TableError> {
        self.optional_text(name)
            .ok_or_else(|| self.unreadable(format!("{name} is no text")))
    }

    /// A text that may be missing.
    pub(crate) fn optional_text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(AttributeValue::S(text)) => Some(text),
            _ => None,
        }
    }

    /// A text that must be there, read as `T`.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<T, TableError> {
        self.text(name)?
            .parse()
            .map_err(|_| self.unreadable(format!("{name} is not what it should be")))
    }

    /// A number that must be there.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<T, TableError> {
        self.optional_number(name)?
            .ok_or_else(|| self.unreadable(format!("{name} is missing")))
    }

    /// A number that may be missing.
    pub(crate) fn optional_number<T: FromStr>(&self, name: &str) -> Result<Option<T>, TableError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(digits)) => digits
                .parse()
                .map(Some)
                .map_err(|_| self.unreadable(format!("{name} is out of range"))),
            Some(_) => Err(self.unreadable(format!("{name} is no number"))),
        }
    }

    /// A point in time that must be there.
    pub(crate) fn time(&self, name: &str) -> Result<Timestamp, TableError> {
        self.optional_time(name)?
            .ok_or_else(|| self.unreadable(format!("{name} is missing")))
    }

    /// A point in time that may be missing.
    pub(crate) fn optional_time(&self, name: &str) -> Result<Option<Timestamp>, TableError> {
        self.optional_number(name)?
            .map(|ms| {
                Timestamp::from_millisecond(ms)
                    .map_err(|_| self.unreadable(format!("{name} is out of range")))
            })
            .transpose()
    }

    /// A truth value; missing is false.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(AttributeValue::Bool(true)))
    }

    /// A set of texts; missing is empty.
    pub(crate) fn texts(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(AttributeValue::Ss(texts)) => texts,
            _ => &[],
        }
    }

    /// The document.
    pub(crate) fn document<T: DeserializeOwned>(&self) -> Result<T, TableError> {
        serde_json::from_str(self.text(DOC)?).map_err(|error| {
            // The error's words could quote a secret; its place cannot.
            self.unreadable(format!(
                "doc at line {} column {}",
                error.line(),
                error.column()
            ))
        })
    }

    pub(crate) fn unreadable(&self, what: String) -> TableError {
        let part = |name| self.optional_text(name).unwrap_or("?");
        TableError::Unreadable {
            key: format!("{}/{}", part(PK), part(SK)),
            what,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_reads_back_what_was_written() {
        let at = Timestamp::from_millisecond(1_700_000_000_123).unwrap();
        let item = Item::new(&Key::epoch())
            .with("count", number(7))
            .with("at", millis(at))
            .with_some("absent", None)
            .with_document(&vec![1, 2])
            .unwrap();
        assert_eq!(item.number::<u32>("count").unwrap(), 7);
        assert_eq!(item.time("at").unwrap(), at);
        assert_eq!(item.optional_time("absent").unwrap(), None);
        assert_eq!(item.document::<Vec<u32>>().unwrap(), [1, 2]);
        assert_eq!(item.key().unwrap(), Key::epoch());
    }

    #[test]
    fn a_broken_document_is_named_without_its_contents() {
        let item = Item::new(&Key::epoch()).with(DOC, text(r#"{"password":"hunter2"}"#));
        let error = item.document::<Vec<u32>>().unwrap_err().to_string();
        assert!(error.contains("EPOCH/EPOCH"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}
