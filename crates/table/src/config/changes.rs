//! Which objects each of the latest versions of the configuration changed.
//!
//! Whoever has an older version reads those objects instead of all. There is
//! an entry for each of the last [`CHANGES_KEPT`] versions, written by the
//! transaction that made the version. An entry names its version, so that one
//! that is missing (a program wrote that keeps none) or written over is seen:
//! then the whole is read again.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{EPOCH, Epoch, Versions};
use crate::action::Action;
use crate::error::TableError;
use crate::item::{Item, number};
use crate::key::{CONFIG, Key};
use crate::store::Store;
use crate::stored::Stored;

/// Versions whose changes are known.
pub(crate) const CHANGES_KEPT: u64 = 256;

/// Changed objects that are read one by one at most; of more, all objects of
/// their kinds are.
const OBJECTS_APART_MAX: usize = 1000;

/// Entries that are read along with the version, in the hope that there are no
/// more.
const ENTRIES_AT_ONCE: u64 = 8;

/// Attribute of an entry: sort keys of the objects.
const OBJECTS: &str = "objects";

/// Writes down what the version `epoch` changed: sort keys of the
/// configuration.
pub(crate) fn entry(epoch: Epoch, objects: BTreeSet<String>) -> Action {
    let objects = AttributeValue::Ss(objects.into_iter().collect());
    Action::put(
        Item::new(&Key::changes(epoch.0))
            .with(EPOCH, number(epoch))
            .with(OBJECTS, objects),
    )
}

/// The version of the configuration, and what was changed after `kept`.
pub(super) struct Changes {
    /// The version as it is now.
    pub(super) versions: Versions,
    /// The objects changed since; `None` when nobody knows, or too many did.
    pub(super) objects: Option<Vec<Key>>,
}

/// Reads what happened to the configuration since `kept`.
pub(super) async fn since(store: &Store, kept: Epoch) -> Result<Changes, TableError> {
    let mut keys = vec![Key::epoch()];
    if kept.0 > 0 {
        keys.extend((1..=ENTRIES_AT_ONCE).map(|step| Key::changes(kept.0 + step)));
    }
    let mut found = store.get_many(&keys).await?;
    let versions = found.get(&Key::epoch()).map(Versions::read).transpose()?;
    let versions = versions.unwrap_or_default();
    let now = versions.epoch.0;
    let unknown = Changes {
        versions: versions.clone(),
        objects: None,
    };
    if kept.0 == 0 || now < kept.0 || now - kept.0 > CHANGES_KEPT {
        return Ok(unknown);
    }
    // An entry may have been read before the version that it belongs to.
    let is_known = |found: &std::collections::HashMap<Key, Item>, epoch: u64| {
        let entry = found.get(&Key::changes(epoch));
        entry.is_some_and(|entry| entry.optional_number(EPOCH).ok().flatten() == Some(epoch))
    };
    let missing = (kept.0 + 1..=now).filter(|epoch| !is_known(&found, *epoch));
    let missing: Vec<Key> = missing.map(Key::changes).collect();
    if !missing.is_empty() {
        found.extend(store.get_many(&missing).await?);
    }
    let mut objects = BTreeSet::new();
    for epoch in kept.0 + 1..=now {
        if !is_known(&found, epoch) {
            return Ok(unknown);
        }
        let entry = found.get(&Key::changes(epoch));
        objects.extend(entry.into_iter().flat_map(|entry| entry.texts(OBJECTS)));
    }
    if objects.len() > OBJECTS_APART_MAX {
        return Ok(unknown);
    }
    let objects = objects.into_iter().map(|sk| Key::new(CONFIG, sk)).collect();
    Ok(Changes {
        versions,
        objects: Some(objects),
    })
}
