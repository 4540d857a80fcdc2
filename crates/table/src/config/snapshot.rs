//! The whole configuration as it was at one epoch.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use causeway_model::id::{OutpostId, ProviderId};
use causeway_model::object::{
    Application, Edge, Flow, Group, Node, Outpost, Policy, PolicyBinding, PropertyMapping,
    Provider, Source,
};
use uuid::Uuid;

use super::{ConfigObject, Epoch, Versions};
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

    fn read<'a>(items: impl Iterator<Item = &'a Item>) -> Result<Arc<Self>, TableError> {
        let mut objects = Self::default();
        for item in items {
            objects.insert(item.document()?);
        }
        Ok(Arc::new(objects))
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
type BindingsOf = HashMap<Uuid, Vec<Arc<PolicyBinding>>>;

fn bindings_of(bindings: &Objects<PolicyBinding>) -> BindingsOf {
    let mut all = BindingsOf::new();
    for binding in bindings.iter() {
        let of_target = all.entry(binding.target).or_default();
        of_target.push(Arc::clone(binding));
    }
    for bindings in all.values_mut() {
        bindings.sort_by_key(|binding| (binding.order, binding.id));
    }
    all
}

/// The kind that an item of the configuration holds.
fn kind_of(item: &Item) -> Result<Kind, TableError> {
    let name = item.text(SK)?.split_once('#').map(|(kind, _)| kind);
    Kind::CONFIGURATION
        .into_iter()
        .find(|kind| Some(kind.in_keys()) == name)
        .ok_or_else(|| item.unreadable("an unknown kind".to_owned()))
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
            self.replace_by(kind, items.into_iter())?;
        }
        Ok(())
    }

    /// All objects of one kind.
    pub(super) fn replace(&mut self, kind: Kind, items: &[Item]) -> Result<(), TableError> {
        self.replace_by(kind, items.iter())
    }

    fn replace_by<'a>(
        &mut self,
        kind: Kind,
        items: impl Iterator<Item = &'a Item>,
    ) -> Result<(), TableError> {
        match kind {
            Kind::Application => self.applications = Objects::read(items)?,
            Kind::Provider => self.providers = Objects::read(items)?,
            Kind::PropertyMapping => self.property_mappings = Objects::read(items)?,
            Kind::Policy => self.policies = Objects::read(items)?,
            Kind::PolicyBinding => {
                self.policy_bindings = Objects::read(items)?;
                self.bindings_of = Arc::new(bindings_of(&self.policy_bindings));
            }
            Kind::Flow => self.flows = Objects::read(items)?,
            Kind::Source => self.sources = Objects::read(items)?,
            Kind::Outpost => self.outposts = Objects::read(items)?,
            Kind::Group => self.groups = Objects::read(items)?,
            Kind::Node => self.nodes = Objects::read(items)?,
            Kind::Edge => self.edges = Objects::read(items)?,
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
            | Kind::Approval => {}
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
        self.bindings_of.get(&target).map_or(&[], Vec::as_slice)
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
