//! Runs of flows: what a provider asks between "this endpoint, please" and the
//! connection.
//!
//! A run is a plan that the table keeps sealed: who, with which credential,
//! what for, how far, and what was answered so far. It lives ten minutes, is
//! bound to the sign-in that began it, can be picked up again after a reload,
//! and leads to one connection at most.

mod challenge;

pub use challenge::{
    ApprovalProgress, ApprovalQuestion, Challenge, ChallengeApplication, ChallengeEndpoint,
    ChallengeFlow, ConsentQuestion, PasswordQuestion, PromptQuestion, PromptQuestionField,
    Question, TotpQuestion, WebauthnQuestion,
};

use causeway_model::id::ExecutionId;
use causeway_model::secret::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::launch::Launched;
use crate::access::Caller;
use crate::app::App;
use crate::credential::Credential;

/// What a person answers to a stage; each type of stage reads its own fields.
/// `Debug` shows nothing.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowAnswer)]
pub struct Answer {
    /// For `consent`: that they agree.
    #[serde(default)]
    pub accept: Option<bool>,
    /// For `prompt`: values by name of the field.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub fields: Option<Map<String, Value>>,
    /// For `password`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub password: Option<Secret>,
    /// For `totp`: six digits.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub code: Option<Secret>,
    /// For `webauthn`: what `navigator.credentials.get` gave, in JSON.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub credential: Option<Value>,
    /// For `approval`: why; at most 1,000 characters.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer(..)")
    }
}

/// An answer with who gives it.
#[derive(Debug)]
pub struct Answered<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// The same, as it was presented.
    pub credential: &'a Credential,
    /// Where from; empty when unknown.
    pub address: &'a str,
    /// To which run.
    pub execution: ExecutionId,
    /// What.
    pub answer: Answer,
}

/// Why a run does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// There is no such run of this sign-in: it never was, is over, or its
    /// time was up.
    #[error("there is no such run of a flow")]
    NotFound,
}

/// What a run asks now.
///
/// # Errors
/// [`ExecutionError`].
pub async fn show(
    _app: &App,
    _caller: &Caller,
    _id: ExecutionId,
) -> Result<Challenge, ExecutionError> {
    Err(ExecutionError::NotFound)
}

/// Takes an answer and goes on to the next question, or to the connection.
///
/// # Errors
/// [`ExecutionError`].
pub async fn answer(_app: &App, _answered: Answered<'_>) -> Result<Launched, ExecutionError> {
    Err(ExecutionError::NotFound)
}

/// Ends a run.
///
/// # Errors
/// [`ExecutionError`].
pub async fn cancel(_app: &App, _caller: &Caller, _id: ExecutionId) -> Result<(), ExecutionError> {
    Err(ExecutionError::NotFound)
}
