//! Launching an endpoint.

use std::time::Duration;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;

use super::admission::LaunchedView;
use crate::access::AccessError;
use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Address, Names, Presented};
use crate::rest::json::OptionalJson;
use crate::use_case::launch::{self, Launch, LaunchError};

/// What a launch may say about itself: nothing yet. Settings of a connection
/// come from flows alone.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LaunchBody {}

/// Launches an endpoint of one of my applications.
#[utoipa::path(
    post,
    path = "/api/v1/applications/{slug}/endpoints/{endpoint}/launch",
    operation_id = "launch",
    tag = "portal",
    params(
        ("slug" = String, Path, description = "Slug of the application"),
        ("endpoint" = String, Path, description = "Id of the endpoint, or its name"),
    ),
    request_body = Option<LaunchBody>,
    responses(
        (status = OK, body = LaunchedView),
        (status = FORBIDDEN, description = "`not_allowed_by_policy`, `denied_by_flow`, \
            `second_factor_not_enrolled`, `password_not_available`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = NOT_FOUND, description = "`application_not_found`, `endpoint_not_found`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = CONFLICT, description = "`maximum_connections_reached`; `connections` are the \
            caller's own, to be resumed", body = ProblemDocument, content_type = "application/problem+json"),
        (status = SERVICE_UNAVAILABLE, description = "`no_node_available`",
            body = ProblemDocument, content_type = "application/problem+json"),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn launch(
    State(app): State<App>,
    Presented(credential): Presented,
    Address(address): Address,
    Names((slug, endpoint)): Names<(String, String)>,
    OptionalJson(body): OptionalJson<LaunchBody>,
) -> Result<LaunchedView, Problem> {
    let LaunchBody {} = body.unwrap_or_default();
    let asked = Launch {
        credential: &credential,
        application: &slug,
        endpoint: &endpoint,
        address: &address,
    };
    Ok(launch::launch(&app, &asked).await?.into())
}

impl From<LaunchError> for Problem {
    fn from(error: LaunchError) -> Self {
        match error {
            LaunchError::NotSignedIn => AccessError::NotSignedIn.into(),
            LaunchError::TokenScope => AccessError::TokenScope.into(),
            LaunchError::ApplicationNotFound => Self::new(
                StatusCode::NOT_FOUND,
                "application_not_found",
                error.to_string(),
            ),
            LaunchError::EndpointNotFound => Self::new(
                StatusCode::NOT_FOUND,
                "endpoint_not_found",
                error.to_string(),
            ),
            LaunchError::NotAllowedByPolicy(_) => Self::new(
                StatusCode::FORBIDDEN,
                "not_allowed_by_policy",
                "You may not use this endpoint now. Ask an administrator if you should.",
            ),
            LaunchError::DeniedByFlow { message, .. } => {
                let words = if message.is_empty() {
                    "This launch is not allowed.".to_owned()
                } else {
                    message
                };
                Self::new(StatusCode::FORBIDDEN, "denied_by_flow", words)
            }
            LaunchError::SecondFactorNotEnrolled { .. } => Self::new(
                StatusCode::FORBIDDEN,
                "second_factor_not_enrolled",
                "This endpoint asks for a second factor, and you have none. Add one to your \
                 account, then launch again.",
            ),
            LaunchError::PasswordNotAvailable { .. } => Self::new(
                StatusCode::FORBIDDEN,
                "password_not_available",
                "This endpoint asks for the password of your account, and you sign in without \
                 one. Ask an administrator.",
            ),
            LaunchError::Factor(error) => error.into(),
            LaunchError::ExecutionGone => Self::execution_not_found(),
            LaunchError::Seal(error) => error.into(),
            LaunchError::MaximumConnections { own, .. } => {
                let words = if own.is_empty() {
                    ""
                } else {
                    " (you are already connected in another tab or window)"
                };
                Self::new(
                    StatusCode::CONFLICT,
                    "maximum_connections_reached",
                    format!("Maximum connection limit reached{words}."),
                )
                .connections(own)
            }
            LaunchError::NoNode(reason) => {
                let problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "no_node_available",
                    format!("{reason} ({})", reason.code()),
                );
                if reason.is_transient() {
                    return problem.retry_after(Duration::from_secs(2));
                }
                problem
            }
            LaunchError::Contended => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too_many_launches",
                "others kept taking the place; try again",
            )
            .retry_after(Duration::from_secs(1)),
            LaunchError::Ticket(error) => Self::internal(&error),
            LaunchError::Signing(error) => error.into(),
            LaunchError::Table(error) => error.into(),
        }
    }
}
