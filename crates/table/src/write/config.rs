//! Changes of configuration objects.

use causeway_model::object::{Application, Node};
use uuid::Uuid;

use super::change::Change;
use super::claims::{claim_name, references};
use super::plan::{ObjectWrite, Plan, Slot};
use super::{ID, REVISION, document};
use crate::action::Action;
use crate::config::ConfigObject;
use crate::error::WriteError;
use crate::item::{DOC, Item, number, text};
use crate::key::Key;
use crate::kind::Kind;

/// Adds the change of a configuration object.
pub(super) fn config_object<T: ConfigObject>(
    plan: &mut Plan,
    change: &Change<T>,
) -> Result<(), WriteError> {
    config_object_referring(plan, change, ConfigObject::references)
}

/// The same, of an object with these references.
pub(super) fn config_object_referring<T: ConfigObject>(
    plan: &mut Plan,
    change: &Change<T>,
    referring: impl Fn(&T) -> Vec<(Kind, Uuid)>,
) -> Result<(), WriteError> {
    let object = change.object();
    let key = Key::config(T::KIND, object.uuid());
    let write = match change {
        Change::Create(after) => ObjectWrite::create(config_item(&key, after)?),
        Change::Update { before, after } => ObjectWrite::Replace {
            before: before.revision(),
            set: vec![
                (DOC, text(document(T::KIND, after.uuid(), after)?)),
                (REVISION, number(after.revision())),
            ],
        },
        Change::Delete(before) => ObjectWrite::Delete {
            before: before.revision(),
        },
    };
    plan.object(T::KIND, object.uuid(), key, write)?;
    plan.raise_epoch(T::KIND);
    if T::UNIQUE_NAME {
        let name = |object: &T| object.name().to_owned();
        claim_name(
            plan,
            T::KIND,
            object.uuid(),
            change.before().map(name),
            change.after().map(name),
            |name| Key::name(T::KIND, name),
        )?;
    }
    references(
        plan,
        change.before().map(&referring),
        change.after().map(&referring),
    );
    Ok(())
}

fn config_item<T: ConfigObject>(key: &Key, object: &T) -> Result<Item, WriteError> {
    Ok(Item::new(key)
        .with(DOC, text(document(T::KIND, object.uuid(), object)?))
        .with(REVISION, number(object.revision())))
}

/// A provider serves one application.
pub(super) fn provider_slot(
    plan: &mut Plan,
    change: &Change<Application>,
) -> Result<(), WriteError> {
    let old = change.before().map(|application| application.provider);
    let new = change.after().map(|application| application.provider);
    if old == new {
        return Ok(());
    }
    let id = change.object().id.uuid();
    if let Some(provider) = old {
        let slot = Slot::Provider(provider.uuid());
        plan.release(Key::application_of(provider), id, slot);
    }
    if let Some(provider) = new {
        let key = Key::application_of(provider);
        let item = Item::new(&key).with(ID, text(id));
        plan.claim(key, item, Slot::Provider(provider.uuid()))?;
    }
    Ok(())
}

/// A node's load comes and goes with it; a node with leases stays.
pub(super) fn node_load(plan: &mut Plan, change: &Change<Node>) {
    match change {
        Change::Create(node) => plan.extra(crate::fleet::first_load(node)),
        Change::Update { before, after } => {
            if before.drained != after.drained {
                plan.extra(crate::fleet::set_drained(after));
            }
        }
        Change::Delete(node) => plan.guarded(
            Action::delete(Key::load(node.id))
                .when("connections = :none")
                .value(":none", number(0)),
            Kind::Node,
            node.id.uuid(),
        ),
    }
}
