//! The changes that callers ask for.

use causeway_model::object::{
    Application, Edge, Endpoint, Flow, Group, Node, Outpost, Policy, PolicyBinding,
    PropertyMapping, Provider, Source, User,
};
use serde::{Deserialize, Serialize};

use super::cascade::required;
use super::config::{config_object, node_load, provider_slot};
use super::endpoint::endpoint;
use super::plan::Plan;
use super::user::user;
use crate::error::WriteError;
use crate::secret::PasswordHash;

/// What happens to one object. The caller sets id, version and times of what
/// is to be written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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

    pub(super) const fn object(&self) -> &T {
        match self {
            Self::Create(object) | Self::Delete(object) => object,
            Self::Update { after, .. } => after,
        }
    }
}

/// A change of an object of any kind. It is written down only in the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum ObjectChange {
    /// Of an application.
    Application(Change<Application>),
    /// Of a provider.
    Provider(Change<Provider>),
    /// Of a property mapping.
    PropertyMapping(Change<PropertyMapping>),
    /// Of a policy.
    Policy(Change<Policy>),
    /// Of a policy binding.
    PolicyBinding(Change<PolicyBinding>),
    /// Of a flow.
    Flow(Change<Flow>),
    /// Of a source.
    Source(Change<Source>),
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
    User(
        Change<User>,
        #[serde(with = "crate::secret::at_rest")] Option<PasswordHash>,
    ),
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
    Policy,
    PolicyBinding,
    Flow,
    Source,
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
    /// Whether it is of an object that is kept as configuration.
    pub(super) const fn is_configuration(&self) -> bool {
        match self {
            Self::Application(_)
            | Self::Provider(_)
            | Self::PropertyMapping(_)
            | Self::Policy(_)
            | Self::PolicyBinding(_)
            | Self::Flow(_)
            | Self::Source(_)
            | Self::Outpost(_)
            | Self::Group(_)
            | Self::Node(_)
            | Self::Edge(_) => true,
            Self::Endpoint(_) | Self::User(..) => false,
        }
    }

    pub(super) fn add_to(&self, plan: &mut Plan) -> Result<(), WriteError> {
        match self {
            Self::Application(change) => {
                config_object(plan, change)?;
                provider_slot(plan, change)
            }
            Self::Provider(change) => config_object(plan, change),
            Self::PropertyMapping(change) => config_object(plan, change),
            Self::Policy(change) => config_object(plan, change),
            Self::PolicyBinding(change) => {
                config_object(plan, change)?;
                required(plan, change);
                Ok(())
            }
            Self::Flow(change) => config_object(plan, change),
            Self::Source(change) => config_object(plan, change),
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
