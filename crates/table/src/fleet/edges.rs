//! What edges last told.

use aws_sdk_dynamodb::types::AttributeValue;
use causeway_model::id::EdgeId;
use jiff::Timestamp;

use crate::action::Action;
use crate::error::TableError;
use crate::item::{Item, millis, number};
use crate::key::Key;
use crate::stored::Stored;
use crate::table::Table;

/// What an edge last told of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeState {
    /// Nodes with a tunnel to it.
    pub nodes: u32,
    /// About to stop.
    pub draining: bool,
    /// When it was last heard of.
    pub heartbeat_at: Timestamp,
}

impl Stored for EdgeState {
    fn read(item: &Item) -> Result<Self, TableError> {
        Ok(Self {
            nodes: item.number("nodes")?,
            draining: item.flag("draining"),
            heartbeat_at: item.time("heartbeat_ms")?,
        })
    }
}

/// The edges in a table.
#[derive(Debug, Clone, Copy)]
pub struct Edges<'a>(&'a Table);

impl Table {
    /// The edges.
    #[must_use]
    pub const fn edges(&self) -> Edges<'_> {
        Edges(self)
    }
}

impl Edges<'_> {
    /// Keeps what an edge just told.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn heartbeat(self, edge: EdgeId, told: EdgeState) -> Result<(), TableError> {
        let item = Item::new(&Key::live(edge))
            .with("nodes", number(told.nodes))
            .with("draining", AttributeValue::Bool(told.draining))
            .with("heartbeat_ms", millis(told.heartbeat_at));
        // Without a condition nothing is refused.
        let _ = self.0.store().write(Action::put(item)).await?;
        Ok(())
    }

    /// What an edge last told.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn state(self, edge: EdgeId) -> Result<Option<EdgeState>, TableError> {
        let item = self.0.store().get(&Key::live(edge)).await?;
        item.as_ref().map(EdgeState::read).transpose()
    }

    /// Forgets what an edge told; when it is deleted.
    ///
    /// # Errors
    ///
    /// When the table cannot be written.
    pub async fn forget(self, edge: EdgeId) -> Result<(), TableError> {
        let _ = self
            .0
            .store()
            .write(Action::delete(Key::live(edge)))
            .await?;
        Ok(())
    }
}
