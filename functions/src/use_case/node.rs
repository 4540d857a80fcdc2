//! Nodes as administrators see them.

use std::collections::BTreeSet;

use causeway_model::id::{EdgeId, NodeId};
use causeway_model::object::{EventAction, NODE_WEIGHT_MAX, Node, NodeHealth, NodeLoad};
use causeway_model::placement::{NodeView, health as judge};
use causeway_table::{Batch, Change, ConfigSnapshot, ObjectChange, TableError, WriteError};

use super::event::Entry;
use super::launch::live_edges;
use super::object::{DeleteError, Filter, ListError, Page, config_page};
use super::removed_member;
use super::selection::heard_since;
use crate::access::{Admin, Reader};
use crate::app::App;

/// How often a change is made again on top of somebody else's.
const CHANGES_MAX: u32 = 8;

/// A node with what it last told.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveNode {
    /// The node; the capacity is what it last told.
    pub node: Node,
    /// Whether it can be chosen.
    pub health: NodeHealth,
    /// What it last told; `None` when it never did.
    pub load: Option<NodeLoad>,
}

/// A page of nodes, by name.
///
/// # Errors
/// [`ListError`].
pub async fn list(
    app: &App,
    _reader: &Reader,
    filter: &Filter,
) -> Result<Page<LiveNode>, ListError> {
    let snapshot = app.table().config().current().await?;
    // Names of nodes are not unique; with the id they are.
    let named: Vec<(String, &Node)> = snapshot
        .nodes()
        .iter()
        .map(|node| (format!("{}\u{0}{}", node.name, node.id), &**node))
        .collect();
    let by_name = Filter {
        name: None,
        search: None,
        ..filter.clone()
    };
    let wanted = named.iter().filter(|(_, node)| filter.takes(&node.name));
    let page = config_page(wanted, |(key, _)| key, &by_name)?;
    let nodes: Vec<&Node> = page.items.into_iter().map(|(_, node)| *node).collect();
    Ok(Page {
        items: with_loads(app, &snapshot, &nodes).await?,
        next: page.next,
    })
}

/// One node, by name or id.
///
/// # Errors
/// [`TableError`].
pub async fn find(
    app: &App,
    _reader: &Reader,
    reference: &str,
) -> Result<Option<LiveNode>, TableError> {
    let snapshot = app.table().config().current().await?;
    let Some(node) = snapshot.nodes().resolve(reference) else {
        return Ok(None);
    };
    Ok(with_loads(app, &snapshot, &[node]).await?.pop())
}

/// Whether a node can be chosen; `None` when there is no such node. For the
/// process that runs it.
///
/// # Errors
/// [`TableError`].
pub async fn health(app: &App, id: NodeId) -> Result<Option<NodeHealth>, TableError> {
    let found = find(app, Admin::operator().reader(), &id.to_string()).await?;
    Ok(found.map(|node| node.health))
}

/// What an administrator sets of a node. What is left out stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NodeChange {
    /// Its share of the load, from 1 to 10,000.
    pub weight: Option<u32>,
    /// Whether it takes no new connections.
    pub drained: Option<bool>,
}

/// Why a node was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such node.
    #[error("there is no such node")]
    NotFound,
    /// The weight is none.
    #[error("the weight is not from 1 to {NODE_WEIGHT_MAX}")]
    Weight,
    /// The table did not take it.
    #[error("the node could not be changed")]
    Write(#[from] WriteError),
    /// The table did not answer.
    #[error("the node could not be read")]
    Table(#[from] TableError),
}

/// Changes what an administrator sets of a node. Of two at once neither undoes
/// what the other did: the later one is made again on top of the earlier.
///
/// # Errors
/// [`ChangeError`].
pub async fn change(
    app: &App,
    admin: &Admin,
    reference: &str,
    change: NodeChange,
) -> Result<LiveNode, ChangeError> {
    if change
        .weight
        .is_some_and(|weight| !(1..=NODE_WEIGHT_MAX).contains(&weight))
    {
        return Err(ChangeError::Weight);
    }
    for attempt in 1.. {
        let snapshot = app.table().config().current().await?;
        let before = snapshot.nodes().resolve(reference);
        let before = before.ok_or(ChangeError::NotFound)?;
        let after = Node {
            weight: change.weight.unwrap_or(before.weight),
            drained: change.drained.unwrap_or(before.drained),
            ..Node::clone(before)
        };
        match write(app, admin, before, &after).await {
            Err(WriteError::VersionChanged { .. }) if attempt < CHANGES_MAX => {}
            written => {
                written?;
                let found = with_loads(app, &snapshot, &[&after]).await?.pop();
                return found.ok_or(ChangeError::NotFound);
            }
        }
    }
    Err(ChangeError::NotFound)
}

async fn write(app: &App, admin: &Admin, before: &Node, after: &Node) -> Result<(), WriteError> {
    if before == after {
        return Ok(());
    }
    let mut said = Vec::new();
    if before.weight != after.weight {
        said.push(format!("weight {}", after.weight));
    }
    if before.drained != after.drained {
        said.push(
            if after.drained {
                "drained"
            } else {
                "not drained"
            }
            .to_owned(),
        );
    }
    let entry = Entry::of_admin(admin, EventAction::Update)
        .on("node", after.id, &after.name)
        .detail(&said.join(", "));
    let change = ObjectChange::Node(Change::Update {
        before: before.clone(),
        after: after.clone(),
    });
    app.table().write(&[change], &[entry.event(app)]).await
}

/// Deletes a node: its next request is refused, and with it its tunnels end.
/// Connections that it holds must be ended first.
///
/// # Errors
/// [`DeleteError`].
pub async fn delete(app: &App, admin: &Admin, reference: &str) -> Result<(), DeleteError> {
    let snapshot = app.table().config().current().await?;
    let node = snapshot
        .nodes()
        .resolve(reference)
        .ok_or(DeleteError::NotFound)?;
    let entry = Entry::of_admin(admin, EventAction::Delete).on("node", node.id, &node.name);
    let change = ObjectChange::Node(Change::Delete(Node::clone(node)));
    removed_member::remember(app, &node.public_key).await?;
    if let Err(error) = app.table().write(&[change], &[entry.event(app)]).await {
        removed_member::stays(app, &node.public_key).await?;
        return Err(error.into());
    }
    Ok(())
}

async fn with_loads(
    app: &App,
    snapshot: &ConfigSnapshot,
    nodes: &[&Node],
) -> Result<Vec<LiveNode>, TableError> {
    let mut batch = Batch::new();
    let edges: Vec<_> = snapshot
        .edges()
        .iter()
        .map(|edge| (edge.id, batch.edge_state(edge.id)))
        .collect();
    let slots: Vec<_> = nodes.iter().map(|node| batch.node_state(node.id)).collect();
    let answer = app.table().read(batch).await?;
    let mut states = Vec::with_capacity(edges.len());
    for (id, slot) in edges {
        states.extend(answer.take(slot)?.map(|state| (id, state)));
    }
    let live: BTreeSet<EdgeId> = live_edges(app, &states);
    let mut found = Vec::with_capacity(nodes.len());
    for (node, slot) in nodes.iter().zip(slots) {
        let state = answer.take(slot)?;
        let capacity = state.as_ref().map_or(node.capacity, |state| state.capacity);
        let node = Node {
            capacity,
            ..Node::clone(node)
        };
        let load = state.map(|state| state.load);
        let view = NodeView {
            node: &node,
            load: load.as_ref(),
            on_their_way: 0,
        };
        let health = judge(view, &live, heard_since(app));
        found.push(LiveNode { node, health, load });
    }
    Ok(found)
}
