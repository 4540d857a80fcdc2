//! Policies and their bindings: who may use what, and when.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Meta;
use crate::id::{GroupId, PolicyBindingId, PolicyId, UserId};

/// How long the evaluation of a binding may take unless it says otherwise, in
/// seconds.
const BINDING_TIMEOUT_S_DEFAULT: u32 = 30;
/// The longest that a binding may allow, in seconds.
pub const BINDING_TIMEOUT_S_MAX: u32 = 60;

/// A policy as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicySpec {
    /// Unique name.
    pub name: String,
    /// A CEL expression that gives `true` to pass and `false` not to.
    pub expression: String,
}

/// A policy: an expression over user, groups, request, application, endpoint
/// and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Policy {
    /// Its id.
    pub id: PolicyId,
    /// Unique name.
    pub name: String,
    /// A CEL expression that gives `true` to pass and `false` not to.
    pub expression: String,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

/// What a binding is attached to.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// An application.
    Application,
    /// An endpoint.
    Endpoint,
    /// A stage of a flow.
    Stage,
}

impl TargetKind {
    /// Its name in documents and references.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Endpoint => "endpoint",
            Self::Stage => "stage",
        }
    }
}

impl std::fmt::Display for TargetKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A policy binding as it is written: exactly one of `policy`, `group` and
/// `user`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyBindingSpec {
    /// What it is attached to: an id, an application's slug, an endpoint's or
    /// stage's name, or one of these behind its kind: `application/linux`,
    /// `endpoint/ssh/web-01` (provider and name), `stage/ask/credentials` (flow
    /// and name).
    pub target: String,
    /// Kind of the target; needed only where a plain name means several things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_kind: Option<TargetKind>,
    /// Bindings are evaluated by rising order.
    #[serde(default)]
    pub order: i32,
    /// A binding that is not enabled counts for nothing.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Turns the result around. What failed to evaluate stays as
    /// `failure_result` says.
    #[serde(default)]
    pub negate: bool,
    /// How long its evaluation may take, in seconds: 1 to 60.
    #[serde(default = "timeout_s")]
    #[schema(minimum = 1, maximum = 60)]
    pub timeout_s: u32,
    /// The result when the expression fails or takes too long.
    #[serde(default)]
    pub failure_result: bool,
    /// A policy that must pass, by name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// A group that the user must be in, by name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The user it must be, by name or id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

const fn yes() -> bool {
    true
}

const fn timeout_s() -> u32 {
    BINDING_TIMEOUT_S_DEFAULT
}

/// A policy binding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PolicyBinding {
    /// Its id.
    pub id: PolicyBindingId,
    /// Made of target and subject, and so unique: a subject is bound to a
    /// target once.
    pub name: String,
    /// Id of what it is attached to.
    #[schema(value_type = String, format = "uuid")]
    pub target: Uuid,
    /// Kind of that.
    pub target_kind: TargetKind,
    /// Bindings are evaluated by rising order.
    pub order: i32,
    /// A binding that is not enabled counts for nothing.
    pub enabled: bool,
    /// Turns the result around.
    pub negate: bool,
    /// How long its evaluation may take, in seconds.
    pub timeout_s: u32,
    /// The result when the expression fails or takes too long.
    pub failure_result: bool,
    /// Whom or what it asks for.
    #[serde(flatten)]
    pub subject: Subject,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

/// Whom or what a binding asks for; written as one of three fields.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A policy that must pass.
    Policy(PolicyId),
    /// A group that the user must be in.
    Group(GroupId),
    /// The user it must be.
    User(UserId),
}

impl PolicyBinding {
    /// The name that a binding of `subject` to `target` has.
    #[must_use]
    pub fn name_of(target_kind: TargetKind, target: Uuid, subject: Subject) -> String {
        let (kind, id) = match subject {
            Subject::Policy(id) => ("policy", id.uuid()),
            Subject::Group(id) => ("group", id.uuid()),
            Subject::User(id) => ("user", id.uuid()),
        };
        format!("{target_kind}/{target}/{kind}/{id}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_and_a_subject_are_enough() {
        let spec: PolicyBindingSpec =
            serde_json::from_str(r#"{"target": "linux", "group": "staff"}"#).unwrap();
        assert!(spec.enabled && !spec.negate && !spec.failure_result);
        assert_eq!((spec.order, spec.timeout_s), (0, 30));
    }

    #[test]
    fn the_subject_is_a_field_of_its_own_name() {
        let json = serde_json::json!({
            "id": Uuid::from_u128(1), "name": "n", "target": Uuid::from_u128(2),
            "target_kind": "stage", "order": 1, "enabled": true, "negate": false,
            "timeout_s": 30, "failure_result": false, "group": Uuid::from_u128(3),
            "version": 1, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        });
        let binding: PolicyBinding = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(
            binding.subject,
            Subject::Group(GroupId::new(Uuid::from_u128(3)))
        );
        assert_eq!(serde_json::to_value(binding).unwrap(), json);
    }
}
