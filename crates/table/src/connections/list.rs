//! Connections looked up and listed.

use causeway_model::id::{ConnectionId, NodeId, UserId};
use causeway_model::object::Connection;

use super::record::{Lease, StoredConnection};
use super::{ConnectionFilter, Connections};
use crate::error::TableError;
use crate::indexed;
use crate::key::{
    CONNECTION_PREFIX, CONNECTIONS, Key, LEASE_PREFIX, node_partition, user_partition,
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
        indexed::find(self.0.store(), CONNECTIONS, &id.to_string()).await
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
        let filter = ConnectionFilter::default();
        self.search_leases(filter, nodes, cursor, clamp_limit(limit))
            .await
    }
}
