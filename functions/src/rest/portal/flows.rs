//! Runs of flows: what is asked next, the answer to it, and giving up.

use axum::extract::State;
use causeway_model::id::ExecutionId;
use http::StatusCode;
use serde_json::{Map, Value};

use super::admission::LaunchedView;
use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Address, Id, Presented, SignedIn};
use crate::rest::json::OptionalJson;
use crate::use_case::execution::{self, Answer, Answered, ExecutionError};

/// What a run of a flow asks now; the same again after a reload.
#[utoipa::path(
    get,
    path = "/api/v1/flows/{execution}",
    operation_id = "flow_challenge",
    tag = "portal",
    params(("execution" = ExecutionId, Path, description = "The run, as its launch said")),
    responses(
        (status = OK, body = LaunchedView, description = "Always a challenge"),
        (status = NOT_FOUND, description = "`execution_not_found`: over, or of another sign-in",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<ExecutionId>,
) -> Result<LaunchedView, Problem> {
    let challenge = execution::show(&app, &caller, id).await?;
    Ok(LaunchedView::Challenge(Box::new(challenge)))
}

/// Answers what a run of a flow asks. The answer is the next challenge, or the
/// connection.
#[utoipa::path(
    post,
    path = "/api/v1/flows/{execution}",
    operation_id = "answer_flow",
    tag = "portal",
    params(("execution" = ExecutionId, Path, description = "The run, as its launch said")),
    request_body = Option<Answer>,
    responses(
        (status = OK, body = LaunchedView),
        (status = FORBIDDEN, description = "`denied_by_flow`, `not_allowed_by_policy`, \
            `second_factor_not_enrolled`, `password_not_available`: the run is over; \
            `factor_wrong`: answer again",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, description = "`execution_not_found`: over, or of another sign-in",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, description = "`answered_elsewhere`, `flow_changed`, \
            `maximum_connections_reached`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, description = "`invalid_field`; a field of a prompt is \
            `fields.NAME`", body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn answer(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Presented(credential): Presented,
    Address(address): Address,
    Id(id): Id<ExecutionId>,
    OptionalJson(body): OptionalJson<Map<String, Value>>,
) -> Result<LaunchedView, Problem> {
    let answer = Answer::read(body.unwrap_or_default());
    let answered = Answered {
        caller: &caller,
        credential: &credential,
        address: &address,
        execution: id,
        answer: answer.map_err(|wrong| Problem::invalid(vec![wrong]))?,
    };
    Ok(execution::answer(&app, answered).await?.into())
}

/// Gives up: the run is over, a waiting approval is withdrawn.
#[utoipa::path(
    delete,
    path = "/api/v1/flows/{execution}",
    operation_id = "cancel_flow",
    tag = "portal",
    params(("execution" = ExecutionId, Path, description = "The run, as its launch said")),
    responses(
        (status = NO_CONTENT),
        (status = NOT_FOUND, description = "`execution_not_found`: over, or of another sign-in",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn cancel(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Id(id): Id<ExecutionId>,
) -> Result<StatusCode, Problem> {
    execution::cancel(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Problem {
    /// 404 `execution_not_found`.
    pub(super) fn execution_not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "execution_not_found",
            "this launch is over or belongs to another sign-in; launch again",
        )
    }
}

impl From<ExecutionError> for Problem {
    fn from(error: ExecutionError) -> Self {
        let conflict = |code, detail| Self::new(StatusCode::CONFLICT, code, detail);
        match error {
            ExecutionError::NotFound => Self::execution_not_found(),
            ExecutionError::AnsweredElsewhere => conflict(
                "answered_elsewhere",
                "this question was answered in another tab; load it again",
            ),
            ExecutionError::FlowChanged => conflict(
                "flow_changed",
                "what is asked here was changed meanwhile; launch again",
            ),
            ExecutionError::Invalid(errors) => Self::invalid(errors),
            ExecutionError::Launch(error) => error.into(),
            ExecutionError::Seal(error) => error.into(),
            ExecutionError::Table(error) => error.into(),
        }
    }
}
