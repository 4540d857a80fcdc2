//! What the kinds of the configuration have in common.

use causeway_model::object::{
    Application, Edge, Flow, Group, NODE_WEIGHT_DEFAULT, Node, Outpost, Policy, PolicyBinding,
    PropertyMapping, Provider, Source, Subject, TargetKind,
};
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
        let flow = self.authorization_flow.map(|id| (Kind::Flow, id.uuid()));
        once_each(mappings.chain(outposts).chain(flow))
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

impl ConfigObject for Policy {
    const KIND: Kind = Kind::Policy;

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

impl ConfigObject for PolicyBinding {
    const KIND: Kind = Kind::PolicyBinding;

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
        let target = match self.target_kind {
            TargetKind::Application => Some((Kind::Application, self.target)),
            // Endpoints are no configuration; a stage lives and dies with its
            // flow.
            TargetKind::Endpoint | TargetKind::Stage => None,
        };
        let subject = match self.subject {
            Subject::Policy(id) => Some((Kind::Policy, id.uuid())),
            Subject::Group(id) => Some((Kind::Group, id.uuid())),
            Subject::User(_) => None,
        };
        once_each(target.into_iter().chain(subject))
    }
}

impl ConfigObject for Flow {
    const KIND: Kind = Kind::Flow;

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

impl ConfigObject for Source {
    const KIND: Kind = Kind::Source;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }
    #[expect(clippy::misnamed_getters, reason = "a source is named by its slug")]
    fn name(&self) -> &str {
        &self.slug
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
        let operates = self.operates.iter();
        once_each(operates.map(|id| (Kind::Application, id.uuid())))
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
    /// A node has no version of its own: what an administrator sets of it tells
    /// one state from another, and 0 is how it enrols.
    fn revision(&self) -> u64 {
        u64::from(self.weight ^ NODE_WEIGHT_DEFAULT) << 1 | u64::from(self.drained)
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
