//! Expressions and policies, tried out.

use axum::Json;
use axum::extract::State;
use causeway_model::object::AuthenticationMethod;
use causeway_policy::{CompileError, EvaluateError, Expression, Purpose};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::{ReaderOnly, StaffOnly};
use crate::rest::json::Json as Body;
use crate::use_case::policy_test::{self, Failed, TestError, Tested, Trial, Tried};

/// An expression to look at.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CheckBody {
    /// Its text.
    expression: String,
    purpose: PurposeView,
}

/// What an expression is for: which variables it has, and what it must give.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PurposeView {
    /// A policy: gives `true` or `false`.
    Policy,
    /// A property mapping: gives a map of settings.
    PropertyMapping,
    /// An expression stage: gives a map with `connection_settings` and `deny`.
    Stage,
    /// What a field of a prompt holds at first.
    PromptDefault,
    /// Whether `value`, which somebody typed, is good.
    PromptValidation,
    /// Attributes of somebody who signs in with a source, made of `claims`.
    SourceAttributes,
}

impl From<PurposeView> for Purpose {
    fn from(view: PurposeView) -> Self {
        match view {
            PurposeView::Policy => Self::Policy,
            PurposeView::PropertyMapping => Self::PropertyMapping,
            PurposeView::Stage => Self::Stage,
            PurposeView::PromptDefault => Self::PromptDefault,
            PurposeView::PromptValidation => Self::PromptValidation,
            PurposeView::SourceAttributes => Self::SourceAttributes,
        }
    }
}

/// Whether an expression can be stored.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct CheckView {
    /// Whether it can.
    ok: bool,
    /// Why not.
    error: Option<ExpressionErrorView>,
}

/// What is wrong with an expression, and where.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ExpressionErrorView {
    /// Line, from 1.
    line: u32,
    /// Column in characters, from 1.
    column: u32,
    /// What is wrong, in words.
    message: String,
    /// What may help, in words.
    hint: Option<String>,
    /// Stable code.
    code: &'static str,
}

impl From<CompileError> for ExpressionErrorView {
    fn from(error: CompileError) -> Self {
        Self {
            line: error.line,
            column: error.column,
            message: error.message,
            hint: error.hint,
            code: error.code,
        }
    }
}

impl From<EvaluateError> for ExpressionErrorView {
    fn from(error: EvaluateError) -> Self {
        Self {
            line: error.line,
            column: error.column,
            message: error.message,
            hint: None,
            code: error.kind.code(),
        }
    }
}

/// Says whether an expression can be stored, and where it is wrong.
#[utoipa::path(
    post,
    path = "/api/v1/admin/expressions/check",
    operation_id = "check_expression",
    tag = "admin",
    request_body = CheckBody,
    responses(
        (status = OK, body = CheckView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn check(
    StaffOnly(_staff): StaffOnly,
    Body(body): Body<CheckBody>,
) -> Json<CheckView> {
    let compiled = Expression::compile(&body.expression, body.purpose.into());
    Json(CheckView {
        ok: compiled.is_ok(),
        error: compiled.err().map(ExpressionErrorView::from),
    })
}

/// A policy to try, for whom, and under which circumstances.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestBody {
    /// A stored policy, by name or id; or else `expression`.
    #[serde(default)]
    policy: Option<String>,
    /// An expression that is not stored.
    #[serde(default)]
    expression: Option<String>,
    /// Who, by username or id.
    user: String,
    /// What for, by slug or id; absent for that of the endpoint.
    #[serde(default)]
    application: Option<String>,
    /// What for: an id, or a name in the application's provider.
    #[serde(default)]
    endpoint: Option<String>,
    /// Where from; absent for unknown.
    #[serde(default)]
    address: Option<String>,
    /// When (RFC 3339); absent for now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    time: Option<Timestamp>,
    /// How they proved who they are, e.g. `["password", "totp"]`.
    #[serde(default)]
    methods: Vec<AuthenticationMethod>,
}

/// What a policy said.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct TestView {
    /// Whether it passes.
    passing: bool,
    /// What it gave; null when it gave nothing.
    value: Value,
    /// Why, in words.
    reason: String,
    /// What went wrong.
    error: Option<ExpressionErrorView>,
    /// Operations that it took.
    operations: u32,
    /// How long that took, in microseconds.
    elapsed_us: u64,
}

impl From<Tested> for TestView {
    fn from(tested: Tested) -> Self {
        let (value, reason, error) = match tested.result {
            Ok(value) => {
                let reason = if value == Value::Bool(true) {
                    "the expression gives true"
                } else {
                    "the expression gives false"
                };
                (value, reason.to_owned(), None)
            }
            Err(Failed::Compile(error)) => {
                let reason = format!("the expression cannot be used: {error}");
                (Value::Null, reason, Some(error.into()))
            }
            Err(Failed::Evaluate(error)) => {
                let reason = format!("the expression could not be evaluated: {error}");
                (Value::Null, reason, Some(error.into()))
            }
        };
        Self {
            passing: value == Value::Bool(true),
            value,
            reason,
            error,
            operations: tested.operations,
            elapsed_us: tested.elapsed_us,
        }
    }
}

/// Tries a policy for a user. Nothing is stored and nothing is told to the audit
/// trail.
#[utoipa::path(
    post,
    path = "/api/v1/admin/policies/test",
    operation_id = "test_policy",
    tag = "admin",
    request_body = TestBody,
    responses(
        (status = OK, body = TestView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn test(
    State(app): State<App>,
    ReaderOnly(reader): ReaderOnly,
    Body(body): Body<TestBody>,
) -> Result<Json<TestView>, Problem> {
    let tried = match (&body.policy, &body.expression) {
        (Some(policy), None) => Tried::Policy(policy),
        (None, Some(expression)) => Tried::Expression(expression),
        (Some(_), Some(_)) | (None, None) => {
            let message = "give either a policy or an expression";
            let error = FieldError::new("policy", "required", message);
            return Err(Problem::invalid(vec![error]));
        }
    };
    let trial = Trial {
        tried,
        user: &body.user,
        application: body.application.as_deref(),
        endpoint: body.endpoint.as_deref(),
        address: body.address.as_deref(),
        time: body.time,
        methods: body.methods.clone(),
    };
    Ok(Json(policy_test::test(&app, &reader, trial).await?.into()))
}

impl From<TestError> for Problem {
    fn from(error: TestError) -> Self {
        match error {
            TestError::Fields(errors) => Self::invalid(errors),
            TestError::Table(error) => error.into(),
        }
    }
}
