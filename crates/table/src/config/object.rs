//! What the kinds of the configuration have in common.

use causeway_model::object::{Application, Edge, Group, Node, Outpost, PropertyMapping, Provider};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::kind::Kind;

/// An object that is kept as configuration.
pub trait ConfigObject: Clone + Serialize + DeserializeOwned {
    /// Its kind.
    const KIND: Kind;
    /// Whether no two objects of the kind may have the same name.
    const UNIQUE_NAME: bool = true;

    /// Its id.
    fn uuid(&self) -> Uuid;
    /// Its name; an application's slug.
    fn name(&self) -> &str;
    /// Its version; 0 for kinds without one.
    fn revision(&self) -> u64;
    /// The configuration objects that it refers to, each once.
    fn references(&self) -> Vec<(Kind, Uuid)>;
}

impl ConfigObject for Application {
    const KIND: Kind = Kind::Application;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    #[expect(
        clippy::misnamed_getters,
        reason = "an application is named by its slug"
    )]
    fn name(&self) -> &str {
        &self.slug
    }
    fn revision(&self) -> u64 {
        self.meta.version
    }
    fn references(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Provider, self.provider.uuid())]
    }
}

impl ConfigObject for Provider {
    const KIND: Kind = Kind::Provider;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn revision(&self) -> u64 {
        self.meta.version
    }
    fn references(&self) -> Vec<(Kind, Uuid)> {
        let mappings = self
            .property_mappings
            .iter()
            .map(|id| (Kind::PropertyMapping, id.uuid()));
        let outposts = self.outposts.iter().map(|id| (Kind::Outpost, id.uuid()));
        once_each(mappings.chain(outposts))
    }
}

impl ConfigObject for PropertyMapping {
    const KIND: Kind = Kind::PropertyMapping;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn revision(&self) -> u64 {
        self.meta.version
    }
    fn references(&self) -> Vec<(Kind, Uuid)> {
        Vec::new()
    }
}

impl ConfigObject for Outpost {
    const KIND: Kind = Kind::Outpost;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn revision(&self) -> u64 {
        self.meta.version
    }
    fn references(&self) -> Vec<(Kind, Uuid)> {
        Vec::new()
    }
}

impl ConfigObject for Group {
    const KIND: Kind = Kind::Group;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn revision(&self) -> u64 {
        self.meta.version
    }
    fn references(&self) -> Vec<(Kind, Uuid)> {
        Vec::new()
    }
}

impl ConfigObject for Node {
    const KIND: Kind = Kind::Node;
    // Named after their hosts, of which several may run on one.
    const UNIQUE_NAME: bool = false;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn revision(&self) -> u64 {
        0
    }
    fn references(&self) -> Vec<(Kind, Uuid)> {
        vec![(Kind::Outpost, self.outpost.uuid())]
    }
}

impl ConfigObject for Edge {
    const KIND: Kind = Kind::Edge;
    const UNIQUE_NAME: bool = false;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn revision(&self) -> u64 {
        0
    }
    fn references(&self) -> Vec<(Kind, Uuid)> {
        Vec::new()
    }
}

/// Each reference once, in a fixed order.
pub(crate) fn once_each(references: impl Iterator<Item = (Kind, Uuid)>) -> Vec<(Kind, Uuid)> {
    references
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect()
}
