//! Connections that a filter lets through.
//!
//! What is not over is found by its lease, what may be over by the index, and
//! what is one user's by its partition: a list reads the shortest of the three.

use causeway_model::id::{ApplicationId, EndpointId, NodeId, UserId};
use causeway_model::object::{Connection, ConnectionState};

use super::Connections;
use super::record::Lease;
use crate::error::TableError;
use crate::indexed;
use crate::item::Item;
use crate::key::{
    CONNECTION_PREFIX, CONNECTIONS, Key, LEASE_PREFIX, node_partition, user_partition,
};
use crate::listed::part;
use crate::page::{Cursor, ENTRIES_READ_MAX, ITEMS_READ_MAX, Page, clamp_limit};
use crate::store::Range;
use crate::stored::Stored;
use crate::walk::{Bounds, Stop, walk};

/// Which connections are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConnectionFilter {
    /// This user's.
    pub user: Option<UserId>,
    /// Those of this endpoint.
    pub endpoint: Option<EndpointId>,
    /// Those that were launched from this application.
    pub application: Option<ApplicationId>,
    /// Those on this node.
    pub node: Option<NodeId>,
    /// Those in this state.
    pub state: Option<ConnectionState>,
    /// Those that are not over.
    pub live: bool,
}

impl ConnectionFilter {
    /// Whether only connections with a lease can pass.
    fn is_live(self) -> bool {
        self.live
            || self
                .state
                .is_some_and(|state| state != ConnectionState::Ended)
    }

    fn takes(self, connection: &Connection) -> bool {
        fn same<T: PartialEq>(wanted: Option<T>, found: T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        same(self.user, connection.user)
            && same(self.endpoint, connection.endpoint)
            && same(self.application, connection.application)
            && same(self.node, connection.node)
            && same(self.state, connection.state)
            && !(self.live && connection.state == ConnectionState::Ended)
    }

    fn takes_lease(self, lease: Lease) -> bool {
        self.user.is_none_or(|user| user == lease.user)
            && self
                .endpoint
                .is_none_or(|endpoint| endpoint == lease.endpoint)
    }

    /// Whether what a connection is listed by may pass.
    fn takes_listed(self, listed: &str) -> bool {
        let same = |wanted: Option<String>, index| {
            wanted.is_none_or(|wanted| part(listed, index) == wanted)
        };
        same(self.user.map(|id| id.to_string()), 1)
            && same(self.endpoint.map(|id| id.to_string()), 2)
            && same(self.application.map(|id| id.to_string()), 3)
    }
}

impl Connections<'_> {
    /// Connections that a filter lets through, ones that ended lately included
    /// unless it says otherwise: one user's by falling id, those that are not
    /// over node by node (`nodes` are those to look at), all others by falling
    /// id. A page reads a bounded number of entries and items; it may be short
    /// and yet not the last.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn search(
        self,
        filter: ConnectionFilter,
        nodes: &[NodeId],
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Connection>, TableError> {
        let limit = clamp_limit(limit);
        if let Some(user) = filter.user {
            return self.search_user(user, filter, cursor, limit).await;
        }
        let page = if filter.is_live() {
            let one = filter.node.map(|node| vec![node]);
            let nodes = one.as_deref().unwrap_or(nodes);
            self.search_leases(filter, nodes, cursor, limit).await?
        } else {
            self.search_index(filter, cursor, limit).await?
        };
        Ok(Page {
            items: page
                .items
                .into_iter()
                .filter(|connection| filter.takes(connection))
                .collect(),
            next: page.next,
        })
    }

    async fn search_user(
        self,
        user: UserId,
        filter: ConnectionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Connection>, TableError> {
        let pk = user_partition(user);
        let range = Range {
            newest_first: true,
            after: Cursor::in_partition(cursor, &pk)?,
            ..Range::new(&pk, CONNECTION_PREFIX)
        };
        let mut bounds = Bounds {
            wanted: limit,
            read: ITEMS_READ_MAX,
        };
        let mut items = Vec::new();
        let stop = walk(self.0.store(), range, &mut bounds, |item| {
            let connection = Connection::read(item)?;
            let takes = filter.takes(&connection);
            if takes {
                items.push(connection);
            }
            Ok(takes)
        })
        .await?;
        Ok(Page {
            items,
            next: stop.cursor(),
        })
    }

    async fn search_index(
        self,
        filter: ConnectionFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Connection>, TableError> {
        let passes = |listed: &str| filter.takes_listed(listed);
        indexed::search(self.0.store(), CONNECTIONS, cursor, limit, true, passes).await
    }

    pub(super) async fn search_leases(
        self,
        filter: ConnectionFilter,
        nodes: &[NodeId],
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Connection>, TableError> {
        let mut partitions: Vec<String> = nodes.iter().map(|node| node_partition(*node)).collect();
        partitions.sort_unstable();
        // The cursor's node may be gone: its successors go on.
        let from = cursor
            .map(|cursor| cursor.partition().ok_or(TableError::BadCursor))
            .transpose()?;
        if from.is_some_and(|from| !from.starts_with("NODE#")) {
            return Err(TableError::BadCursor);
        }
        let mut bounds = Bounds {
            wanted: limit,
            read: ENTRIES_READ_MAX,
        };
        let mut keys: Vec<Key> = Vec::new();
        let mut next = None;
        for pk in &partitions {
            if from.is_some_and(|from| pk.as_str() < from) {
                continue;
            }
            if bounds.is_spent() {
                next = Some(Cursor::start_of(pk));
                break;
            }
            let range = Range {
                after: cursor
                    .filter(|_| from == Some(pk.as_str()))
                    .and_then(Cursor::start_key),
                ..Range::new(pk, LEASE_PREFIX)
            };
            let stop = walk(self.0.store(), range, &mut bounds, |item: &Item| {
                let lease = Lease::read(item)?;
                let takes = filter.takes_lease(lease);
                if takes {
                    keys.push(Key::connection(lease.user, lease.connection));
                }
                Ok(takes)
            })
            .await?;
            if let Stop::At(cursor) = stop {
                next = Some(cursor);
                break;
            }
        }
        Ok(Page {
            items: indexed::read_all(self.0.store(), &keys).await?,
            next,
        })
    }
}
