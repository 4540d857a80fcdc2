//! What a flow asks, as it is shown to the person.

use causeway_model::id::{EndpointId, ExecutionId};
use causeway_model::object::{PromptChoice, PromptFieldKind, Protocol};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One step of a flow that waits for its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Challenge {
    /// The run of the flow; what the answer is posted to.
    pub execution: ExecutionId,
    /// When the run ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// The flow.
    pub flow: ChallengeFlow,
    /// What is launched.
    pub application: ChallengeApplication,
    /// What is launched.
    pub endpoint: ChallengeEndpoint,
    /// Place of this stage among all of the flow, from 1. Stages that do not
    /// concern the person are passed over, so numbers may be left out.
    pub step: usize,
    /// How many stages the flow has.
    pub steps: usize,
    /// What is asked.
    pub stage: Question,
}

/// The flow that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChallengeFlow {
    /// Its name.
    pub name: String,
    /// Its heading; empty for none.
    pub title: String,
}

/// The application that is launched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChallengeApplication {
    /// Name in URLs.
    pub slug: String,
    /// Name on the portal.
    pub name: String,
}

/// The endpoint that is launched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChallengeEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its name.
    pub name: String,
    /// How it is spoken to.
    pub protocol: Protocol,
}

/// What a stage asks, by its type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Question {
    /// Agree to a text; answered with `accept: true`.
    Consent(ConsentQuestion),
    /// Fill in fields; answered with `fields`.
    Prompt(PromptQuestion),
    /// Type the password of the account again; answered with `password`.
    Password(PasswordQuestion),
    /// Type a code of the authenticator app; answered with `code`.
    Totp(TotpQuestion),
    /// Use a passkey or security key; answered with `credential`.
    Webauthn(WebauthnQuestion),
    /// Wait for another person; answered with `reason`, then with nothing.
    Approval(ApprovalQuestion),
    /// Nothing more is asked, but there was no place just now: answered with
    /// nothing, the launch is tried again.
    Ready,
}

/// Agree to a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConsentQuestion {
    /// Name of the stage.
    pub name: String,
    /// What is agreed to.
    pub text: String,
}

/// Fill in fields.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PromptQuestion {
    /// Name of the stage.
    pub name: String,
    /// Heading; empty for none.
    pub title: String,
    /// Words above the fields; empty for none.
    pub text: String,
    /// The fields, in this order.
    pub fields: Vec<PromptQuestionField>,
}

/// One field to be filled in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PromptQuestionField {
    /// Its name in the answer's `fields`.
    pub name: String,
    /// What people read beside it.
    pub label: String,
    /// What it takes.
    #[serde(rename = "type")]
    pub kind: PromptFieldKind,
    /// Whether it must be filled in.
    pub required: bool,
    /// Shown while it is empty.
    pub placeholder: String,
    /// Words below it.
    pub help: String,
    /// What it holds at first; never for passwords.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub value: Option<Value>,
    /// What can be chosen, for `choice`.
    pub choices: Vec<PromptChoice>,
    /// The least that is taken: characters of a text, value of a number.
    pub minimum: Option<i64>,
    /// The most that is taken: characters of a text, value of a number.
    pub maximum: Option<i64>,
}

/// Type the password of the account again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PasswordQuestion {
    /// Name of the stage.
    pub name: String,
}

/// Type a code of the authenticator app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TotpQuestion {
    /// Name of the stage.
    pub name: String,
}

/// Use a passkey or security key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebauthnQuestion {
    /// Name of the stage.
    pub name: String,
    /// Options for `navigator.credentials.get` (WebAuthn level 3, section
    /// 5.8.2), in JSON.
    #[schema(value_type = Object)]
    pub public_key: Value,
}

/// Wait for another person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApprovalQuestion {
    /// Name of the stage.
    pub name: String,
    /// Where it stands.
    pub state: ApprovalProgress,
    /// Who may decide: names of groups and users.
    pub approvers: Vec<String>,
    /// Whether a reason must be given.
    pub reason_required: bool,
    /// When they were asked; null before.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub requested_at: Option<Timestamp>,
    /// When no answer becomes a no; null before they were asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// What the person who decided says.
    pub comment: String,
    /// Who decided; null before.
    pub decided_by: Option<String>,
}

/// Where an approval stands, as its requester sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalProgress {
    /// The person must say why first; answer with `reason`.
    ReasonNeeded,
    /// Nobody has decided yet.
    Waiting,
    /// Somebody said yes: answer with nothing to get on.
    Approved,
    /// Somebody said no.
    Denied,
    /// Nobody decided in time.
    Expired,
}
