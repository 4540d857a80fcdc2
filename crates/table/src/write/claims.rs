//! What objects lay claim to: names, and other objects that must stay.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::ID;
use super::plan::{Plan, Slot};
use crate::error::WriteError;
use crate::item::{Item, text};
use crate::key::{Key, NAME_BYTES_MAX};
use crate::kind::Kind;

/// Lets go of the old name and takes the new one, at the key that `key` gives
/// a name.
pub(super) fn claim_name(
    plan: &mut Plan,
    kind: Kind,
    id: Uuid,
    old: Option<String>,
    new: Option<String>,
    key: impl Fn(&str) -> Key,
) -> Result<(), WriteError> {
    if let Some(name) = &new {
        check_name(kind, name)?;
    }
    if old == new {
        return Ok(());
    }
    if let Some(name) = old {
        plan.release(key(&name), id, Slot::Name { kind, name });
    }
    if let Some(name) = new {
        let key = key(&name);
        let item = Item::new(&key).with(ID, text(id));
        plan.claim(key, item, Slot::Name { kind, name })?;
    }
    Ok(())
}

/// Counts the references that a change adds and takes away.
pub(super) fn references(
    plan: &mut Plan,
    old: Option<Vec<(Kind, Uuid)>>,
    new: Option<Vec<(Kind, Uuid)>>,
) {
    let old: BTreeSet<_> = old.into_iter().flatten().collect();
    let new: BTreeSet<_> = new.into_iter().flatten().collect();
    for (kind, id) in new.difference(&old) {
        plan.refer(*kind, *id, 1);
    }
    for (kind, id) in old.difference(&new) {
        plan.refer(*kind, *id, -1);
    }
}

/// Refuses a name that no key can hold.
pub(super) const fn check_name(kind: Kind, name: &str) -> Result<(), WriteError> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(WriteError::BadName { kind });
    }
    Ok(())
}
