//! Connections looked up and listed.

use causeway_model::id::{ConnectionId, NodeId, UserId};
use causeway_model::object::Connection;

use super::Connections;
use super::record::{Lease, StoredConnection};
use crate::error::TableError;
use crate::indexed;
use crate::key::{
    CONNECTION_PREFIX, Key, LEASE_PREFIX, connection_index, node_partition, user_partition,
};
use crate::page::{Cursor, Page, clamp_limit};
use crate::store::Range;
use crate::stored::Stored;

impl Connections<'_> {
    /// A user's connection.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn get(
        self,
        user: UserId,
        id: ConnectionId,
    ) -> Result<Option<StoredConnection>, TableError> {
        let item = self.0.store().get(&Key::connection(user, id)).await?;
        item.as_ref().map(StoredConnection::read).transpose()
    }

    /// The connection with this id, whoever's. Found through the index, which
    /// lags a little behind the launch; two round trips.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_id(self, id: ConnectionId) -> Result<Option<StoredConnection>, TableError> {
        indexed::find(self.0.store(), &connection_index(id), "CONNECTION").await
    }

    /// A user's connections, those that ended lately included, by id.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_user(self, user: UserId) -> Result<Vec<StoredConnection>, TableError> {
        let pk = user_partition(user);
        let items = self
            .0
            .store()
            .query_all(Range::new(&pk, CONNECTION_PREFIX))
            .await?;
        items.iter().map(StoredConnection::read).collect()
    }

    /// The leases on a node: one for each connection that is not over.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_node(self, node: NodeId) -> Result<Vec<Lease>, TableError> {
        let pk = node_partition(node);
        let items = self
            .0
            .store()
            .query_all(Range::new(&pk, LEASE_PREFIX))
            .await?;
        items.iter().map(Lease::read).collect()
    }

    /// Connections on these nodes that are not over, node by node. Ones that
    /// end meanwhile show as ended.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn live(
        self,
        nodes: &[NodeId],
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Connection>, TableError> {
        let limit = clamp_limit(limit);
        let mut partitions: Vec<String> = nodes.iter().map(|node| node_partition(*node)).collect();
        partitions.sort_unstable();
        // The cursor's node may be gone: its successors go on.
        let from = cursor
            .map(|cursor| cursor.partition().ok_or(TableError::BadCursor))
            .transpose()?;
        let mut keys = Vec::new();
        let mut next = None;
        for pk in &partitions {
            if from.is_some_and(|from| pk.as_str() < from) {
                continue;
            }
            if keys.len() >= limit {
                next = Some(Cursor::start_of(pk));
                break;
            }
            let after = cursor
                .filter(|_| from == Some(pk.as_str()))
                .and_then(Cursor::start_key);
            let slice = self
                .0
                .store()
                .query(Range {
                    limit: limit - keys.len(),
                    after,
                    ..Range::new(pk, LEASE_PREFIX)
                })
                .await?;
            for item in &slice.items {
                let lease = Lease::read(item)?;
                keys.push(Key::connection(lease.user, lease.connection));
            }
            if let Some(last) = slice.last {
                next = Some(Cursor::after(&last));
                break;
            }
        }
        Ok(Page {
            items: indexed::read_all(self.0.store(), &keys).await?,
            next,
        })
    }
}
