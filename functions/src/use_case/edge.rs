//! Edges as administrators see them.

use causeway_model::object::{Edge, EventAction};
use causeway_table::{Batch, Change, EdgeState, ObjectChange, TableError};

use super::event::Entry;
use super::object::{DeleteError, Filter, ListError, Page, config_page};
use super::removed_member;
use super::selection::heard_since;
use crate::access::{Admin, Reader};
use crate::app::App;

/// An edge with what it last told.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveEdge {
    /// The edge.
    pub edge: Edge,
    /// Whether it was heard of in time.
    pub live: bool,
    /// What it last told; `None` when it never did.
    pub state: Option<EdgeState>,
}

/// A page of edges, by name.
///
/// # Errors
/// [`ListError`].
pub async fn list(
    app: &App,
    _reader: &Reader,
    filter: &Filter,
) -> Result<Page<LiveEdge>, ListError> {
    let snapshot = app.table().config().current().await?;
    // Names of edges are not unique; with the id they are.
    let named: Vec<(String, &Edge)> = snapshot
        .edges()
        .iter()
        .map(|edge| (format!("{}\u{0}{}", edge.name, edge.id), &**edge))
        .collect();
    let by_name = Filter {
        name: None,
        search: None,
        ..filter.clone()
    };
    let wanted = named.iter().filter(|(_, edge)| filter.takes(&edge.name));
    let page = config_page(wanted, |(key, _)| key, &by_name)?;
    let edges: Vec<&Edge> = page.items.into_iter().map(|(_, edge)| *edge).collect();
    Ok(Page {
        items: with_states(app, &edges).await?,
        next: page.next,
    })
}

/// One edge, by name or id.
///
/// # Errors
/// [`TableError`].
pub async fn find(
    app: &App,
    _reader: &Reader,
    reference: &str,
) -> Result<Option<LiveEdge>, TableError> {
    let snapshot = app.table().config().current().await?;
    let Some(edge) = snapshot.edges().resolve(reference) else {
        return Ok(None);
    };
    Ok(with_states(app, &[edge]).await?.pop())
}

/// Deletes an edge: its next heartbeat is refused, and nodes let go of it.
///
/// # Errors
/// [`DeleteError`].
pub async fn delete(app: &App, admin: &Admin, reference: &str) -> Result<(), DeleteError> {
    let snapshot = app.table().config().current().await?;
    let edge = snapshot
        .edges()
        .resolve(reference)
        .ok_or(DeleteError::NotFound)?;
    let entry = Entry::of_admin(admin, EventAction::Delete).on("edge", edge.id, &edge.name);
    let change = ObjectChange::Edge(Change::Delete(Edge::clone(edge)));
    removed_member::remember(app, &edge.public_key).await?;
    if let Err(error) = app.table().write(&[change], &[entry.event(app)]).await {
        removed_member::stays(app, &edge.public_key).await?;
        return Err(error.into());
    }
    app.table().edges().forget(edge.id).await?;
    Ok(())
}

async fn with_states(app: &App, edges: &[&Edge]) -> Result<Vec<LiveEdge>, TableError> {
    let mut batch = Batch::new();
    let slots: Vec<_> = edges.iter().map(|edge| batch.edge_state(edge.id)).collect();
    let answer = app.table().read(batch).await?;
    let mut found = Vec::with_capacity(edges.len());
    for (edge, slot) in edges.iter().zip(slots) {
        let state = answer.take(slot)?;
        let live = state
            .as_ref()
            .is_some_and(|state| state.heartbeat_at >= heard_since(app));
        found.push(LiveEdge {
            edge: Edge::clone(edge),
            live,
            state,
        });
    }
    Ok(found)
}
