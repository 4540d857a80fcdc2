//! Why a user may or may not use an endpoint, and with which settings.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use causeway_model::id::EndpointId;
use causeway_model::object::AuthenticationMethod;
use causeway_model::settings::{EffectiveSetting, SettingError, Settings};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::problem::{FieldError, Problem, ProblemDocument};
use crate::rest::extract::{Id, StaffOnly};
use crate::rest::json::Json as Body;
use crate::use_case::explain::{self, ExplainError, Explanation, Question};

/// For whom, and under which circumstances.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ExplainBody {
    /// The user, by username or id.
    user: String,
    /// What a flow might set.
    #[serde(default)]
    connection_settings: Settings,
    /// Where the user is; absent for unknown.
    #[serde(default)]
    address: Option<String>,
    /// When (RFC 3339); absent for now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    time: Option<jiff::Timestamp>,
    /// How they proved who they are, e.g. `["password", "totp"]`.
    #[serde(default)]
    methods: Vec<AuthenticationMethod>,
}

/// Why, and with which settings.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ExplanationView {
    /// Whether the policies of application and endpoint let the user in.
    allowed: bool,
    /// The effective settings by name, secrets masked.
    settings: BTreeMap<String, EffectiveSetting>,
    /// Every enabled binding of application and endpoint.
    policies: Vec<explain::PolicyVerdict>,
    /// Property mappings that are left out.
    skipped: Vec<explain::SkippedMapping>,
    /// The stages of the provider's flow, in their order.
    stages: Vec<explain::StageVerdict>,
}

/// Explains what a launch of the endpoint by a user would come to. Nothing is
/// launched, and no outside secret is asked for.
#[utoipa::path(
    post,
    path = "/api/v1/admin/endpoints/{id}/explain",
    operation_id = "explain",
    tag = "admin",
    params(("id" = EndpointId, Path, description = "Id of the endpoint")),
    request_body = ExplainBody,
    responses(
        (status = OK, body = ExplanationView),
        (status = NOT_FOUND, description = "There is no such endpoint",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = UNPROCESSABLE_ENTITY, description = "`invalid_field`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn explain(
    State(app): State<App>,
    StaffOnly(staff): StaffOnly,
    Id(id): Id<EndpointId>,
    Body(body): Body<ExplainBody>,
) -> Result<Json<ExplanationView>, Problem> {
    let question = Question {
        endpoint: id,
        user: &body.user,
        connection_settings: body.connection_settings,
        address: body.address.as_deref(),
        time: body.time,
        methods: body.methods,
    };
    Ok(Json(explain::explain(&app, &staff, question).await?.into()))
}

impl From<Explanation> for ExplanationView {
    fn from(explained: Explanation) -> Self {
        Self {
            allowed: explained.allowed,
            settings: explained.settings.masked().into_map(),
            policies: explained.policies,
            skipped: explained.skipped,
            stages: explained.stages,
        }
    }
}

impl From<ExplainError> for Problem {
    fn from(error: ExplainError) -> Self {
        match error {
            ExplainError::EndpointNotFound => Self::not_found("endpoint"),
            ExplainError::UserNotFound => Self::invalid(vec![FieldError::new(
                "user",
                "unknown_reference",
                error.to_string(),
            )]),
            ExplainError::Settings(errors) => {
                let wrong = |error: &SettingError| {
                    let name = error.name().unwrap_or_default();
                    let field = format!("connection_settings.{name}");
                    FieldError::new(field, error.code(), error.to_string())
                };
                Self::invalid(errors.iter().map(wrong).collect())
            }
            ExplainError::Secret(error) => error.into(),
            ExplainError::Table(error) => error.into(),
        }
    }
}
