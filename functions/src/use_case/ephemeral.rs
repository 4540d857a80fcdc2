//! Members that come and go with their task: they joined by a role and are
//! forgotten some minutes after they were lost. Nobody else would delete them.
//!
//! While the control plane itself is away, nobody is heard of. So a member is
//! forgotten only when it was lost before and is still lost some time later,
//! with the control plane at work in between.

use causeway_model::object::{Edge, EventAction, Node, Outcome};
use causeway_table::{Batch, Change, ConfigSnapshot, ObjectChange, TableError};
use causeway_trust::MemberId;
use jiff::Timestamp;

use super::event::Entry;
use crate::app::App;

/// Members that joined by a role and were not heard of for
/// [`crate::Config::ephemeral_kept`].
///
/// # Errors
/// [`TableError`].
pub async fn lost(app: &App) -> Result<Vec<MemberId>, TableError> {
    let snapshot = app.table().config().current().await?;
    let (nodes, edges) = ephemeral(&snapshot);
    let mut batch = Batch::new();
    let nodes: Vec<_> = nodes
        .map(|node| (node, batch.node_state(node.id)))
        .collect();
    let edges: Vec<_> = edges
        .map(|edge| (edge, batch.edge_state(edge.id)))
        .collect();
    let answer = app.table().read(batch).await?;
    let since = app
        .now()
        .saturating_sub(app.config().ephemeral_kept)
        .unwrap_or(Timestamp::MIN);
    let is_lost = |heard: Option<Timestamp>, enrolled: Timestamp| {
        heard.unwrap_or(enrolled).max(enrolled) < since
    };
    let mut lost = Vec::new();
    for (node, slot) in nodes {
        let heard = answer.take(slot)?.map(|state| state.load.heartbeat_at);
        if is_lost(heard, node.enrolled_at) {
            lost.push(node.id.into());
        }
    }
    for (edge, slot) in edges {
        let heard = answer.take(slot)?.map(|state| state.heartbeat_at);
        if is_lost(heard, edge.enrolled_at) {
            lost.push(edge.id.into());
        }
    }
    Ok(lost)
}

fn ephemeral(
    snapshot: &ConfigSnapshot,
) -> (impl Iterator<Item = &Node>, impl Iterator<Item = &Edge>) {
    let nodes = snapshot.nodes().iter().map(|node| &**node);
    let edges = snapshot.edges().iter().map(|edge| &**edge);
    (
        nodes.filter(|node| node.ephemeral),
        edges.filter(|edge| edge.ephemeral),
    )
}

/// Forgets those of `candidates` that are lost still, and says how many those
/// were. One that cannot be deleted now, e.g. because it still holds
/// connections, is left for the next time.
///
/// # Errors
/// [`TableError`].
pub async fn forget(app: &App, candidates: &[MemberId]) -> Result<usize, TableError> {
    if candidates.is_empty() {
        return Ok(0);
    }
    let still_lost = lost(app).await?;
    let snapshot = app.table().config().current().await?;
    let mut forgotten = 0;
    for member in still_lost {
        if candidates.contains(&member) {
            forgotten += usize::from(forget_one(app, &snapshot, member).await?);
        }
    }
    Ok(forgotten)
}

async fn forget_one(
    app: &App,
    snapshot: &ConfigSnapshot,
    member: MemberId,
) -> Result<bool, TableError> {
    let entry = Entry::new(EventAction::Delete, Outcome::Success).detail("lost");
    let (entry, change) = match member {
        MemberId::Node(id) => {
            let Some(node) = snapshot.nodes().get(id.uuid()) else {
                return Ok(false);
            };
            (
                entry.by(&node.name).on("node", node.id, &node.name),
                ObjectChange::Node(Change::Delete(Node::clone(node))),
            )
        }
        MemberId::Edge(id) => {
            let Some(edge) = snapshot.edges().get(id.uuid()) else {
                return Ok(false);
            };
            (
                entry.by(&edge.name).on("edge", edge.id, &edge.name),
                ObjectChange::Edge(Change::Delete(Edge::clone(edge))),
            )
        }
    };
    if let Err(error) = app.table().write(&[change], &[entry.event(app)]).await {
        tracing::info!(%member, %error, "a lost member stays for now");
        return Ok(false);
    }
    if let MemberId::Edge(id) = member {
        app.table().edges().forget(id).await?;
    }
    tracing::info!(%member, "forgot a lost member");
    Ok(true)
}
