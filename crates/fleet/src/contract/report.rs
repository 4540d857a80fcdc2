//! `POST /api/v1/fleet/report`: what became of a connection.

use causeway_model::id::{ConnectionId, UserId};
use causeway_model::object::EndReason;
use serde::{Deserialize, Serialize};

use super::claim::HostKey;

/// One fact about one connection; signed by its node. Telling it twice does
/// no harm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// The connection.
    pub connection: ConnectionId,
    /// Whose; with it the connection is found by key.
    pub user: UserId,
    /// What happened.
    pub event: ReportEvent,
}

/// What happened to a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ReportEvent {
    /// A browser is attached.
    Attached,
    /// The browser vanished; the session is kept.
    Detached,
    /// The target is reached: the session is here to stay.
    Opened,
    /// The target cannot be reached from here, which another node may, or the
    /// node stops before it was reached. When the
    /// answer says that one takes over, the connection is this node's no more;
    /// otherwise its end is still to be told.
    ConnectFailed {
        /// Stable code of what went wrong.
        code: String,
    },
    /// It is over; its places are free.
    Ended {
        /// Why.
        reason: EndReason,
        /// Stable code of what went wrong, when something did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    /// The target showed a host key that was accepted on first use.
    HostKey(HostKey),
}

/// What the control plane answers to a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReportAnswer {
    /// Another node has the connection now; the viewer is to ask for a new
    /// ticket.
    #[serde(default)]
    pub moved: bool,
}
