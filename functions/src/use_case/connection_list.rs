//! Connections of everybody, for the administration.

use causeway_model::object::{Connection, ConnectionState};
use causeway_table::{ConfigSnapshot, ConnectionFilter};

use super::object::{ListError, Page};
use super::user;
use crate::access::Staff;
use crate::app::App;

/// Which connections, and how many. Names and ids are both understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionsWanted {
    /// Those of this user; with it, ended ones are listed too.
    pub user: Option<String>,
    /// Those to the endpoint of this id.
    pub endpoint: Option<String>,
    /// Those that were launched from this application.
    pub application: Option<String>,
    /// Those on this node.
    pub node: Option<String>,
    /// Those in this state.
    pub state: Option<ConnectionState>,
    /// Those whose user, application or endpoint is named so, in part, whatever
    /// the case.
    pub search: Option<String>,
    /// At most so many.
    pub limit: usize,
    /// Those after this one.
    pub cursor: Option<String>,
}

/// A page of connections that the reader may see: those that live, unless a
/// state or a user is asked for. It may be short and yet not the last.
///
/// # Errors
/// [`ListError`].
pub async fn list(
    app: &App,
    staff: &Staff,
    wanted: &ConnectionsWanted,
) -> Result<Page<Connection>, ListError> {
    let cursor = wanted.cursor.as_deref().map(str::parse).transpose();
    let cursor = cursor.map_err(|_| ListError::Cursor)?;
    let snapshot = app.table().config().current().await?;
    let Some(filter) = filter(app, &snapshot, wanted).await? else {
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    };
    let nodes: Vec<_> = snapshot.nodes().iter().map(|node| node.id).collect();
    let read = app
        .table()
        .connections()
        .search(filter, &nodes, cursor.as_ref(), wanted.limit)
        .await?;
    let search = wanted.search.as_deref().unwrap_or_default().to_lowercase();
    let takes = |connection: &Connection| {
        staff.rights().sees(connection.application)
            && [
                &connection.username,
                &connection.application_name,
                &connection.endpoint_name,
            ]
            .iter()
            .any(|name| name.to_lowercase().contains(&search))
    };
    Ok(Page {
        items: read.items.into_iter().filter(takes).collect(),
        next: read.next.map(|cursor| cursor.to_string()),
    })
}

/// The filter by ids; `None` when something is named that there is not.
async fn filter(
    app: &App,
    snapshot: &ConfigSnapshot,
    wanted: &ConnectionsWanted,
) -> Result<Option<ConnectionFilter>, ListError> {
    let mut filter = ConnectionFilter {
        state: wanted.state,
        live: wanted.state.is_none() && wanted.user.is_none(),
        ..ConnectionFilter::default()
    };
    if let Some(reference) = &wanted.user {
        let Some(user) = user::resolve(app, reference).await? else {
            return Ok(None);
        };
        filter.user = Some(user.id);
    }
    if let Some(endpoint) = &wanted.endpoint {
        let Ok(id) = endpoint.parse() else {
            return Ok(None);
        };
        filter.endpoint = Some(id);
    }
    if let Some(reference) = &wanted.application {
        let Some(application) = snapshot.applications().resolve(reference) else {
            return Ok(None);
        };
        filter.application = Some(application.id);
    }
    if let Some(reference) = &wanted.node {
        let Some(node) = snapshot.nodes().resolve(reference) else {
            return Ok(None);
        };
        filter.node = Some(node.id);
    }
    Ok(Some(filter))
}
