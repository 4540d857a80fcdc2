//! Nodes as administrators see them.

use std::collections::BTreeSet;

use causeway_model::id::{EdgeId, NodeId};
use causeway_model::object::{EventAction, Node, NodeHealth, NodeLoad};
use causeway_model::placement::{NodeView, health as judge};
use causeway_table::{Batch, Change, ConfigSnapshot, ObjectChange, TableError};

use super::event::Entry;
use super::launch::{heard_since, live_edges};
use super::object::{DeleteError, Filter, ListError, Page, config_page};
use crate::access::{Admin, Reader};
use crate::app::App;

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
    app.table().write(&[change], &[entry.event(app)]).await?;
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
        };
        let health = judge(view, &live, heard_since(app));
        found.push(LiveNode { node, health, load });
    }
    Ok(found)
}
