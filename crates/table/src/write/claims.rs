//! What objects lay claim to: names, and other objects that must stay.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::ID;
use super::plan::{Plan, Slot};
use crate::action::Action;
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

/// The same for an object that is no configuration: who refers is written down
/// too, because no snapshot tells. `told` are the kinds for which nothing else
/// tells either.
pub(super) fn references_told(
    plan: &mut Plan,
    from: (Kind, Uuid),
    told: &[Kind],
    old: Option<Vec<(Kind, Uuid)>>,
    new: Option<Vec<(Kind, Uuid)>>,
) {
    let of_told = |references: &Option<Vec<(Kind, Uuid)>>| -> BTreeSet<(Kind, Uuid)> {
        let all = references.iter().flatten().copied();
        all.filter(|(kind, _)| told.contains(kind)).collect()
    };
    let (before, after) = (of_told(&old), of_told(&new));
    let gone = before.difference(&after);
    plan.extras(gone.map(|to| Action::delete(Key::referrer(*to, from))));
    let come = after.difference(&before);
    plan.extras(come.map(|to| Action::put(Item::new(&Key::referrer(*to, from)))));
    references(plan, old, new);
}

/// Refuses a name that no key can hold.
pub(super) const fn check_name(kind: Kind, name: &str) -> Result<(), WriteError> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(WriteError::BadName { kind });
    }
    Ok(())
}
