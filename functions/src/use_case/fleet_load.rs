//! How full the fleet is, for whoever adds machines to it and takes them away.

use std::collections::BTreeMap;

use causeway_table::{Batch, TableError};

use super::selection::heard_since;
use crate::app::App;

/// How full the fleet is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetLoad {
    /// Each outpost by name, those without a node too.
    pub outposts: BTreeMap<String, OutpostLoad>,
    /// Nodes that were heard of in time.
    pub nodes_alive: u32,
    /// Edges that were heard of in time.
    pub edges_alive: u32,
}

/// How full one outpost is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutpostLoad {
    /// Nodes that were heard of in time and take new connections.
    pub nodes: u32,
    /// What these take at once.
    pub places: u32,
    /// What they have.
    pub sessions: u32,
}

impl OutpostLoad {
    /// Sessions of a hundred places. Without a place it is 100: whoever adds
    /// nodes by this figure is to add the first.
    #[must_use]
    pub fn percent(self) -> u32 {
        match self.places {
            0 => 100,
            places => u32::try_from(u64::from(self.sessions) * 100 / u64::from(places))
                .unwrap_or(u32::MAX),
        }
    }
}

/// How full the fleet is now.
///
/// # Errors
/// [`TableError`].
pub async fn fleet_load(app: &App) -> Result<FleetLoad, TableError> {
    let snapshot = app.table().config().current().await?;
    let mut batch = Batch::new();
    let nodes: Vec<_> = snapshot
        .nodes()
        .iter()
        .map(|node| (node, batch.node_state(node.id)))
        .collect();
    let edges: Vec<_> = snapshot
        .edges()
        .iter()
        .map(|edge| batch.edge_state(edge.id))
        .collect();
    let answer = app.table().read(batch).await?;
    let heard = heard_since(app);
    let mut found = FleetLoad::default();
    for outpost in snapshot.outposts().iter() {
        found
            .outposts
            .insert(outpost.name.clone(), OutpostLoad::default());
    }
    for (node, slot) in nodes {
        let state = answer.take(slot)?;
        let Some(state) = state.filter(|state| state.load.heartbeat_at >= heard) else {
            continue;
        };
        found.nodes_alive += 1;
        let outpost = snapshot.outposts().get(node.outpost.uuid());
        let outpost = outpost.and_then(|outpost| found.outposts.get_mut(&outpost.name));
        if let Some(outpost) = outpost.filter(|_| !state.load.draining && !node.drained) {
            outpost.nodes += 1;
            outpost.places = outpost.places.saturating_add(state.capacity);
            outpost.sessions = outpost.sessions.saturating_add(state.load.connections);
        }
    }
    for slot in edges {
        let state = answer.take(slot)?;
        found.edges_alive += u32::from(state.is_some_and(|state| state.heartbeat_at >= heard));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outpost_without_a_place_is_full() {
        let check = |sessions, places, percent| {
            let load = OutpostLoad {
                nodes: 1,
                places,
                sessions,
            };
            assert_eq!(load.percent(), percent);
        };
        check(0, 0, 100);
        check(0, 50, 0);
        check(25, 50, 50);
        check(60, 50, 120);
    }
}
