//! `POST /api/v1/fleet/enrol`: a new process becomes a member.

use causeway_model::id::OutpostId;
use causeway_trust::{MemberId, MemberKind, PublishedKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// Asks for membership with a one-time token; not signed.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EnrolRequest {
    /// The one-time token. It says whether a node (and of which outpost) or an
    /// edge may enrol. A member that joins by its role in AWS sends its proof
    /// instead: `cwa_` and more.
    pub token: String,
    /// Name for people.
    pub name: String,
    /// The new member's key, base64url without padding.
    #[schema(value_type = String)]
    pub public_key: VerifyingKey,
    /// Version of its program.
    pub version: String,
    /// What it wants to be; must agree with the token.
    #[serde(flatten)]
    pub role: EnrolledAs,
}

impl std::fmt::Debug for EnrolRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolRequest")
            .field("name", &self.name)
            .field("public_key", &self.public_key)
            .field("version", &self.version)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// What a new member is: `"node": {…}` or `"edge": {…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnrolledAs {
    /// A node of the token's outpost.
    Node {
        /// How many connections it takes at once.
        capacity: u32,
    },
    /// An edge.
    Edge {
        /// Where browsers reach it: `ws://…` or `wss://…`, without path.
        public_url: String,
        /// Where nodes dial it: `host:port`, UDP. `auto:port` stands for the
        /// address that this request comes from.
        tunnel_address: String,
    },
}

impl EnrolledAs {
    /// What that is called.
    #[must_use]
    pub const fn kind(&self) -> MemberKind {
        match self {
            Self::Node { .. } => MemberKind::Node,
            Self::Edge { .. } => MemberKind::Edge,
        }
    }
}

/// The new member's standing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Enrolled {
    /// Who it is from now on.
    #[schema(value_type = String)]
    pub member: MemberId,
    /// The control plane's keys.
    #[schema(value_type = Vec<Object>)]
    pub verifying_keys: Vec<PublishedKey>,
    /// Its first pass.
    pub pass: String,
    /// How often it is to be heard of, in ms.
    pub heartbeat_interval_ms: u64,
    /// After how long a silence it is taken for lost, in ms.
    pub heartbeat_deadline_ms: u64,
    /// The outpost of a node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outpost: Option<OutpostId>,
}
