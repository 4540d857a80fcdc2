//! The configuration: the small kinds that every decision needs, kept in
//! memory as a whole and brought up to date when their epoch changed.
//!
//! Each write of a configuration object raises the epoch in the same
//! transaction, and says there which objects it changed. A request reads the
//! epoch along with whatever else it reads and asks for the snapshot of that
//! epoch; in the steady state that costs nothing, and after a change what
//! changed is read, however much there is. Endpoints, users and what happens at
//! runtime are not part of it.

mod cache;
mod changes;
mod object;
mod objects;
mod snapshot;

pub use cache::Config;
pub(crate) use cache::ConfigCache;
pub(crate) use changes::{CHANGES_KEPT, entry as changes_entry};
pub use object::ConfigObject;
pub(crate) use object::once_each;
pub use objects::Objects;
pub use snapshot::ConfigSnapshot;

use std::collections::BTreeMap;

use crate::error::TableError;
use crate::item::Item;
use crate::key::LAYOUT_VERSION;
use crate::kind::Kind;
use crate::stored::Stored;

/// Attribute of the epoch's item.
pub(crate) const EPOCH: &str = "epoch";

/// Version of the configuration; 0 before the first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Epoch(pub(crate) u64);

impl std::fmt::Display for Epoch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Attribute of the epoch's item: the layout that its writers know. Whoever
/// reads the epoch reads that as well, which is everybody who decides or writes.
pub(crate) const LAYOUT: &str = "layout";

/// Attribute of the epoch's item: the layout of the program that made it. What
/// came later to the table has never been any other way here.
pub(crate) const BORN: &str = "born";

impl Stored for Epoch {
    fn read(item: &Item) -> Result<Self, TableError> {
        let found = item.optional_number(LAYOUT)?.unwrap_or(LAYOUT_VERSION);
        if found > LAYOUT_VERSION {
            let known = LAYOUT_VERSION;
            return Err(TableError::NewerLayout { found, known });
        }
        item.number(EPOCH).map(Self)
    }
}

/// Attribute of the epoch's item that counts the changes of one kind.
pub(crate) fn changes_attribute(kind: Kind) -> String {
    format!("of_{}", kind.in_keys().to_lowercase())
}

/// Version of the configuration, and how often each kind changed: a kind that
/// did not change need not be read again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Versions {
    epoch: Epoch,
    changes: BTreeMap<Kind, u64>,
}

impl Versions {
    /// The kinds that differ from those of `kept`, for when the objects that do
    /// are not known.
    fn changed_since(&self, kept: &Self) -> Vec<Kind> {
        let count = |versions: &Self, kind| versions.changes.get(&kind).copied().unwrap_or(0);
        let steps = |kind: Kind| count(self, kind).abs_diff(count(kept, kind));
        // Each change of the epoch changes a kind. If some did not, somebody
        // wrote who does not count kinds: nothing is known of any.
        let known: u64 = Kind::CONFIGURATION.into_iter().map(steps).sum();
        let all = self.epoch.0.saturating_sub(kept.epoch.0) > known;
        Kind::CONFIGURATION
            .into_iter()
            .filter(|kind| all || steps(*kind) > 0)
            .collect()
    }
}

impl Stored for Versions {
    fn read(item: &Item) -> Result<Self, TableError> {
        let mut changes = BTreeMap::new();
        for kind in Kind::CONFIGURATION {
            if let Some(count) = item.optional_number(&changes_attribute(kind))? {
                changes.insert(kind, count);
            }
        }
        Ok(Self {
            epoch: Epoch::read(item)?,
            changes,
        })
    }
}

#[cfg(test)]
mod tests {
    use causeway_model::id::GroupId;
    use causeway_model::object::{Group, Meta, Role};
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::action::Action;
    use crate::item::number;
    use crate::key::Key;
    use crate::{Change, ObjectChange, Table};

    fn versions(epoch: u64, changes: &[(Kind, u64)]) -> Versions {
        Versions {
            epoch: Epoch(epoch),
            changes: changes.iter().copied().collect(),
        }
    }

    #[test]
    fn a_table_of_a_newer_program_is_left_alone() {
        let item = |layout: i32| {
            Item::new(&Key::epoch())
                .with(EPOCH, number(7))
                .with(LAYOUT, number(layout))
        };
        assert_eq!(Epoch::read(&item(LAYOUT_VERSION)).unwrap(), Epoch(7));
        for error in [
            Epoch::read(&item(LAYOUT_VERSION + 1)).unwrap_err(),
            Versions::read(&item(LAYOUT_VERSION + 1)).unwrap_err(),
        ] {
            assert!(matches!(error, TableError::NewerLayout { .. }), "{error}");
            assert!(!error.is_transient());
        }
    }

    #[tokio::test]
    async fn who_read_the_version_before_writes_nothing_to_a_newer_layout() {
        let table = Table::in_memory().await.unwrap();
        let group = |name: &str| {
            let group = Group {
                id: GroupId::new(Uuid::from_u128(name.len() as u128)),
                name: name.to_owned(),
                role: Role::User,
                operates: Vec::new(),
                attributes: serde_json::Map::new(),
                meta: Meta::first(Timestamp::UNIX_EPOCH),
            };
            [ObjectChange::Group(Change::Create(group))]
        };
        table.write(&group("before"), &[]).await.unwrap();
        // A newer program marks the table and changes no object yet: the version
        // is the one that this program knows.
        let mark = Action::update(Key::epoch(), "SET layout = :newer")
            .value(":newer", number(LAYOUT_VERSION + 1));
        table.store().write(mark).await.unwrap().unwrap();
        let error = table.write(&group("after"), &[]).await.unwrap_err();
        let newer = TableError::NewerLayout {
            found: LAYOUT_VERSION + 1,
            known: LAYOUT_VERSION,
        };
        assert_eq!(error.to_string(), newer.to_string());
        let marked = table.store().get(&Key::epoch()).await.unwrap().unwrap();
        let layout: Option<i32> = marked.optional_number(LAYOUT).unwrap();
        assert_eq!(layout, Some(LAYOUT_VERSION + 1));
    }

    #[test]
    fn only_what_changed_is_read_again() {
        let kept = versions(7, &[(Kind::Group, 3), (Kind::Policy, 1)]);
        assert_eq!(kept.changed_since(&kept), []);
        let later = versions(9, &[(Kind::Group, 4), (Kind::Policy, 1), (Kind::Flow, 1)]);
        assert_eq!(later.changed_since(&kept), [Kind::Flow, Kind::Group]);
        // A step that nobody counted: all may have changed.
        let uncounted = versions(9, &[(Kind::Group, 4), (Kind::Policy, 1)]);
        assert_eq!(uncounted.changed_since(&kept), Kind::CONFIGURATION);
    }
}
