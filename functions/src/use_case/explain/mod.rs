//! Explaining: what a launch of an endpoint by a user would come to, and why.

use causeway_model::id::EndpointId;
use causeway_model::settings::{Effective, Settings};
use causeway_table::TableError;
use causeway_trust::SealError;
use jiff::Timestamp;
use serde::Serialize;

use super::{merge, user};
use crate::access::Admin;
use crate::app::App;

/// Who would launch what, and under which circumstances.
#[derive(Debug)]
pub struct Question<'a> {
    /// What.
    pub endpoint: EndpointId,
    /// Who, by username or id.
    pub user: &'a str,
    /// What a flow might set.
    pub connection_settings: Settings,
    /// Where from; `None` for unknown.
    pub address: Option<&'a str>,
    /// When; `None` for now.
    pub time: Option<Timestamp>,
}

/// What it would come to. Holds secrets until it is masked.
#[derive(Debug)]
pub struct Explanation {
    /// Whether the policies of application and endpoint let the user in.
    pub allowed: bool,
    /// The effective settings.
    pub settings: Effective,
    /// Every enabled binding of application and endpoint.
    pub policies: Vec<PolicyVerdict>,
    /// Property mappings that are left out.
    pub skipped: Vec<SkippedMapping>,
    /// The stages of the provider's flow.
    pub stages: Vec<StageVerdict>,
}

/// What one binding says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PolicyVerdict {
    /// What it is bound to: `application/linux`, `endpoint/ssh/web-01`.
    pub target: String,
    /// Name of the policy, group or user that it asks for.
    pub policy: String,
    /// Which of these: `policy`, `group` or `user`.
    pub subject_kind: String,
    /// What it comes to, `negate` and `failure_result` counted in.
    pub passing: bool,
    /// Why, in words.
    pub reason: String,
}

/// A property mapping that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SkippedMapping {
    /// Its name.
    pub mapping: String,
    /// Why, in words.
    pub reason: String,
}

/// What becomes of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StageVerdict {
    /// Name of the flow.
    pub flow: String,
    /// Name of the stage.
    pub stage: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it would be asked.
    pub would_run: bool,
    /// Why, in words.
    pub reason: String,
}

/// Why nothing is explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// There is no such endpoint, or no application leads to it.
    #[error("there is no such endpoint")]
    EndpointNotFound,
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// A stored secret does not open.
    #[error("a secret of the settings does not open")]
    Secret(#[from] SealError),
    /// The table did not answer.
    #[error("what would happen could not be read")]
    Table(#[from] TableError),
}

/// Explains.
///
/// # Errors
/// [`ExplainError`].
pub async fn explain(
    app: &App,
    _admin: &Admin,
    question: Question<'_>,
) -> Result<Explanation, ExplainError> {
    let snapshot = app.table().config().current().await?;
    let endpoint = app.table().endpoints().by_id(question.endpoint).await?;
    let endpoint = endpoint.ok_or(ExplainError::EndpointNotFound)?;
    let provider = snapshot
        .providers()
        .get(endpoint.provider.uuid())
        .ok_or(ExplainError::EndpointNotFound)?;
    let user = user::resolve(app, question.user).await?;
    let user = user.ok_or(ExplainError::UserNotFound)?;
    let merged = merge::effective(app, &snapshot, provider, &endpoint, &user)?;
    Ok(Explanation {
        allowed: true,
        settings: merged.settings,
        policies: Vec::new(),
        skipped: Vec::new(),
        stages: Vec::new(),
    })
}
