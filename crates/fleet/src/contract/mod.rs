//! The documents of `/api/v1/fleet/…`.
//!
//! All are JSON. A reader ignores fields that it does not know, so that either
//! side may be newer. Times are RFC 3339 texts, durations carry their unit in
//! their name.

mod claim;
mod enrol;
mod heartbeat;
mod report;
mod role;

pub use claim::{Attach, Claim, Claimed, ClaimedEndpoint, ClaimedUser, DataPolicy, HostKey};
pub use enrol::{EnrolRequest, Enrolled, EnrolledAs};
pub use heartbeat::{
    EdgeAddress, EdgeStatus, Heartbeat, HeartbeatAnswer, HeldConnection, MemberStatus, NodeStatus,
    ToEnd,
};
pub use report::{Report, ReportAnswer, ReportEvent};
pub use role::{
    AUDIENCE_HEADER, IDENTITY_BODY, IDENTITY_CONTENT_TYPE, KEY_HEADER, ROLE_TOKEN_LEN_MAX,
    ROLE_TOKEN_PREFIX, RoleProof,
};

/// Begins a tunnel address whose host the control plane fills in, with the
/// address that the edge's requests come from: `auto:443`.
pub const AUTO_TUNNEL_HOST: &str = "auto";

/// Path of enrolment.
pub const ENROL_PATH: &str = "/api/v1/fleet/enrol";
/// Path of heartbeats.
pub const HEARTBEAT_PATH: &str = "/api/v1/fleet/heartbeat";
/// Path of claims.
pub const CLAIM_PATH: &str = "/api/v1/fleet/claim";
/// Path of reports.
pub const REPORT_PATH: &str = "/api/v1/fleet/report";

/// Code of the refusal (401) of a member that the control plane does not know.
pub const MEMBER_UNKNOWN: &str = "member_unknown";
/// Code of the refusal (403) of an enrolment with the key of a member that an
/// administrator removed.
pub const MEMBER_REMOVED: &str = "member_removed";

/// Path on an edge that takes signed orders, as text.
pub const EDGE_ORDERS_PATH: &str = "/edge/v1/orders";
/// Path on an edge that takes browsers' websockets.
pub const EDGE_CONNECT_PATH: &str = "/edge/v1/connect";
/// Websocket subprotocol of the session protocol.
pub const SUBPROTOCOL: &str = "causeway.v1";
/// Begins the entry of the subprotocol list that carries a ticket.
pub const TICKET_PREFIX: &str = "ticket.";
