//! The whole configuration as it was at one epoch.

use std::collections::HashMap;
use std::sync::Arc;

use causeway_model::id::{OutpostId, ProviderId};
use causeway_model::object::{
    Application, Edge, Flow, Group, Node, Outpost, Policy, PolicyBinding, PropertyMapping,
    Provider, Source,
};
use uuid::Uuid;

use super::{ConfigObject, Epoch, Objects, Versions};
use crate::error::TableError;
use crate::item::Item;
use crate::key::SK;
use crate::kind::Kind;

/// The whole configuration at one epoch. Clones share the objects.
#[derive(Debug, Clone, Default)]
pub struct ConfigSnapshot {
    versions: Versions,
    applications: Arc<Objects<Application>>,
    providers: Arc<Objects<Provider>>,
    property_mappings: Arc<Objects<PropertyMapping>>,
    policies: Arc<Objects<Policy>>,
    policy_bindings: Arc<Objects<PolicyBinding>>,
    bindings_of: Arc<BindingsOf>,
    flows: Arc<Objects<Flow>>,
    sources: Arc<Objects<Source>>,
    outposts: Arc<Objects<Outpost>>,
    groups: Arc<Objects<Group>>,
    nodes: Arc<Objects<Node>>,
    edges: Arc<Objects<Edge>>,
}

/// Bindings by what they are attached to, in the order of their evaluation.
type BindingsOf = HashMap<Uuid, Arc<[Arc<PolicyBinding>]>>;

fn bindings_of(bindings: &Objects<PolicyBinding>) -> BindingsOf {
    let mut all: HashMap<Uuid, Vec<Arc<PolicyBinding>>> = HashMap::new();
    for binding in bindings.iter() {
        let of_target = all.entry(binding.target).or_default();
        of_target.push(Arc::clone(binding));
    }
    all.into_iter()
        .map(|(target, bindings)| (target, in_order(bindings)))
        .collect()
}

fn in_order(mut bindings: Vec<Arc<PolicyBinding>>) -> Arc<[Arc<PolicyBinding>]> {
    bindings.sort_by_key(|binding| (binding.order, binding.id));
    bindings.into()
}

/// Kind and id of the object at a sort key of the configuration.
fn kind_and_id(sk: &str) -> Option<(Kind, Uuid)> {
    let (name, id) = sk.split_once('#')?;
    let kind = Kind::CONFIGURATION
        .into_iter()
        .find(|kind| kind.in_keys() == name)?;
    Some((kind, Uuid::try_parse(id).ok()?))
}

/// The kind that an item of the configuration holds.
fn kind_of(item: &Item) -> Result<Kind, TableError> {
    let found = kind_and_id(item.text(SK)?);
    found
        .map(|(kind, _)| kind)
        .ok_or_else(|| item.unreadable("an unknown kind".to_owned()))
}

/// What was read of one kind.
enum Found<'a> {
    /// All of its objects.
    All(Vec<&'a Item>),
    /// One object as it is now, or gone.
    One(Uuid, Option<&'a Item>),
}

impl Found<'_> {
    /// Brings the objects of a kind up to date.
    fn update<T: ConfigObject>(self, objects: &mut Arc<Objects<T>>) -> Result<(), TableError> {
        match self {
            Self::All(items) => *objects = Objects::read(items.into_iter())?,
            Self::One(_, Some(item)) => {
                let object = item.document()?;
                Arc::make_mut(objects).put(object);
            }
            Self::One(id, None) => Arc::make_mut(objects).remove(id),
        }
        Ok(())
    }
}

impl ConfigSnapshot {
    /// All objects of all kinds.
    pub(super) fn replace_all(&mut self, items: &[Item]) -> Result<(), TableError> {
        let mut by_kind: HashMap<Kind, Vec<&Item>> = HashMap::new();
        for item in items {
            by_kind.entry(kind_of(item)?).or_default().push(item);
        }
        for kind in Kind::CONFIGURATION {
            let items = by_kind.remove(&kind).unwrap_or_default();
            self.update(kind, Found::All(items))?;
        }
        Ok(())
    }

    /// All objects of one kind.
    pub(super) fn replace(&mut self, kind: Kind, items: &[Item]) -> Result<(), TableError> {
        self.update(kind, Found::All(items.iter().collect()))?;
        Ok(())
    }

    /// One object, by its sort key: as it is now, or gone. Whether there are
    /// objects of that kind at all.
    pub(super) fn refresh(&mut self, sk: &str, item: Option<&Item>) -> Result<bool, TableError> {
        match kind_and_id(sk) {
            Some((kind, id)) => self.update(kind, Found::One(id, item)),
            None => Ok(false),
        }
    }

    /// Takes in what was read of a kind. Whether it is one of the
    /// configuration.
    fn update(&mut self, kind: Kind, found: Found<'_>) -> Result<bool, TableError> {
        match kind {
            Kind::Application => found.update(&mut self.applications)?,
            Kind::Provider => found.update(&mut self.providers)?,
            Kind::PropertyMapping => found.update(&mut self.property_mappings)?,
            Kind::Policy => found.update(&mut self.policies)?,
            Kind::PolicyBinding => self.update_bindings(found)?,
            Kind::Flow => found.update(&mut self.flows)?,
            Kind::Source => found.update(&mut self.sources)?,
            Kind::Outpost => found.update(&mut self.outposts)?,
            Kind::Group => found.update(&mut self.groups)?,
            Kind::Node => found.update(&mut self.nodes)?,
            Kind::Edge => found.update(&mut self.edges)?,
            Kind::Stage
            | Kind::Endpoint
            | Kind::User
            | Kind::Session
            | Kind::Token
            | Kind::Connection
            | Kind::Event
            | Kind::Enrolment
            | Kind::Factor
            | Kind::Identity
            | Kind::Execution
            | Kind::Approval => return Ok(false),
        }
        Ok(true)
    }

    fn update_bindings(&mut self, found: Found<'_>) -> Result<(), TableError> {
        let Found::One(id, _) = found else {
            found.update(&mut self.policy_bindings)?;
            self.bindings_of = Arc::new(bindings_of(&self.policy_bindings));
            return Ok(());
        };
        let before = self.policy_bindings.get(id).cloned();
        found.update(&mut self.policy_bindings)?;
        let after = self.policy_bindings.get(id).cloned();
        let targets = [&before, &after].map(|binding| binding.as_ref().map(|one| one.target));
        let of_targets = Arc::make_mut(&mut self.bindings_of);
        for target in targets.into_iter().flatten() {
            let kept = of_targets
                .get(&target)
                .into_iter()
                .flat_map(|all| all.iter());
            let mut bindings: Vec<_> = kept.filter(|one| one.id.uuid() != id).cloned().collect();
            bindings.extend(after.clone().filter(|after| after.target == target));
            if bindings.is_empty() {
                of_targets.remove(&target);
            } else {
                of_targets.insert(target, in_order(bindings));
            }
        }
        Ok(())
    }

    pub(super) const fn versions(&self) -> &Versions {
        &self.versions
    }

    pub(super) fn set_versions(&mut self, versions: Versions) {
        self.versions = versions;
    }

    /// Its epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.versions.epoch
    }

    /// The applications.
    #[must_use]
    pub fn applications(&self) -> &Objects<Application> {
        &self.applications
    }

    /// The providers.
    #[must_use]
    pub fn providers(&self) -> &Objects<Provider> {
        &self.providers
    }

    /// The property mappings.
    #[must_use]
    pub fn property_mappings(&self) -> &Objects<PropertyMapping> {
        &self.property_mappings
    }

    /// The policies.
    #[must_use]
    pub fn policies(&self) -> &Objects<Policy> {
        &self.policies
    }

    /// The policy bindings.
    #[must_use]
    pub fn policy_bindings(&self) -> &Objects<PolicyBinding> {
        &self.policy_bindings
    }

    /// The bindings of an application, an endpoint or a stage, enabled or not,
    /// in the order of their evaluation.
    #[must_use]
    pub fn bindings_of(&self, target: Uuid) -> &[Arc<PolicyBinding>] {
        self.bindings_of.get(&target).map_or(&[], AsRef::as_ref)
    }

    /// The authorization flows.
    #[must_use]
    pub fn flows(&self) -> &Objects<Flow> {
        &self.flows
    }

    /// The identity providers that people sign in with.
    #[must_use]
    pub fn sources(&self) -> &Objects<Source> {
        &self.sources
    }

    /// The outposts.
    #[must_use]
    pub fn outposts(&self) -> &Objects<Outpost> {
        &self.outposts
    }

    /// The groups.
    #[must_use]
    pub fn groups(&self) -> &Objects<Group> {
        &self.groups
    }

    /// The nodes.
    #[must_use]
    pub fn nodes(&self) -> &Objects<Node> {
        &self.nodes
    }

    /// The edges.
    #[must_use]
    pub fn edges(&self) -> &Objects<Edge> {
        &self.edges
    }

    /// The application that a provider serves.
    #[must_use]
    pub fn application_of(&self, provider: ProviderId) -> Option<&Arc<Application>> {
        self.applications
            .iter()
            .find(|application| application.provider == provider)
    }

    /// The nodes of an outpost, by name.
    pub fn nodes_of(&self, outpost: OutpostId) -> impl Iterator<Item = &Arc<Node>> {
        self.nodes
            .iter()
            .filter(move |node| node.outpost == outpost)
    }
}
