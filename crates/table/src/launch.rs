//! Everything that a launch decides on, in one round trip.

use causeway_model::id::{EdgeId, EndpointId, NodeId, ProviderId, UserId};
use causeway_model::object::Endpoint;

use crate::batch::Batch;
use crate::config::Epoch;
use crate::credential::Credential;
use crate::error::TableError;
use crate::fleet::{EdgeState, NodeState};
use crate::table::Table;
use crate::users::Authenticated;

/// How a launch names its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointKey<'a> {
    /// By id.
    Id(EndpointId),
    /// By name in its provider.
    Name(ProviderId, &'a str),
}

/// What a launch needs to know.
#[derive(Debug, Clone, Copy)]
pub struct LaunchKeys<'a> {
    /// Who launches.
    pub user: UserId,
    /// With which session or token.
    pub credential: Credential,
    /// What.
    pub endpoint: EndpointKey<'a>,
    /// The nodes that may hold it, from the configuration last seen.
    pub nodes: &'a [NodeId],
    /// The edges that may carry it, likewise.
    pub edges: &'a [EdgeId],
}

/// What a launch decides on.
#[derive(Debug, Clone, PartialEq)]
pub struct LaunchRead {
    /// The user and the credential, unchecked; `None` unless both exist.
    pub authenticated: Option<Authenticated>,
    /// The version of the configuration. When it is not the one that nodes and
    /// edges were taken from, load the configuration and read again.
    pub epoch: Epoch,
    /// The endpoint, if there is one so named. It may be another provider's
    /// when it was named by id.
    pub endpoint: Option<Endpoint>,
    /// The nodes that have a load.
    pub nodes: Vec<(NodeId, NodeState)>,
    /// The edges that have been heard of.
    pub edges: Vec<(EdgeId, EdgeState)>,
}

impl Table {
    /// Reads what a launch decides on: one round trip for up to some 90 nodes
    /// and edges.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn launch_read(&self, keys: LaunchKeys<'_>) -> Result<LaunchRead, TableError> {
        let mut batch = Batch::new();
        let epoch = batch.epoch();
        let endpoint = match keys.endpoint {
            EndpointKey::Id(id) => batch.endpoint(id),
            EndpointKey::Name(provider, name) => batch.endpoint_named(provider, name),
        };
        let nodes: Vec<_> = keys
            .nodes
            .iter()
            .map(|id| (*id, batch.node_state(*id)))
            .collect();
        let edges: Vec<_> = keys
            .edges
            .iter()
            .map(|id| (*id, batch.edge_state(*id)))
            .collect();
        let (authenticated, answer) = self.authenticate(keys.user, keys.credential, batch).await?;

        let mut node_states = Vec::with_capacity(nodes.len());
        for (id, slot) in nodes {
            node_states.extend(answer.take(slot)?.map(|state| (id, state)));
        }
        let mut edge_states = Vec::with_capacity(edges.len());
        for (id, slot) in edges {
            edge_states.extend(answer.take(slot)?.map(|state| (id, state)));
        }
        Ok(LaunchRead {
            authenticated,
            epoch: answer.take(epoch)?.unwrap_or_default(),
            endpoint: answer.take(endpoint)?,
            nodes: node_states,
            edges: edge_states,
        })
    }
}
