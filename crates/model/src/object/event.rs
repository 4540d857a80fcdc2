//! Events: the audit trail.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ConnectionId, EventId};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventAction {
    /// Somebody signed in or tried to.
    SignIn,
    /// Somebody signed out.
    SignOut,
    /// A connection was launched or refused.
    Launch,
    /// A connection ended.
    ConnectionEnded,
    /// An object was created.
    Create,
    /// An object was changed.
    Update,
    /// An object was deleted.
    Delete,
    /// A node or an edge enrolled.
    Enrol,
    /// A target's host key was seen for the first time or differed.
    HostKey,
    /// A property mapping was skipped.
    MappingSkipped,
    /// A policy could not be evaluated.
    PolicyFailed,
    /// A flow asked another person.
    ApprovalRequested,
    /// That person decided, or did not in time.
    ApprovalDecided,
    /// A connection was claimed or resumed, or that was refused.
    Attach,
    /// A connection moved to another node.
    Move,
    /// Somebody ended a connection that was not over.
    Terminate,
    /// A second factor was added, used up or removed.
    SecondFactor,
    /// A password was changed.
    PasswordChanged,
    /// A reference to an outside secret could not be followed.
    SecretUnavailable,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was not allowed.
    Refused,
    /// It went wrong.
    Failed,
}

/// One entry of the audit trail. Holds no secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Event {
    /// Its id; ids grow with time.
    pub id: EventId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What happened.
    pub action: EventAction,
    /// How it went.
    pub outcome: Outcome,
    /// Who: a username, a node's or an edge's name; empty when unknown.
    pub actor: String,
    /// Where from; empty when unknown.
    pub address: String,
    /// Kind of the object concerned, e.g. `endpoint`; empty for none.
    pub target_kind: String,
    /// Id of the object concerned; empty for none.
    pub target_id: String,
    /// Name of the object concerned; empty for none.
    pub target_name: String,
    /// Stable code or short words that say more; empty for none.
    pub detail: String,
    /// The connection concerned.
    #[serde(default)]
    pub connection: Option<ConnectionId>,
    /// Name of the policy, mapping or stage that decided; empty for none.
    #[serde(default)]
    pub policy: String,
}
