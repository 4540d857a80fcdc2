//! The whole configuration as it was at one epoch.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use causeway_model::id::{OutpostId, ProviderId};
use causeway_model::object::{
    Application, Edge, Flow, Group, Node, Outpost, Policy, PolicyBinding, PropertyMapping,
    Provider, Source,
};
use uuid::Uuid;

use super::{ConfigObject, Epoch};
use crate::error::TableError;
use crate::item::Item;
use crate::key::SK;
use crate::kind::Kind;

/// All objects of one kind.
#[derive(Debug, Clone)]
pub struct Objects<T> {
    by_id: HashMap<Uuid, Arc<T>>,
    by_name: BTreeMap<(String, Uuid), Arc<T>>,
}

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self {
            by_id: HashMap::new(),
            by_name: BTreeMap::new(),
        }
    }
}

impl<T: ConfigObject> Objects<T> {
    fn insert(&mut self, object: T) {
        let object = Arc::new(object);
        let name = (object.name().to_owned(), object.uuid());
        self.by_id.insert(object.uuid(), Arc::clone(&object));
        self.by_name.insert(name, object);
    }

    /// The object with this id, given as its typed id's `uuid()`.
    #[must_use]
    pub fn get(&self, id: Uuid) -> Option<&Arc<T>> {
        self.by_id.get(&id)
    }

    /// The object with this name; of several (nodes, edges) the one with the
    /// lowest id.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<T>> {
        self.by_name
            .range((name.to_owned(), Uuid::nil())..)
            .next()
            .filter(|((found, _), _)| found == name)
            .map(|(_, object)| object)
    }

    /// The object that a reference means: a name or else an id.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<&Arc<T>> {
        self.named(reference).or_else(|| {
            let id = Uuid::try_parse(reference).ok()?;
            self.get(id)
        })
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.by_name.values()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

/// The whole configuration at one epoch.
#[derive(Debug, Clone, Default)]
pub struct ConfigSnapshot {
    epoch: Epoch,
    applications: Objects<Application>,
    providers: Objects<Provider>,
    property_mappings: Objects<PropertyMapping>,
    policies: Objects<Policy>,
    policy_bindings: Objects<PolicyBinding>,
    bindings_of: HashMap<Uuid, Vec<Arc<PolicyBinding>>>,
    flows: Objects<Flow>,
    sources: Objects<Source>,
    outposts: Objects<Outpost>,
    groups: Objects<Group>,
    nodes: Objects<Node>,
    edges: Objects<Edge>,
}

impl ConfigSnapshot {
    pub(super) fn read(epoch: Epoch, items: &[Item]) -> Result<Self, TableError> {
        let mut snapshot = Self {
            epoch,
            ..Self::default()
        };
        for item in items {
            snapshot.insert(item)?;
        }
        snapshot.sort_bindings();
        Ok(snapshot)
    }

    /// Finds the bindings of each target, in the order of their evaluation.
    fn sort_bindings(&mut self) {
        for binding in self.policy_bindings.iter() {
            let of_target = self.bindings_of.entry(binding.target).or_default();
            of_target.push(Arc::clone(binding));
        }
        for bindings in self.bindings_of.values_mut() {
            bindings.sort_by_key(|binding| (binding.order, binding.id));
        }
    }

    fn insert(&mut self, item: &Item) -> Result<(), TableError> {
        let kind = item.text(SK)?.split_once('#').map(|(kind, _)| kind);
        match kind.and_then(Kind::of_config) {
            Some(Kind::Application) => self.applications.insert(item.document()?),
            Some(Kind::Provider) => self.providers.insert(item.document()?),
            Some(Kind::PropertyMapping) => self.property_mappings.insert(item.document()?),
            Some(Kind::Policy) => self.policies.insert(item.document()?),
            Some(Kind::PolicyBinding) => self.policy_bindings.insert(item.document()?),
            Some(Kind::Flow) => self.flows.insert(item.document()?),
            Some(Kind::Source) => self.sources.insert(item.document()?),
            Some(Kind::Outpost) => self.outposts.insert(item.document()?),
            Some(Kind::Group) => self.groups.insert(item.document()?),
            Some(Kind::Node) => self.nodes.insert(item.document()?),
            Some(Kind::Edge) => self.edges.insert(item.document()?),
            _ => return Err(item.unreadable("an unknown kind".to_owned())),
        }
        Ok(())
    }

    /// Its epoch.
    #[must_use]
    pub const fn epoch(&self) -> Epoch {
        self.epoch
    }

    /// The applications.
    #[must_use]
    pub const fn applications(&self) -> &Objects<Application> {
        &self.applications
    }

    /// The providers.
    #[must_use]
    pub const fn providers(&self) -> &Objects<Provider> {
        &self.providers
    }

    /// The property mappings.
    #[must_use]
    pub const fn property_mappings(&self) -> &Objects<PropertyMapping> {
        &self.property_mappings
    }

    /// The policies.
    #[must_use]
    pub const fn policies(&self) -> &Objects<Policy> {
        &self.policies
    }

    /// The policy bindings.
    #[must_use]
    pub const fn policy_bindings(&self) -> &Objects<PolicyBinding> {
        &self.policy_bindings
    }

    /// The bindings of an application, an endpoint or a stage, enabled or not,
    /// in the order of their evaluation.
    #[must_use]
    pub fn bindings_of(&self, target: Uuid) -> &[Arc<PolicyBinding>] {
        self.bindings_of.get(&target).map_or(&[], Vec::as_slice)
    }

    /// The authorization flows.
    #[must_use]
    pub const fn flows(&self) -> &Objects<Flow> {
        &self.flows
    }

    /// The identity providers that people sign in with.
    #[must_use]
    pub const fn sources(&self) -> &Objects<Source> {
        &self.sources
    }

    /// The outposts.
    #[must_use]
    pub const fn outposts(&self) -> &Objects<Outpost> {
        &self.outposts
    }

    /// The groups.
    #[must_use]
    pub const fn groups(&self) -> &Objects<Group> {
        &self.groups
    }

    /// The nodes.
    #[must_use]
    pub const fn nodes(&self) -> &Objects<Node> {
        &self.nodes
    }

    /// The edges.
    #[must_use]
    pub const fn edges(&self) -> &Objects<Edge> {
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
