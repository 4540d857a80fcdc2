//! Connections: one use of an endpoint by one user in one sign-in session.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Protocol;
use crate::id::{
    ApplicationId, ConnectionId, EdgeId, EndpointId, NodeId, ProviderId, SessionId, UserId,
};

/// Where a connection stands: pending -> active -> (detached <-> active) -> ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Launched; its browser has not reached the node yet.
    Pending,
    /// A browser is attached.
    Active,
    /// The browser is gone, the session on the target is kept.
    Detached,
    /// Over.
    Ended,
}

/// Why a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The remote program ended.
    Exited,
    /// The target closed the session or was lost.
    ClosedByTarget,
    /// The session could not be opened on the target.
    ConnectFailed,
    /// The person closed it.
    Left,
    /// The owner or an administrator ended it.
    Terminated,
    /// The sign-in session ended.
    SignedOut,
    /// Its time was up.
    Expired,
    /// The policies no longer let its user in when a browser came back.
    PolicyRefused,
    /// Nobody came back within the grace period.
    Abandoned,
    /// The ticket was not used in time.
    NeverClaimed,
    /// The node stopped in an orderly way.
    NodeShutdown,
    /// The node was not heard of within its heartbeat deadline.
    NodeLost,
}

impl EndReason {
    /// Its stable name on every wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exited => "exited",
            Self::ClosedByTarget => "closed_by_target",
            Self::ConnectFailed => "connect_failed",
            Self::Left => "left",
            Self::Terminated => "terminated",
            Self::SignedOut => "signed_out",
            Self::Expired => "expired",
            Self::PolicyRefused => "policy_refused",
            Self::Abandoned => "abandoned",
            Self::NeverClaimed => "never_claimed",
            Self::NodeShutdown => "node_shutdown",
            Self::NodeLost => "node_lost",
        }
    }
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// Where it stands.
    pub state: ConnectionState,
    /// How the target is spoken to.
    pub protocol: Protocol,
    /// Whose.
    pub user: UserId,
    /// Name of the user at launch.
    pub username: String,
    /// The sign-in session that it lives in.
    pub session: SessionId,
    /// The application it was launched from.
    pub application: ApplicationId,
    /// Name of the application at launch.
    pub application_name: String,
    /// The application's provider.
    pub provider: ProviderId,
    /// What it uses.
    pub endpoint: EndpointId,
    /// Name of the endpoint at launch.
    pub endpoint_name: String,
    /// The node that holds it.
    pub node: NodeId,
    /// The edge its browser was last sent to.
    pub edge: EdgeId,
    /// Where its browser was when it asked for its last ticket; empty when
    /// unknown.
    #[serde(default)]
    pub address: String,
    /// When it was launched.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When its time is up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<EndReason>,
    /// Stable code of what went wrong, when something did.
    pub end_code: Option<String>,
}
