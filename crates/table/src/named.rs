//! Enumerations as the attributes that conditions compare.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::TableError;
use crate::item::Item;

/// The stable name of a state, a reason or the like.
pub(crate) fn name_of<T: Serialize>(value: &T) -> Result<String, TableError> {
    match serde_json::to_value(value).map_err(TableError::refused)? {
        serde_json::Value::String(name) => Ok(name),
        _ => Err(TableError::refused("a name that is no text")),
    }
}

/// What has this name; `item` is where it was found.
pub(crate) fn enum_of<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, TableError> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|_| item.unreadable(format!("{name:?} is no name of ours")))
}
