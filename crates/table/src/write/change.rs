//! The changes that callers ask for, turned into intents on items.

use std::collections::BTreeSet;

use causeway_model::object::{
    Application, Edge, Endpoint, Group, Node, Outpost, PropertyMapping, Provider, User,
};
use uuid::Uuid;

use super::plan::{ObjectWrite, Plan, Slot};
use super::{ID, REVISION, document};
use crate::action::Action;
use crate::config::{ConfigObject, once_each};
use crate::error::WriteError;
use crate::item::{DOC, Item, number, text};
use crate::key::{Key, NAME_BYTES_MAX, USERS, fold_username};
use crate::kind::Kind;
use crate::secret::PasswordHash;

/// What happens to one object. The caller sets id, version and times of what
/// is to be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Change<T> {
    /// A new object.
    Create(T),
    /// An object as it was read, and as it shall be.
    Update {
        /// As it was read.
        before: T,
        /// As it shall be.
        after: T,
    },
    /// An object as it was read; it is deleted.
    Delete(T),
}

impl<T> Change<T> {
    /// The object before the change.
    pub const fn before(&self) -> Option<&T> {
        match self {
            Self::Create(_) => None,
            Self::Update { before, .. } | Self::Delete(before) => Some(before),
        }
    }

    /// The object after the change.
    pub const fn after(&self) -> Option<&T> {
        match self {
            Self::Create(after) | Self::Update { after, .. } => Some(after),
            Self::Delete(_) => None,
        }
    }

    const fn object(&self) -> &T {
        match self {
            Self::Create(object) | Self::Delete(object) => object,
            Self::Update { after, .. } => after,
        }
    }
}

/// A change of an object of any kind.
#[derive(Debug, Clone)]
pub enum ObjectChange {
    /// Of an application.
    Application(Change<Application>),
    /// Of a provider.
    Provider(Change<Provider>),
    /// Of a property mapping.
    PropertyMapping(Change<PropertyMapping>),
    /// Of an outpost.
    Outpost(Change<Outpost>),
    /// Of a group.
    Group(Change<Group>),
    /// Of a node.
    Node(Change<Node>),
    /// Of an edge.
    Edge(Change<Edge>),
    /// Of an endpoint.
    Endpoint(Change<Endpoint>),
    /// Of a user, with a new password or without.
    User(Change<User>, Option<PasswordHash>),
}

macro_rules! from_changes {
    ($($kind:ident),*) => {$(
        impl From<Change<$kind>> for ObjectChange {
            fn from(change: Change<$kind>) -> Self {
                Self::$kind(change)
            }
        }
    )*};
}

from_changes!(
    Application,
    Provider,
    PropertyMapping,
    Outpost,
    Group,
    Node,
    Edge,
    Endpoint
);

impl From<Change<User>> for ObjectChange {
    fn from(change: Change<User>) -> Self {
        Self::User(change, None)
    }
}

impl ObjectChange {
    pub(super) fn add_to(&self, plan: &mut Plan) -> Result<(), WriteError> {
        match self {
            Self::Application(change) => {
                config_object(plan, change)?;
                provider_slot(plan, change)
            }
            Self::Provider(change) => config_object(plan, change),
            Self::PropertyMapping(change) => config_object(plan, change),
            Self::Outpost(change) => config_object(plan, change),
            Self::Group(change) => config_object(plan, change),
            Self::Node(change) => {
                config_object(plan, change)?;
                node_load(plan, change);
                Ok(())
            }
            Self::Edge(change) => config_object(plan, change),
            Self::Endpoint(change) => endpoint(plan, change),
            Self::User(change, password) => user(plan, change, password.as_ref()),
        }
    }
}

fn config_object<T: ConfigObject>(plan: &mut Plan, change: &Change<T>) -> Result<(), WriteError> {
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
    plan.raise_epoch();
    if T::UNIQUE_NAME {
        let name = |object: &T| object.name().to_owned();
        let slot = |name: &str| {
            (
                Key::name(T::KIND, name),
                Item::new(&Key::name(T::KIND, name)),
            )
        };
        claim_name(
            plan,
            T::KIND,
            object.uuid(),
            change.before().map(name),
            change.after().map(name),
            slot,
        )?;
    }
    references(
        plan,
        change.before().map(ConfigObject::references),
        change.after().map(ConfigObject::references),
    );
    Ok(())
}

fn config_item<T: ConfigObject>(key: &Key, object: &T) -> Result<Item, WriteError> {
    Ok(Item::new(key)
        .with(DOC, text(document(T::KIND, object.uuid(), object)?))
        .with(REVISION, number(object.revision())))
}

/// Lets go of the old name and takes the new one; rewrites what stands there
/// when the name stays.
fn claim_name(
    plan: &mut Plan,
    kind: Kind,
    id: Uuid,
    old: Option<String>,
    new: Option<String>,
    slot: impl Fn(&str) -> (Key, Item),
) -> Result<(), WriteError> {
    if let Some(name) = &new
        && (name.is_empty() || name.len() > NAME_BYTES_MAX)
    {
        return Err(WriteError::BadName { kind });
    }
    if old == new {
        return Ok(());
    }
    if let Some(name) = old {
        plan.release(slot(&name).0, id, Slot::Name { kind, name });
    }
    if let Some(name) = new {
        let (key, item) = slot(&name);
        plan.claim(key, item.with(ID, text(id)), Slot::Name { kind, name })?;
    }
    Ok(())
}

/// Counts the references that a change adds and takes away.
fn references(plan: &mut Plan, old: Option<Vec<(Kind, Uuid)>>, new: Option<Vec<(Kind, Uuid)>>) {
    let old: BTreeSet<_> = old.into_iter().flatten().collect();
    let new: BTreeSet<_> = new.into_iter().flatten().collect();
    for (kind, id) in new.difference(&old) {
        plan.refer(*kind, *id, 1);
    }
    for (kind, id) in old.difference(&new) {
        plan.refer(*kind, *id, -1);
    }
}

/// A provider serves one application.
fn provider_slot(plan: &mut Plan, change: &Change<Application>) -> Result<(), WriteError> {
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
fn node_load(plan: &mut Plan, change: &Change<Node>) {
    match change {
        Change::Create(node) => plan.extra(crate::fleet::first_load(node)),
        Change::Update { .. } => {}
        Change::Delete(node) => plan.guarded(
            Action::delete(Key::load(node.id))
                .when("connections = :none")
                .value(":none", number(0)),
            Kind::Node,
            node.id.uuid(),
        ),
    }
}

fn endpoint(plan: &mut Plan, change: &Change<Endpoint>) -> Result<(), WriteError> {
    let object = change.object();
    let id = object.id.uuid();
    let key = Key::endpoint(object.id);
    let item = |endpoint: &Endpoint, key: &Key| -> Result<Item, WriteError> {
        Ok(Item::new(key)
            .with(DOC, text(document(Kind::Endpoint, id, endpoint)?))
            .with(REVISION, number(endpoint.meta.version)))
    };
    let write = match change {
        Change::Create(after) => ObjectWrite::create(item(after, &key)?),
        Change::Update { before, after } => ObjectWrite::Overwrite {
            before: before.meta.version,
            item: item(after, &key)?,
        },
        Change::Delete(before) => ObjectWrite::Delete {
            before: before.meta.version,
        },
    };
    plan.object(Kind::Endpoint, id, key, write)?;

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
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(WriteError::BadName {
                kind: Kind::Endpoint,
            });
        }
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
    references(
        plan,
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

fn user(
    plan: &mut Plan,
    change: &Change<User>,
    password: Option<&PasswordHash>,
) -> Result<(), WriteError> {
    let object = change.object();
    let id = object.id.uuid();
    let key = Key::user(object.id);
    let item = |user: &User| -> Result<Item, WriteError> {
        Ok(Item::new(&key)
            .with(DOC, text(document(Kind::User, id, user)?))
            .with(REVISION, number(user.meta.version))
            .indexed(USERS, &fold_username(&user.username)))
    };
    let write = match change {
        Change::Create(after) => ObjectWrite::create(item(after)?),
        Change::Update { before, after } => ObjectWrite::Overwrite {
            before: before.meta.version,
            item: item(after)?,
        },
        Change::Delete(before) => ObjectWrite::Delete {
            before: before.meta.version,
        },
    };
    plan.object(Kind::User, id, key.clone(), write)?;

    let name = |user: &User| fold_username(&user.username);
    let slot = |name: &str| (Key::username(name), Item::new(&Key::username(name)));
    claim_name(
        plan,
        Kind::User,
        id,
        change.before().map(name),
        change.after().map(name),
        slot,
    )?;

    let password_key = Key::password(object.id);
    match (change, password) {
        (Change::Delete(_), _) => plan.extra(Action::delete(password_key)),
        (_, Some(hash)) => plan.extra(Action::put(
            Item::new(&password_key).with("hash", text(hash.expose())),
        )),
        (_, None) => {}
    }
    let groups = |user: &User| once_each(user.groups.iter().map(|id| (Kind::Group, id.uuid())));
    references(
        plan,
        change.before().map(groups),
        change.after().map(groups),
    );
    Ok(())
}
