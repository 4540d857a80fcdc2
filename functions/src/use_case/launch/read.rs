//! What a launch must know, in one read.

use std::collections::BTreeSet;
use std::sync::Arc;

use causeway_model::id::{ApplicationId, EdgeId, EndpointId, NodeId};
use causeway_model::object::{Application, Endpoint, Flow, Outpost, Provider};
use causeway_table::{
    Batch, ConfigSnapshot, EdgeState, EndpointKey, Epoch, LaunchKeys, LaunchRead, NodeState,
};

use super::ticket::live_edges;
use super::{Launch, LaunchError};
use crate::access::{Caller, admit};
use crate::app::App;
use crate::credential::Credential;
use crate::use_case::event::Entry;
use crate::use_case::selection::FleetNode;

/// How often the configuration may change while it is read.
const READS_MAX: usize = 4;

/// All that a launch is decided by.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) caller: Caller,
    pub(crate) snapshot: Arc<ConfigSnapshot>,
    pub(crate) application: Arc<Application>,
    pub(crate) provider: Arc<Provider>,
    pub(crate) endpoint: Endpoint,
    /// Nodes of the provider's outposts.
    pub(crate) nodes: Vec<FleetNode>,
    pub(crate) live_edges: BTreeSet<EdgeId>,
}

impl Facts {
    /// The flow that its provider asks; `None` when nothing is asked.
    ///
    /// # Errors
    /// [`LaunchError::Contended`] when the configuration names one that it does
    /// not hold: it is being changed, and nobody gets past a flow that way.
    pub(crate) fn flow(&self) -> Result<Option<Arc<Flow>>, LaunchError> {
        let Some(id) = self.provider.authorization_flow else {
            return Ok(None);
        };
        let flow = self.snapshot.flows().get(id.uuid());
        let flow = flow.ok_or(LaunchError::Contended)?;
        Ok((!flow.stages.is_empty()).then(|| Arc::clone(flow)))
    }

    /// An entry of the audit trail about this user and endpoint.
    pub(crate) fn about(&self, entry: Entry) -> Entry {
        entry
            .by(&self.caller.user().username)
            .address(self.caller.address())
            .on("endpoint", self.endpoint.id, &self.endpoint.name)
    }

    /// The outposts that serve the provider.
    pub(crate) fn outposts(&self) -> Vec<&Outpost> {
        let ids = self.provider.outposts.iter();
        ids.filter_map(|id| self.snapshot.outposts().get(id.uuid()))
            .map(|found| &**found)
            .collect()
    }
}

/// What is to be launched, and by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// Who asks; not yet checked.
    pub(crate) credential: &'a Credential,
    /// The application.
    pub(crate) application: ApplicationKey<'a>,
    /// Id or name of the endpoint.
    pub(crate) endpoint: &'a str,
    /// Where from; empty when unknown.
    pub(crate) address: &'a str,
}

/// Names an application.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ApplicationKey<'a> {
    /// By its slug, as people do.
    Slug(&'a str),
    /// By its id, as plans do: it stays the same when the slug is changed.
    Id(ApplicationId),
}

impl<'a> From<&Launch<'a>> for Target<'a> {
    fn from(asked: &Launch<'a>) -> Self {
        Self {
            credential: asked.credential,
            application: ApplicationKey::Slug(asked.application),
            endpoint: asked.endpoint,
            address: asked.address,
        }
    }
}

/// Reads who asks, what for, and what the nodes have to do. The configuration
/// in memory says which keys to read; if it turns out to be old, it is reloaded
/// and the keys are read again.
///
/// # Errors
/// [`LaunchError`].
pub(crate) async fn facts(app: &App, asked: &Target<'_>) -> Result<Facts, LaunchError> {
    let config = app.table().config();
    let mut snapshot = match config.cached() {
        Some(snapshot) => snapshot,
        None => config.current().await?,
    };
    for _ in 0..READS_MAX {
        let Some(target) = Known::of(&snapshot, asked.application) else {
            // Not known in memory: perhaps memory is old. Only who is signed
            // in may learn that an application does not exist.
            let epoch = signed_in_epoch(app, asked, &snapshot).await?;
            if epoch == snapshot.epoch() {
                return Err(LaunchError::ApplicationNotFound);
            }
            snapshot = config.at(epoch).await?;
            continue;
        };
        let read = read(app, asked, &target).await?;
        let caller = admit(
            read.authenticated,
            asked.credential,
            app.now(),
            asked.address,
            &snapshot,
        )?;
        if read.epoch != snapshot.epoch() {
            snapshot = config.at(read.epoch).await?;
            continue;
        }
        let endpoint = read
            .endpoint
            .filter(|endpoint| endpoint.provider == target.provider.id)
            .ok_or(LaunchError::EndpointNotFound)?;
        let nodes = with_loads(&snapshot, read.nodes);
        let live_edges = live_edges(app, &read.edges);
        let Known {
            application,
            provider,
            ..
        } = target;
        return Ok(Facts {
            caller,
            snapshot,
            application,
            provider,
            endpoint,
            nodes,
            live_edges,
        });
    }
    Err(LaunchError::Contended)
}

/// What the configuration says about an application.
struct Known {
    application: Arc<Application>,
    provider: Arc<Provider>,
    nodes: Vec<NodeId>,
    edges: Vec<EdgeId>,
}

impl Known {
    fn of(snapshot: &ConfigSnapshot, key: ApplicationKey<'_>) -> Option<Self> {
        let applications = snapshot.applications();
        let application = match key {
            ApplicationKey::Slug(slug) => applications.named(slug)?.clone(),
            ApplicationKey::Id(id) => applications.get(id.uuid())?.clone(),
        };
        let provider = snapshot
            .providers()
            .get(application.provider.uuid())?
            .clone();
        let nodes = provider
            .outposts
            .iter()
            .flat_map(|outpost| snapshot.nodes_of(*outpost))
            .map(|node| node.id)
            .collect();
        let edges = snapshot.edges().iter().map(|edge| edge.id).collect();
        Some(Self {
            application,
            provider,
            nodes,
            edges,
        })
    }
}

async fn read(app: &App, asked: &Target<'_>, target: &Known) -> Result<LaunchRead, LaunchError> {
    let endpoint = match asked.endpoint.parse::<EndpointId>() {
        Ok(id) => EndpointKey::Id(id),
        Err(_) => EndpointKey::Name(target.provider.id, asked.endpoint),
    };
    let keys = LaunchKeys {
        user: asked.credential.user,
        credential: asked.credential.key,
        endpoint,
        nodes: &target.nodes,
        edges: &target.edges,
    };
    Ok(app.table().launch_read(keys).await?)
}

async fn signed_in_epoch(
    app: &App,
    asked: &Target<'_>,
    snapshot: &ConfigSnapshot,
) -> Result<Epoch, LaunchError> {
    let mut batch = Batch::new();
    let slot = batch.epoch();
    let table = app.table();
    let (found, answer) = table
        .authenticate(asked.credential.user, asked.credential.key, batch)
        .await?;
    admit(found, asked.credential, app.now(), asked.address, snapshot)?;
    Ok(answer.take(slot)?.unwrap_or_default())
}

fn with_loads(snapshot: &ConfigSnapshot, states: Vec<(NodeId, NodeState)>) -> Vec<FleetNode> {
    let with_node = |(id, state): (NodeId, NodeState)| {
        let node = snapshot.nodes().get(id.uuid())?;
        Some(FleetNode::new(node, state))
    };
    states.into_iter().filter_map(with_node).collect()
}

/// What edges last told.
pub(crate) type EdgeStates = [(EdgeId, EdgeState)];
