//! Approvals: what other people ask the caller to decide.

use axum::Json;
use axum::extract::State;
use causeway_model::id::{ApplicationId, ApprovalId, EndpointId, UserId};
use causeway_model::object::{Approval, ApprovalState, Decision};
use http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::{Id, SignedIn};
use crate::rest::json::Json as Body;
use crate::rest::list::{List, QueryOf};
use crate::use_case::approval::{self, ApprovalError, MyApproval};

/// Which approvals.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ApprovalsQuery {
    /// Only those that stand there.
    #[serde(default)]
    state: Option<ApprovalState>,
    /// At most so many items; 100 unless said otherwise, never more.
    #[serde(default)]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
    /// `next` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// Somebody asks to be let in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ApprovalView {
    /// Its id.
    id: ApprovalId,
    /// Where it stands.
    state: ApprovalState,
    /// Whether the caller may decide it, as long as it waits.
    mine_to_decide: bool,
    /// Who asks.
    requester: ApprovalRequester,
    /// What they want to launch.
    application: ApprovalApplication,
    /// What they want to launch.
    endpoint: ApprovalEndpoint,
    /// Name of the flow that asks.
    flow: String,
    /// Name of the stage that asks.
    stage: String,
    /// Why they want it; empty when they did not say.
    reason: String,
    /// Where they are; empty when unknown.
    address: String,
    /// When they asked.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Timestamp,
    /// When no answer becomes a no.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Who decided; null before.
    decided_by: Option<String>,
    /// When; null before.
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// What they said; empty for nothing.
    comment: String,
}

/// Who asks.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ApprovalRequester {
    id: UserId,
    username: String,
}

/// The application concerned.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ApprovalApplication {
    id: ApplicationId,
    /// Its name when it was asked for.
    name: String,
}

/// The endpoint concerned.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ApprovalEndpoint {
    id: EndpointId,
    /// Its name when it was asked for.
    name: String,
}

/// A decision.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    /// Yes or no.
    decision: Decision,
    /// What the requester is told; at most 1,000 characters.
    #[serde(default)]
    #[schema(max_length = 1000)]
    comment: String,
}

/// What I may decide, newest first. A page may be short or empty and still have
/// a next one.
#[utoipa::path(
    get,
    path = "/api/v1/approvals",
    operation_id = "my_approvals",
    tag = "portal",
    params(ApprovalsQuery),
    responses(
        (status = OK, body = List<ApprovalView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    QueryOf(query): QueryOf<ApprovalsQuery>,
) -> Result<Json<List<ApprovalView>>, Problem> {
    let wanted = approval::Wanted {
        state: query.state,
        limit: query.limit,
        cursor: query.cursor.as_deref(),
    };
    let page = approval::list(&app, &caller, wanted).await?;
    Ok(List::of(page, ApprovalView::from))
}

/// One approval that I may decide or asked for.
#[utoipa::path(
    get,
    path = "/api/v1/approvals/{id}",
    operation_id = "my_approval",
    tag = "portal",
    params(("id" = ApprovalId, Path, description = "Id of the approval")),
    responses(
        (status = OK, body = ApprovalView),
        (status = NOT_FOUND, description = "`approval_not_found`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<ApprovalId>,
) -> Result<Json<ApprovalView>, Problem> {
    Ok(Json(approval::find(&app, &caller, id).await?.into()))
}

/// Decides what somebody asks. Nobody decides for themselves.
#[utoipa::path(
    post,
    path = "/api/v1/approvals/{id}",
    operation_id = "decide_approval",
    tag = "portal",
    params(("id" = ApprovalId, Path, description = "Id of the approval")),
    request_body = DecisionBody,
    responses(
        (status = OK, body = ApprovalView),
        (status = FORBIDDEN, description = "`own_request`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, description = "`approval_not_found`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, description = "`already_decided`, `approval_expired`, \
            `approval_withdrawn`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn decide(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<ApprovalId>,
    Body(body): Body<DecisionBody>,
) -> Result<Json<ApprovalView>, Problem> {
    let decided = approval::decide(&app, &caller, id, body.decision, &body.comment).await?;
    Ok(Json(decided.into()))
}

impl From<MyApproval> for ApprovalView {
    fn from(mine: MyApproval) -> Self {
        let MyApproval {
            approval,
            mine_to_decide,
        } = mine;
        let Approval { decided_by, .. } = &approval;
        Self {
            decided_by: (!decided_by.is_empty()).then(|| decided_by.clone()),
            id: approval.id,
            state: approval.state,
            mine_to_decide,
            requester: ApprovalRequester {
                id: approval.requester,
                username: approval.requester_username,
            },
            application: ApprovalApplication {
                id: approval.application,
                name: approval.application_name,
            },
            endpoint: ApprovalEndpoint {
                id: approval.endpoint,
                name: approval.endpoint_name,
            },
            flow: approval.flow,
            stage: approval.stage,
            reason: approval.reason,
            address: approval.address,
            requested_at: approval.requested_at,
            expires_at: approval.expires_at,
            decided_at: approval.decided_at,
            comment: approval.comment,
        }
    }
}

impl From<ApprovalError> for Problem {
    fn from(error: ApprovalError) -> Self {
        let conflict = |code| Self::new(StatusCode::CONFLICT, code, error.to_string());
        match error {
            ApprovalError::NotFound => Self::new(
                StatusCode::NOT_FOUND,
                "approval_not_found",
                error.to_string(),
            ),
            ApprovalError::OwnRequest => {
                Self::new(StatusCode::FORBIDDEN, "own_request", error.to_string())
            }
            ApprovalError::AlreadyDecided => conflict("already_decided"),
            ApprovalError::Expired => conflict("approval_expired"),
            ApprovalError::Withdrawn => conflict("approval_withdrawn"),
            ApprovalError::CommentTooLong => Self::invalid(vec![FieldError::new(
                "comment",
                "too_long",
                error.to_string(),
            )]),
            ApprovalError::Table(error) => error.into(),
        }
    }
}
