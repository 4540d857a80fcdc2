//! Flows: what a provider asks before it lets somebody in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{EngineMode, Meta};
use crate::id::{FlowId, StageId};
use crate::settings::catalogue;

/// How long approvers have unless the stage says otherwise, in seconds.
const APPROVAL_TIMEOUT_S_DEFAULT: u32 = 300;
/// The longest that a stage may let people wait for an approval, in seconds:
/// the life of an execution.
pub const APPROVAL_TIMEOUT_S_MAX: u32 = 600;

/// A flow as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowSpec {
    /// Unique name.
    pub name: String,
    /// Heading that people see; empty for none.
    #[serde(default)]
    pub title: String,
    /// What is asked, in this order.
    #[serde(default)]
    pub stages: Vec<StageSpec>,
}

/// A flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Flow {
    /// Its id.
    pub id: FlowId,
    /// Unique name.
    pub name: String,
    /// Heading that people see; empty for none.
    pub title: String,
    /// What is asked, in this order.
    pub stages: Vec<FlowStage>,
    /// Version and times.
    #[serde(flatten)]
    pub meta: Meta,
}

/// A stage as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StageSpec {
    /// Its id, as it was read. Left out, a stage of the same name in the stored
    /// flow keeps its id, and with it its bindings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<StageId>,
    /// What it asks.
    #[serde(flatten)]
    pub stage: Stage,
}

/// A stage of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FlowStage {
    /// Its id: what bindings are attached to.
    pub id: StageId,
    /// What it asks.
    #[serde(flatten)]
    pub stage: Stage,
}

macro_rules! stages {
    ($($(#[$doc:meta])* $variant:ident($name:ident, $type_name:literal) {
        $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
    })*) => {
        /// What a stage asks. A stage whose bindings do not pass is passed over.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(tag = "type", rename_all = "snake_case")]
        pub enum Stage {
            $($(#[$doc])* $variant($name),)*
        }

        impl Stage {
            /// Its name, unique in its flow.
            #[must_use]
            pub fn name(&self) -> &str {
                match self { $(Self::$variant(stage) => &stage.name,)* }
            }

            /// Its type, as documents write it.
            #[must_use]
            pub const fn type_name(&self) -> &'static str {
                match self { $(Self::$variant(_) => $type_name,)* }
            }

            /// How its policy bindings add up.
            #[must_use]
            pub const fn policy_engine_mode(&self) -> EngineMode {
                match self { $(Self::$variant(stage) => stage.policy_engine_mode,)* }
            }
        }

        $($(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Unique in its flow.
            pub name: String,
            /// How its policy bindings add up.
            #[serde(default)]
            pub policy_engine_mode: EngineMode,
            $($(#[$field_meta])* pub $field: $type,)*
        })*
    };
}

stages! {
    /// The user agrees to a text.
    Consent(ConsentStage, "consent") {
        /// What they agree to.
        #[serde(default)]
        text: String,
    }
    /// The user fills in fields.
    Prompt(PromptStage, "prompt") {
        /// Heading; empty for none.
        #[serde(default)]
        title: String,
        /// Words above the fields; empty for none.
        #[serde(default)]
        text: String,
        /// The fields, in this order.
        fields: Vec<PromptField>,
    }
    /// The user types their password again.
    Password(PasswordStage, "password") {}
    /// The user types a code of their authenticator app (RFC 6238).
    Totp(TotpStage, "totp") {
        /// What happens to a user who has none.
        #[serde(default)]
        if_not_enrolled: NotEnrolled,
    }
    /// The user touches their security key or uses their passkey (WebAuthn).
    Webauthn(WebauthnStage, "webauthn") {
        /// What happens to a user who has none.
        #[serde(default)]
        if_not_enrolled: NotEnrolled,
    }
    /// Another person lets the user in.
    Approval(ApprovalStage, "approval") {
        /// Who may decide: members of these groups, by name or id.
        #[serde(default)]
        groups: Vec<String>,
        /// Who may decide: these users, by name or id.
        #[serde(default)]
        users: Vec<String>,
        /// How long they have, in seconds, 600 at most; no answer is a no.
        #[serde(default = "approval_timeout_s")]
        #[schema(minimum = 1, maximum = 600)]
        timeout_s: u32,
        /// Whether the user must say why.
        #[serde(default)]
        reason_required: bool,
    }
    /// An expression looks at the launch and may set `connection_settings`.
    Expression(ExpressionStage, "expression") {
        /// A CEL expression that gives a map: `connection_settings` (a map of
        /// settings) and `deny` (a text that ends the launch), both optional.
        expression: String,
    }
    /// Nobody gets further.
    Deny(DenyStage, "deny") {
        /// What the user is told.
        #[serde(default)]
        message: String,
    }
}

const fn approval_timeout_s() -> u32 {
    APPROVAL_TIMEOUT_S_DEFAULT
}

/// What happens to a user who has not enrolled what a stage asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotEnrolled {
    /// The launch is refused, with a hint where to enrol.
    #[default]
    Deny,
    /// The stage is passed over.
    Skip,
}

/// A field of a prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptField {
    /// The key of the plan context that it writes; dots nest:
    /// `connection_settings.username`.
    pub name: String,
    /// What people read beside it; the name when empty.
    #[serde(default)]
    pub label: String,
    /// What it takes.
    #[serde(default, rename = "type")]
    pub kind: PromptFieldKind,
    /// Whether it must be filled in.
    #[serde(default)]
    pub required: bool,
    /// Shown while it is empty.
    #[serde(default)]
    pub placeholder: String,
    /// Words below it.
    #[serde(default)]
    pub help: String,
    /// What it holds at first. Not for passwords and other secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub default: Option<Value>,
    /// A CEL expression for what it holds at first; goes before `default`. Not
    /// for passwords and other secrets.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub default_expression: String,
    /// What can be chosen, for `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<PromptChoice>,
    /// The least that is taken: characters of a text, value of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The most that is taken: characters of a text, value of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// A CEL expression over `value` (and everything else) that must be true.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub validation: String,
}

impl PromptField {
    /// Whether it takes a secret, by its type or by the setting that it writes:
    /// it begins empty, since flows are stored and shown in clear.
    #[must_use]
    pub fn takes_secret(&self) -> bool {
        let setting = self.name.strip_prefix("connection_settings.");
        self.kind == PromptFieldKind::Password
            || setting.is_some_and(|path| path.split('.').any(catalogue::is_secret))
    }
}

/// What a field of a prompt takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromptFieldKind {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    Multiline,
    /// A secret: not echoed, kept sealed, never shown again.
    Password,
    /// A whole number.
    Number,
    /// Yes or no.
    Boolean,
    /// One of `choices`.
    Choice,
}

/// Something that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PromptChoice {
    /// What is written into the plan context.
    pub value: String,
    /// What people read; the value when empty.
    #[serde(default)]
    pub label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_told_by_its_type() {
        let spec: FlowSpec = serde_json::from_str(
            r#"{"name": "ask", "stages": [{"type": "prompt", "name": "who",
                "fields": [{"name": "connection_settings.username"}]}, {"type": "deny", "name": "no"}]}"#,
        )
        .unwrap();
        assert!(matches!(&spec.stages[0].stage, Stage::Prompt(prompt) if prompt.fields.len() == 1));
        assert_eq!(spec.stages[1].stage.name(), "no");
        assert_eq!(spec.stages[0].stage.type_name(), "prompt");
        assert_eq!(spec.stages[1].stage.type_name(), "deny");
    }

    #[test]
    fn a_stage_keeps_its_id_over_reading_and_writing() {
        let json = serde_json::json!({
            "id": uuid::Uuid::from_u128(9), "type": "approval", "name": "boss",
            "policy_engine_mode": "all", "groups": ["bosses"], "users": [], "timeout_s": 60,
            "reason_required": true,
        });
        let stage: FlowStage = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(stage.stage.policy_engine_mode(), EngineMode::All);
        assert_eq!(serde_json::to_value(stage).unwrap(), json);
    }

    #[test]
    fn an_unknown_field_of_a_stage_is_refused() {
        let wrong = r#"{"type": "consent", "name": "ok", "txt": "typo"}"#;
        assert!(serde_json::from_str::<StageSpec>(wrong).is_err());
    }
}
