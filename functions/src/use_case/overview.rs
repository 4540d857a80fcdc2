//! The whole at a glance: how many of each kind, the nodes and their load, the
//! live connections.

use std::collections::BTreeMap;

use causeway_model::object::{Connection, ConnectionState};
use causeway_table::{ConfigSnapshot, ConnectionFilter, Cursor, PAGE_ITEMS_MAX, TableError};

use super::node::{self, LiveNode};
use super::object::{Filter, ListError};
use crate::access::{Reader, Staff};
use crate::app::App;

/// Pages of connections that are counted at most.
const PAGES_MAX: usize = 50;

/// The whole at a glance.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// How many there are of each kind; an operator is told of what is theirs.
    pub counts: BTreeMap<&'static str, u64>,
    /// The nodes, each with the name of its outpost; for readers of everything.
    pub nodes: Vec<(LiveNode, String)>,
    /// Live connections by state.
    pub connections: LiveConnections,
}

/// Live connections by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LiveConnections {
    /// A browser is attached.
    pub active: usize,
    /// The browser is gone, the session is kept.
    pub detached: usize,
    /// The browser has not come yet.
    pub pending: usize,
}

/// The whole at a glance.
///
/// # Errors
/// [`ListError`].
pub async fn overview(app: &App, staff: &Staff) -> Result<Overview, ListError> {
    let snapshot = app.table().config().current().await?;
    let rights = staff.rights();
    let connections = connections(app, staff, &snapshot).await?;
    if !rights.reads_everything() {
        let mine = snapshot.applications().iter();
        let applications = mine.filter(|found| rights.sees(found.id)).count();
        return Ok(Overview {
            counts: BTreeMap::from([("application", count(applications))]),
            nodes: Vec::new(),
            connections,
        });
    }
    let mut counts = configured(&snapshot);
    let counted = app.table().counts().await?;
    counts.extend([("endpoint", counted.endpoints), ("user", counted.users)]);
    Ok(Overview {
        counts,
        nodes: nodes(app, staff, &snapshot).await?,
        connections,
    })
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn configured(snapshot: &ConfigSnapshot) -> BTreeMap<&'static str, u64> {
    BTreeMap::from([
        ("application", count(snapshot.applications().len())),
        ("provider", count(snapshot.providers().len())),
        (
            "property_mapping",
            count(snapshot.property_mappings().len()),
        ),
        ("policy", count(snapshot.policies().len())),
        ("policy_binding", count(snapshot.policy_bindings().len())),
        ("flow", count(snapshot.flows().len())),
        ("source", count(snapshot.sources().len())),
        ("outpost", count(snapshot.outposts().len())),
        ("group", count(snapshot.groups().len())),
        ("node", count(snapshot.nodes().len())),
        ("edge", count(snapshot.edges().len())),
    ])
}

/// Every node, by name.
async fn nodes(
    app: &App,
    staff: &Staff,
    snapshot: &ConfigSnapshot,
) -> Result<Vec<(LiveNode, String)>, ListError> {
    let Ok(reader) = Reader::try_from(staff.clone()) else {
        return Ok(Vec::new());
    };
    let mut filter = Filter {
        name: None,
        search: None,
        of: None,
        limit: PAGE_ITEMS_MAX,
        cursor: None,
    };
    let mut nodes = Vec::new();
    loop {
        let page = node::list(app, &reader, &filter).await?;
        nodes.extend(page.items.into_iter().map(|live| {
            let outpost = snapshot.outposts().get(live.node.outpost.uuid());
            let outpost = outpost.map(|outpost| outpost.name.clone());
            (live, outpost.unwrap_or_default())
        }));
        filter.cursor = page.next;
        if filter.cursor.is_none() {
            return Ok(nodes);
        }
    }
}

/// Live connections that the reader may see; counted up to a limit.
async fn connections(
    app: &App,
    staff: &Staff,
    snapshot: &ConfigSnapshot,
) -> Result<LiveConnections, TableError> {
    let filter = ConnectionFilter {
        live: true,
        ..ConnectionFilter::default()
    };
    let nodes: Vec<_> = snapshot.nodes().iter().map(|node| node.id).collect();
    let mut counted = LiveConnections::default();
    let mut cursor: Option<Cursor> = None;
    for _ in 0..PAGES_MAX {
        let connections = app.table().connections();
        let page = connections
            .search(filter, &nodes, cursor.as_ref(), PAGE_ITEMS_MAX)
            .await?;
        let seen = page
            .items
            .iter()
            .filter(|connection| staff.rights().sees(connection.application));
        seen.for_each(|connection| counted.count(connection));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(counted)
}

impl LiveConnections {
    const fn count(&mut self, connection: &Connection) {
        match connection.state {
            ConnectionState::Active => self.active += 1,
            ConnectionState::Detached => self.detached += 1,
            ConnectionState::Pending => self.pending += 1,
            ConnectionState::Ended => {}
        }
    }
}
