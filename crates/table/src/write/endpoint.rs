//! Changes of endpoints.

use causeway_model::object::Endpoint;
use uuid::Uuid;

use super::change::Change;
use super::claims::{check_name, references_told};
use super::plan::{ObjectWrite, Plan, Slot};
use super::{ID, REVISION, document};
use crate::action::Action;
use crate::config::once_each;
use crate::endpoints::listed_by;
use crate::error::WriteError;
use crate::item::{DOC, Item, number, text};
use crate::key::{ENDPOINTS, Key};
use crate::kind::Kind;

/// Adds the change of an endpoint: its item, the copy under its name, its
/// places.
pub(super) fn endpoint(plan: &mut Plan, change: &Change<Endpoint>) -> Result<(), WriteError> {
    let object = change.object();
    let id = object.id.uuid();
    let key = Key::endpoint(object.id);
    let item = |endpoint: &Endpoint, key: &Key| -> Result<Item, WriteError> {
        Ok(Item::new(key)
            .with(DOC, text(document(Kind::Endpoint, id, endpoint)?))
            .with(REVISION, number(endpoint.meta.version)))
    };
    let indexed = |endpoint: &Endpoint| -> Result<Item, WriteError> {
        Ok(item(endpoint, &key)?.indexed(ENDPOINTS, &listed_by(endpoint)))
    };
    let write = match change {
        Change::Create(after) => ObjectWrite::create(indexed(after)?),
        Change::Update { before, after } => ObjectWrite::Overwrite {
            before: before.meta.version,
            item: indexed(after)?,
        },
        Change::Delete(before) => ObjectWrite::Delete {
            before: before.meta.version,
        },
    };
    plan.object(Kind::Endpoint, id, key.clone(), write)?;

    if let Some(before) = change.before() {
        let name = before.name.clone();
        let key = Key::endpoint_named(before.provider, &name);
        plan.release(
            key,
            id,
            Slot::Name {
                kind: Kind::Endpoint,
                name,
            },
        );
    }
    if let Some(after) = change.after() {
        let name = after.name.clone();
        check_name(Kind::Endpoint, &name)?;
        let key = Key::endpoint_named(after.provider, &name);
        let copy = item(after, &key)?.with(ID, text(id));
        plan.claim(
            key,
            copy,
            Slot::Name {
                kind: Kind::Endpoint,
                name,
            },
        )?;
    }
    usage(plan, change);
    // A provider's endpoints stand in its partition.
    references_told(
        plan,
        (Kind::Endpoint, id),
        &[Kind::PropertyMapping],
        change.before().map(endpoint_references),
        change.after().map(endpoint_references),
    );
    Ok(())
}

fn endpoint_references(endpoint: &Endpoint) -> Vec<(Kind, Uuid)> {
    let mappings = endpoint
        .property_mappings
        .iter()
        .map(|id| (Kind::PropertyMapping, id.uuid()));
    once_each(mappings.chain([(Kind::Provider, endpoint.provider.uuid())]))
}

/// An endpoint's places come and go with it; one in use stays.
fn usage(plan: &mut Plan, change: &Change<Endpoint>) {
    let maximum = |endpoint: &Endpoint| i64::from(endpoint.maximum_connections);
    let key = Key::usage(change.object().id);
    match change {
        Change::Create(after) => plan.extra(Action::put(
            Item::new(&key)
                .with("connections", number(0))
                .with("maximum", number(maximum(after))),
        )),
        Change::Update { before, after } => {
            if before.maximum_connections != after.maximum_connections {
                plan.extra(
                    Action::update(key, "SET maximum = :maximum")
                        .value(":maximum", number(maximum(after))),
                );
            }
        }
        Change::Delete(before) => plan.guarded(
            Action::delete(key)
                .when("connections = :none")
                .value(":none", number(0)),
            Kind::Endpoint,
            before.id.uuid(),
        ),
    }
}
