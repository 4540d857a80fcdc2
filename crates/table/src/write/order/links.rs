//! What a change makes that others may refer to, and what it refers to itself.

use causeway_model::object::{PolicyBinding, Subject};
use uuid::Uuid;

use crate::config::ConfigObject;
use crate::write::change::{Change, ObjectChange};

/// The objects and stages that are there after a change and may not have been
/// before.
pub(super) fn makes(change: &ObjectChange) -> Vec<Uuid> {
    fn created<T>(change: &Change<T>, id: impl Fn(&T) -> Uuid) -> Vec<Uuid> {
        match change {
            Change::Create(object) => vec![id(object)],
            Change::Update { .. } | Change::Delete(_) => Vec::new(),
        }
    }
    match change {
        ObjectChange::Application(change) => created(change, ConfigObject::uuid),
        ObjectChange::Provider(change) => created(change, ConfigObject::uuid),
        ObjectChange::PropertyMapping(change) => created(change, ConfigObject::uuid),
        ObjectChange::Policy(change) => created(change, ConfigObject::uuid),
        ObjectChange::PolicyBinding(change) => created(change, ConfigObject::uuid),
        ObjectChange::Source(change) => created(change, ConfigObject::uuid),
        ObjectChange::Outpost(change) => created(change, ConfigObject::uuid),
        ObjectChange::Group(change) => created(change, ConfigObject::uuid),
        ObjectChange::Node(change) => created(change, ConfigObject::uuid),
        ObjectChange::Edge(change) => created(change, ConfigObject::uuid),
        ObjectChange::Endpoint(change) => created(change, |endpoint| endpoint.id.uuid()),
        ObjectChange::User(change, _) => created(change, |user| user.id.uuid()),
        ObjectChange::Flow(change) => {
            let stages = change.after().into_iter().flat_map(|flow| &flow.stages);
            let stages = stages.map(|stage| stage.id.uuid());
            created(change, ConfigObject::uuid)
                .into_iter()
                .chain(stages)
                .collect()
        }
    }
}

/// What must be there before, or together with, an object as it will be.
pub(super) fn refers_to(change: &ObjectChange) -> Vec<Uuid> {
    fn of<T: ConfigObject>(change: &Change<T>) -> Vec<Uuid> {
        let references = change.after().map(ConfigObject::references);
        let references = references.into_iter().flatten();
        references.map(|(_, id)| id).collect()
    }
    match change {
        ObjectChange::Application(change) => of(change),
        ObjectChange::Provider(change) => of(change),
        ObjectChange::PropertyMapping(change) => of(change),
        ObjectChange::Policy(change) => of(change),
        ObjectChange::Flow(change) => of(change),
        ObjectChange::Source(change) => of(change),
        ObjectChange::Outpost(change) => of(change),
        ObjectChange::Group(change) => of(change),
        ObjectChange::Node(change) => of(change),
        ObjectChange::Edge(change) => of(change),
        ObjectChange::PolicyBinding(change) => change.after().map_or_else(Vec::new, of_binding),
        ObjectChange::Endpoint(change) => change.after().map_or_else(Vec::new, |endpoint| {
            let mappings = endpoint.property_mappings.iter().map(|id| id.uuid());
            mappings.chain([endpoint.provider.uuid()]).collect()
        }),
        ObjectChange::User(change, _) => change.after().map_or_else(Vec::new, |user| {
            let groups = user.groups.iter().map(|id| id.uuid());
            let operated = user.operates.iter().map(|id| id.uuid());
            groups.chain(operated).collect()
        }),
    }
}

fn of_binding(binding: &PolicyBinding) -> Vec<Uuid> {
    let subject = match binding.subject {
        Subject::Policy(id) => id.uuid(),
        Subject::Group(id) => id.uuid(),
        Subject::User(id) => id.uuid(),
    };
    vec![binding.target, subject]
}
