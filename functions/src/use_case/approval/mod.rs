//! Approvals: one person asks, another lets them in.

use causeway_model::id::{ApplicationId, ApprovalId, EndpointId, UserId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::object::{ListError, Page};
use crate::access::Caller;
use crate::app::App;

/// Where an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Nobody has decided yet.
    Waiting,
    /// Somebody said yes.
    Approved,
    /// Somebody said no.
    Denied,
    /// Nobody decided in time.
    Expired,
    /// The requester gave up.
    Withdrawn,
}

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Yes.
    Approve,
    /// No.
    Deny,
}

/// An approval as somebody sees it who may.
#[derive(Debug, Clone, PartialEq)]
pub struct MyApproval {
    /// Its id.
    pub id: ApprovalId,
    /// Where it stands.
    pub state: ApprovalState,
    /// Whether the caller may decide it, as long as it waits.
    pub mine_to_decide: bool,
    /// Who asks.
    pub requester: UserId,
    /// Their name.
    pub requester_username: String,
    /// What they want to launch.
    pub application: ApplicationId,
    /// Its name.
    pub application_name: String,
    /// What they want to launch.
    pub endpoint: EndpointId,
    /// Its name.
    pub endpoint_name: String,
    /// Name of the flow that asks.
    pub flow: String,
    /// Name of the stage that asks.
    pub stage: String,
    /// Why they want it; empty when they did not say.
    pub reason: String,
    /// Where they are; empty when unknown.
    pub address: String,
    /// When they asked.
    pub requested_at: Timestamp,
    /// When no answer becomes a no.
    pub expires_at: Timestamp,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What they said; empty for nothing.
    pub comment: String,
}

/// Which approvals, and how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Only those that stand there.
    pub state: Option<ApprovalState>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Those after this one.
    pub cursor: Option<&'a str>,
}

/// Why an approval is not shown or not decided.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// There is none of that id that the caller may see.
    #[error("there is no such approval")]
    NotFound,
}

/// What the caller may decide, newest first.
///
/// # Errors
/// [`ListError`].
pub async fn list(
    _app: &App,
    _caller: &Caller,
    _wanted: Wanted<'_>,
) -> Result<Page<MyApproval>, ListError> {
    Ok(Page {
        items: Vec::new(),
        next: None,
    })
}

/// One approval that the caller may decide or asked for.
///
/// # Errors
/// [`ApprovalError`].
pub async fn find(
    _app: &App,
    _caller: &Caller,
    _id: ApprovalId,
) -> Result<MyApproval, ApprovalError> {
    Err(ApprovalError::NotFound)
}

/// Decides.
///
/// # Errors
/// [`ApprovalError`].
pub async fn decide(
    _app: &App,
    _caller: &Caller,
    _id: ApprovalId,
    _decision: Decision,
    _comment: &str,
) -> Result<MyApproval, ApprovalError> {
    Err(ApprovalError::NotFound)
}
