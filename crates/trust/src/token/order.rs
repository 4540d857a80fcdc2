//! Orders: what the control plane tells a node to do at once, by way of an
//! edge that needs not be trusted with it.

use causeway_model::id::{ConnectionId, NodeId};
use causeway_model::object::EndReason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Claims;

/// Names an order in logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OrderId(Uuid);

impl OrderId {
    /// Makes an id from a UUID that the caller drew.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }
}

impl std::fmt::Display for OrderId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What is to be done. Carrying an order out twice must do no harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OrderAction {
    /// End the connection now.
    End {
        /// Why.
        reason: EndReason,
    },
}

/// One act to be done by one node on one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its own id.
    pub id: OrderId,
    /// Who carries it out.
    pub node: NodeId,
    /// On what.
    pub connection: ConnectionId,
    /// What is to be done.
    pub action: OrderAction,
    /// When it is void; Unix time in ms.
    #[serde(with = "jiff::fmt::serde::timestamp::millisecond::required")]
    pub expires_at: Timestamp,
}

impl Claims for Order {
    const PURPOSE: &'static str = "causeway-order";

    fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}
