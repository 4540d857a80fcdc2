//! The objects of the vocabulary as the API shows them.
//!
//! A kind has up to two shapes: `…Spec`, the fields that a person writes (in
//! `POST`, `PUT` and `causeway apply`), and the object itself: id, the spec
//! with its references resolved to ids, and what the system adds. Secrets
//! inside `settings` are masked before an object leaves the functions.

mod application;
mod approval;
mod connection;
mod endpoint;
mod event;
mod factor;
mod fleet;
mod flow;
mod identity;
mod policy;
mod property_mapping;
mod provider;
mod source;

pub use application::{Application, ApplicationSpec, EngineMode};
pub use approval::{Approval, ApprovalState, Decision};
pub use connection::{Connection, ConnectionState, EndReason};
pub use endpoint::{Endpoint, EndpointSpec, Labels, MaximumConnections, Protocol};
pub use event::{Event, EventAction, Outcome};
pub use factor::{Factor, FactorKind};
pub use fleet::{
    Edge, EnrolmentKind, NODE_WEIGHT_DEFAULT, NODE_WEIGHT_MAX, Node, NodeHealth, NodeLoad, Outpost,
    OutpostSpec,
};
pub use flow::{
    APPROVAL_TIMEOUT_S_MAX, ApprovalStage, ConsentStage, DenyStage, ExpressionStage, Flow,
    FlowSpec, FlowStage, NotEnrolled, PasswordStage, PromptChoice, PromptField, PromptFieldKind,
    PromptStage, Stage, StageSpec, TotpStage, WebauthnStage,
};
pub use identity::{
    AuthenticationMethod, Group, GroupSpec, Role, Session, Sourced, Token, TokenScope, TokenSpec,
    User, UserSpec,
};
pub use policy::{
    BINDING_TIMEOUT_S_MAX, Policy, PolicyBinding, PolicyBindingSpec, PolicySpec, Subject,
    TargetKind,
};
pub use property_mapping::{PropertyMapping, PropertyMappingSpec};
pub use provider::{Provider, ProviderSpec};
pub use source::{Source, SourceMatching, SourceSpec};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What the system keeps about every written object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Meta {
    /// Grows by one with each write; the optimistic lock.
    pub version: u64,
    /// When the object was first written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last written.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl Meta {
    /// The first version of an object written at `now`.
    #[must_use]
    pub const fn first(now: Timestamp) -> Self {
        Self {
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// The next version, written at `now`.
    #[must_use]
    pub const fn next(&self, now: Timestamp) -> Self {
        Self {
            version: self.version + 1,
            created_at: self.created_at,
            updated_at: now,
        }
    }
}
