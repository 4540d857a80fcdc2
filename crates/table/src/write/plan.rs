//! A transaction in the making: what shall become of each item.
//!
//! DynamoDB takes one action an item and transaction, while several changes
//! can concern one item: a provider that is written and referred to, a name
//! that one object lets go and another takes. So the changes are first added
//! up by item and then turned into actions.

use std::collections::{BTreeMap, BTreeSet};

use causeway_model::object::Event;
use uuid::Uuid;

use super::refusal::{Concern, has_moved, refused};
use super::{ID, REFERRERS, REVISION};
use crate::action::{ABSENT, Action, PRESENT};
use crate::config::{BORN, Epoch, LAYOUT, changes_attribute, changes_entry};
use crate::error::WriteError;
use crate::events::event_item;
use crate::item::{Item, number, text};
use crate::key::{Key, LAYOUT_VERSION};
use crate::kind::Kind;
use crate::store::{ACTIONS_MAX, Store};

use aws_sdk_dynamodb::types::AttributeValue;

/// What happens to an object's own item.
#[derive(Debug)]
pub(super) enum ObjectWrite {
    /// It must not exist yet.
    Create { item: Item },
    /// Some attributes are set, others (the references) stay.
    Replace {
        before: u64,
        set: Vec<(&'static str, AttributeValue)>,
    },
    /// The whole item is written anew.
    Overwrite { before: u64, item: Item },
    /// It goes; nothing may refer to it.
    Delete { before: u64 },
}

impl ObjectWrite {
    pub(super) const fn create(item: Item) -> Self {
        Self::Create { item }
    }
}

/// What a unique item stands for, for the error when it is taken.
#[derive(Debug, Clone)]
pub(super) enum Slot {
    /// The name of an object.
    Name { kind: Kind, name: String },
    /// The one application of a provider.
    Provider(Uuid),
}

impl Slot {
    pub(super) fn taken(&self) -> WriteError {
        match self {
            Self::Name { kind, name } => WriteError::NameTaken {
                kind: *kind,
                name: name.clone(),
            },
            Self::Provider(provider) => WriteError::ProviderTaken {
                provider: *provider,
            },
        }
    }
}

#[derive(Debug)]
struct ObjectIntent {
    key: Key,
    write: Option<ObjectWrite>,
    /// References that others add (or take away, when negative).
    referrers: i64,
    /// Whether it must be there, though nobody counts.
    required: bool,
}

#[derive(Debug)]
struct SlotIntent {
    slot: Slot,
    /// Who lets it go.
    released_by: Option<Uuid>,
    /// Who takes it, and what stands there then.
    claimed: Option<Item>,
}

/// An action of another kind that is a part of a plan.
#[derive(Debug, Clone)]
pub(crate) struct Refusable {
    /// What is done.
    pub(crate) action: Action,
    /// What it means when that is refused.
    pub(crate) meaning: Meaning,
}

/// What the refusal of an action means.
#[derive(Debug, Clone)]
pub(crate) enum Meaning {
    /// The table is not what it should be.
    Damage,
    /// What permits the whole is gone.
    NoPermit,
    /// Another one has the name.
    Taken {
        /// Of which kind.
        kind: Kind,
        /// The name.
        name: String,
    },
}

/// What became of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Committed {
    /// Everything is written.
    Done,
    /// Nothing is: the configuration is not the one that it was pinned to.
    Moved,
}

/// A transaction in the making.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    objects: BTreeMap<(Kind, Uuid), ObjectIntent>,
    slots: BTreeMap<Key, SlotIntent>,
    others: Vec<(Action, Concern)>,
    changed: BTreeSet<Kind>,
    pinned: Option<Epoch>,
}

impl Plan {
    /// Writes an object's own item.
    pub(super) fn object(
        &mut self,
        kind: Kind,
        id: Uuid,
        key: Key,
        write: ObjectWrite,
    ) -> Result<(), WriteError> {
        let intent = self.objects.entry((kind, id)).or_insert(ObjectIntent {
            key,
            write: None,
            referrers: 0,
            required: false,
        });
        if intent.write.is_some() {
            return Err(WriteError::ChangedTwice { kind, id });
        }
        intent.write = Some(write);
        Ok(())
    }

    /// Adds or takes away references to a configuration object.
    pub(super) fn refer(&mut self, kind: Kind, id: Uuid, by: i64) {
        let intent = self.objects.entry((kind, id)).or_insert(ObjectIntent {
            key: Key::config(kind, id),
            write: None,
            referrers: 0,
            required: false,
        });
        intent.referrers += by;
    }

    /// Needs an object that is no configuration, and that no reference to is
    /// counted of.
    pub(super) fn require(&mut self, kind: Kind, id: Uuid, key: Key) {
        let intent = self.objects.entry((kind, id)).or_insert(ObjectIntent {
            key,
            write: None,
            referrers: 0,
            required: false,
        });
        intent.required = true;
    }

    /// The whole holds only as long as the configuration is at this version.
    pub(super) const fn pin(&mut self, epoch: Epoch) {
        self.pinned = Some(epoch);
    }

    /// Takes a unique item.
    pub(super) fn claim(&mut self, key: Key, item: Item, slot: Slot) -> Result<(), WriteError> {
        let intent = self.slots.entry(key).or_insert(SlotIntent {
            slot,
            released_by: None,
            claimed: None,
        });
        if intent.claimed.is_some() {
            return Err(intent.slot.taken());
        }
        intent.claimed = Some(item);
        Ok(())
    }

    /// Lets go of a unique item that object `id` has.
    pub(super) fn release(&mut self, key: Key, id: Uuid, slot: Slot) {
        let intent = self.slots.entry(key).or_insert(SlotIntent {
            slot,
            released_by: None,
            claimed: None,
        });
        intent.released_by = Some(id);
    }

    /// The configuration changes, in this kind.
    pub(super) fn raise_epoch(&mut self, kind: Kind) {
        self.changed.insert(kind);
    }

    /// Another action that only fails when the table is not what it should be.
    pub(crate) fn extra(&mut self, action: Action) {
        self.others.push((action, Concern::Invariant));
    }

    /// Several of those.
    pub(super) fn extras(&mut self, actions: impl IntoIterator<Item = Action>) {
        actions.into_iter().for_each(|action| self.extra(action));
    }

    /// An action of another kind.
    pub(super) fn together(&mut self, refusable: Refusable) {
        let concern = match refusable.meaning {
            Meaning::Damage => Concern::Invariant,
            Meaning::NoPermit => Concern::Permit,
            Meaning::Taken { kind, name } => Concern::Slot(Slot::Name { kind, name }),
        };
        self.others.push((refusable.action, concern));
    }

    /// An action that fails when the object is in use.
    pub(super) fn guarded(&mut self, action: Action, kind: Kind, id: Uuid) {
        self.others.push((action, Concern::Busy { kind, id }));
    }

    /// Adds an audit event.
    pub(crate) fn event(&mut self, event: &Event) -> Result<(), WriteError> {
        self.extra(Action::put(event_item(event)?));
        Ok(())
    }

    /// Writes everything or nothing.
    pub(super) async fn commit(self, store: &Store) -> Result<Committed, WriteError> {
        debug_assert!(self.pinned.is_some() || !self.changes_configuration());
        let expected = self.len();
        let (actions, concerns): (Vec<_>, Vec<_>) = self.into_actions().into_iter().unzip();
        debug_assert_eq!(actions.len(), expected);
        if actions.is_empty() {
            return Ok(Committed::Done);
        }
        if actions.len() > ACTIONS_MAX {
            return Err(WriteError::TooManyChanges {
                actions: actions.len(),
                limit: ACTIONS_MAX,
            });
        }
        match store.transact(actions).await? {
            Ok(()) => Ok(Committed::Done),
            Err(cancelled) if has_moved(&concerns, &cancelled) => Ok(Committed::Moved),
            Err(cancelled) => Err(refused(concerns, &cancelled)),
        }
    }

    /// How many actions it has.
    pub(super) fn len(&self) -> usize {
        let acts = |intent: &&ObjectIntent| {
            intent.write.is_some() || intent.referrers != 0 || intent.required
        };
        let claims =
            |intent: &&SlotIntent| intent.released_by.is_some() || intent.claimed.is_some();
        let version = match (self.changes_configuration(), self.pinned) {
            (true, _) => 2,
            (false, Some(_)) => 1,
            (false, None) => 0,
        };
        self.others.len()
            + self.objects.values().filter(acts).count()
            + self.slots.values().filter(claims).count()
            + version
    }

    /// Whether it makes a new version of the configuration, which must be
    /// pinned to the one before.
    pub(super) fn changes_configuration(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The version of the configuration that it makes.
    pub(super) fn next_epoch(&self) -> Option<Epoch> {
        let Epoch(before) = self.pinned.filter(|_| self.changes_configuration())?;
        Some(Epoch(before + 1))
    }

    /// Sort keys of the configuration objects that are written.
    fn written(&self) -> BTreeSet<String> {
        let written = self
            .objects
            .iter()
            .filter(|((kind, _), intent)| self.changed.contains(kind) && intent.write.is_some());
        written.map(|(_, intent)| intent.key.sk.clone()).collect()
    }

    fn into_actions(self) -> Vec<(Action, Concern)> {
        let entry = self.next_epoch();
        let entry = entry.map(|epoch| changes_entry(epoch, self.written()));
        let mut actions = self.others;
        for ((kind, id), intent) in self.objects {
            actions.extend(object_action(kind, id, intent));
        }
        for (key, intent) in self.slots {
            actions.extend(slot_action(key, intent));
        }
        actions.extend(epoch_action(&self.changed, self.pinned));
        actions.extend(entry.map(|entry| (entry, Concern::Invariant)));
        actions
    }
}

/// Holds of the epoch's item while its layout is one that this program knows.
const KNOWN_LAYOUT: &str = "(attribute_not_exists(layout) OR layout <= :layout)";

/// What happens to the epoch's item.
fn epoch_action(changed: &BTreeSet<Kind>, pinned: Option<Epoch>) -> Option<(Action, Concern)> {
    let action = if changed.is_empty() {
        // Without a pin there is nothing to check.
        pinned?;
        Action::check(Key::epoch(), PRESENT)
    } else {
        let kinds: String = changed
            .iter()
            .map(|kind| format!(", {} :one", changes_attribute(*kind)))
            .collect();
        let born = match pinned {
            Some(Epoch(0)) => format!(", {BORN} = :layout"),
            _ => String::new(),
        };
        let update = format!("SET {LAYOUT} = :layout{born} ADD epoch :one{kinds}");
        Action::update(Key::epoch(), update)
            .value(":one", number(1))
            .value(":layout", number(LAYOUT_VERSION))
    };
    let Some(Epoch(epoch)) = pinned else {
        return Some((action, Concern::Invariant));
    };
    let action = match epoch {
        0 => action.when(ABSENT),
        // Nor has a newer program taken the table over since it was read.
        epoch => action
            .when(format!("epoch = :pinned AND {KNOWN_LAYOUT}"))
            .value(":pinned", number(epoch))
            .value(":layout", number(LAYOUT_VERSION)),
    };
    Some((action, Concern::Epoch))
}

fn object_action(kind: Kind, id: Uuid, intent: ObjectIntent) -> Option<(Action, Concern)> {
    let concern = Concern::Object { kind, id };
    let referrers = intent.referrers;
    let action = match intent.write {
        None if referrers == 0 && !intent.required => return None,
        None if referrers == 0 => {
            let check = Action::check(intent.key, PRESENT);
            return Some((check, Concern::Reference { kind, id }));
        }
        None => {
            let action = Action::update(intent.key, "ADD referrers :by")
                .when(PRESENT)
                .value(":by", number(referrers));
            return Some((action, Concern::Reference { kind, id }));
        }
        Some(ObjectWrite::Create { item }) => {
            let item = item.with(REFERRERS, number(referrers));
            return Some((
                Action::put(item).when(ABSENT),
                Concern::Created { kind, id },
            ));
        }
        Some(ObjectWrite::Replace { before, set }) => {
            let assignments: Vec<_> = set
                .iter()
                .map(|(name, _)| format!("{name} = :{name}"))
                .collect();
            let update = format!("SET {} ADD referrers :by", assignments.join(", "));
            let mut action = Action::update(intent.key, update)
                .when("revision = :before")
                .value(":before", number(before))
                .value(":by", number(referrers));
            for (name, value) in set {
                action = action.value(&format!(":{name}"), value);
            }
            action
        }
        Some(ObjectWrite::Overwrite { before, item }) => Action::put(item)
            .when("revision = :before")
            .value(":before", number(before)),
        Some(ObjectWrite::Delete { before }) => {
            // What this plan takes away must be all there is. Kinds that
            // nothing refers to have no count.
            let action = Action::delete(intent.key)
                .when(
                    "revision = :before AND \
                     (attribute_not_exists(referrers) OR referrers = :ours)",
                )
                .value(":before", number(before))
                .value(":ours", number(-referrers));
            return Some((
                action,
                Concern::Deleted {
                    kind,
                    id,
                    before,
                    ours: -referrers,
                },
            ));
        }
    };
    Some((action, concern))
}

fn slot_action(key: Key, intent: SlotIntent) -> Option<(Action, Concern)> {
    let action = match (intent.released_by, intent.claimed) {
        (None, None) => return None,
        (None, Some(item)) => Action::put(item).when(ABSENT),
        (Some(owner), None) => Action::delete(key)
            .when("id = :owner")
            .value(":owner", text(owner)),
        (Some(owner), Some(item)) => Action::put(item)
            .when("id = :owner")
            .value(":owner", text(owner)),
    };
    Some((action, Concern::Slot(intent.slot)))
}

const _: () = {
    // The expressions above spell these names out.
    assert!(matches!(ID.as_bytes(), b"id"));
    assert!(matches!(REVISION.as_bytes(), b"revision"));
    assert!(matches!(REFERRERS.as_bytes(), b"referrers"));
};
