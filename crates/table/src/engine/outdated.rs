//! What of a data directory an earlier program left to be brought up to date.
//! How that is done is in `migrate`. Only one process has the directory, so
//! nobody writes meanwhile; the file is marked last, and an opening that breaks
//! off is simply made again.

use dynoxide::{Database, DynoxideError};

use super::embedded::EMBEDDED_TABLE;
use crate::key::{Key, PK, SK};
use crate::migrate::may_be_outdated;

/// Keys of the items that may have to be brought up to date. Reads the whole
/// table, before anybody uses it.
pub(super) fn keys(database: &Database) -> Result<Vec<Key>, DynoxideError> {
    let mut keys = Vec::new();
    let mut after = None;
    loop {
        let request = serde_json::json!({
            "TableName": EMBEDDED_TABLE,
            "ProjectionExpression": format!("{PK}, {SK}"),
            "ExclusiveStartKey": after,
        });
        let request = serde_json::from_value(request)
            .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
        let page = match database.scan(request) {
            // A file that was made and never used.
            Err(DynoxideError::ResourceNotFoundException(_)) => return Ok(keys),
            page => serde_json::to_value(page?)
                .map_err(|error| DynoxideError::InternalServerError(error.to_string()))?,
        };
        let items = page["Items"].as_array().into_iter().flatten();
        keys.extend(items.filter_map(|item| {
            let part = |name: &str| item[name]["S"].as_str();
            let (pk, sk) = (part(PK)?, part(SK)?);
            let key = Key::new(pk, sk);
            may_be_outdated(&key).then_some(key)
        }));
        after = page.get("LastEvaluatedKey").cloned();
        if after.is_none() {
            return Ok(keys);
        }
    }
}
