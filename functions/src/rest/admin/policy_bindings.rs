//! Policy bindings; shown with the names of what they are attached to and of
//! whom they ask for.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use causeway_model::object::{PolicyBinding, PolicyBindingSpec};
use causeway_table::TableError;
use http::StatusCode;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::{Holder, IfMatch, Names, Viewer};
use crate::rest::json::Json as Body;
use crate::rest::list::{BindingQuery, List, Listing};
use crate::rest::written::{self, WrittenView};
use crate::use_case::object::{self, Page, Written};
use crate::use_case::policy_binding::{BindingWords, words_of};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(find, update, delete))
}

/// A policy binding with names for people.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct PolicyBindingView {
    #[serde(flatten)]
    binding: PolicyBinding,
    /// What it is attached to, as `target` may be written: `application/linux`,
    /// `endpoint/ssh/web-01`, `stage/ask/credentials`.
    target_text: String,
    /// Name of the policy, group or user.
    subject_name: String,
}

impl PolicyBindingView {
    fn new(binding: PolicyBinding, words: BindingWords) -> Self {
        Self {
            binding,
            target_text: words.target,
            subject_name: words.subject,
        }
    }
}

/// Lists policy bindings: those of one target in the order of their evaluation,
/// else all of them. A page may be short and yet not the last.
#[utoipa::path(
    get,
    path = "/api/v1/admin/policy-bindings",
    operation_id = "list_policy_binding",
    tag = "admin",
    params(BindingQuery),
    responses(
        (status = OK, body = List<PolicyBindingView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    Viewer(staff, _): Viewer<PolicyBinding>,
    Listing(filter, _): Listing<BindingQuery>,
) -> Result<Json<List<PolicyBindingView>>, Problem> {
    let page = object::list::<PolicyBinding>(&app, &staff, &filter).await?;
    let items = views(&app, page.items).await?;
    Ok(Json(
        Page {
            items,
            next: page.next,
        }
        .into(),
    ))
}

/// Attaches a policy, a group or a user to a target.
#[utoipa::path(
    post,
    path = "/api/v1/admin/policy-bindings",
    operation_id = "create_policy_binding",
    tag = "admin",
    request_body = PolicyBindingSpec,
    responses(
        (status = CREATED, body = WrittenView<PolicyBindingView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn create(
    State(app): State<App>,
    Holder(staff, _): Holder<PolicyBinding>,
    Body(spec): Body<PolicyBindingSpec>,
) -> Result<Response, Problem> {
    let created = object::create::<PolicyBinding>(&app, &staff, spec).await?;
    written_view(&app, StatusCode::CREATED, created).await
}

/// Shows one policy binding.
#[utoipa::path(
    get,
    path = "/api/v1/admin/policy-bindings/{id}",
    operation_id = "find_policy_binding",
    tag = "admin",
    params(("id" = String, Path, description = "Id of the binding")),
    responses(
        (status = OK, body = PolicyBindingView),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    Viewer(staff, _): Viewer<PolicyBinding>,
    Names(reference): Names<String>,
) -> Result<Response, Problem> {
    let found = object::find::<PolicyBinding>(&app, &staff, &reference).await?;
    let found = found.ok_or_else(|| Problem::not_found("policy binding"))?;
    let (version, words) = (found.meta.version, words(&app, &found).await?);
    let view = PolicyBindingView::new(found, words);
    Ok(written::with_version(version, Json(view)))
}

/// Replaces all fields; `version` or `If-Match` says which version is to be
/// changed.
#[utoipa::path(
    put,
    path = "/api/v1/admin/policy-bindings/{id}",
    operation_id = "update_policy_binding",
    tag = "admin",
    params(
        ("id" = String, Path, description = "Id of the binding"),
        ("if-match" = Option<String>, Header, description = "The version in quotes"),
    ),
    request_body = PolicyBindingSpec,
    responses(
        (status = OK, body = WrittenView<PolicyBindingView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn update(
    State(app): State<App>,
    Holder(staff, _): Holder<PolicyBinding>,
    Names(reference): Names<String>,
    IfMatch(if_match): IfMatch,
    Body(body): Body<serde_json::Value>,
) -> Result<Response, Problem> {
    let (spec, precondition) = written::fields::<PolicyBinding>(body, if_match)?;
    let updated =
        object::update::<PolicyBinding>(&app, &staff, &reference, spec, precondition).await?;
    written_view(&app, StatusCode::OK, updated).await
}

/// Deletes one policy binding.
#[utoipa::path(
    delete,
    path = "/api/v1/admin/policy-bindings/{id}",
    operation_id = "delete_policy_binding",
    tag = "admin",
    params(("id" = String, Path, description = "Id of the binding")),
    responses(
        (status = NO_CONTENT),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn delete(
    State(app): State<App>,
    Holder(staff, _): Holder<PolicyBinding>,
    Names(reference): Names<String>,
) -> Result<StatusCode, Problem> {
    object::delete::<PolicyBinding>(&app, &staff, &reference).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn written_view(
    app: &App,
    status: StatusCode,
    written: Written<PolicyBinding>,
) -> Result<Response, Problem> {
    let words = words(app, &written.object).await?;
    let view = |binding| PolicyBindingView::new(binding, words);
    Ok(written::written_as(status, written, view))
}

async fn words(app: &App, binding: &PolicyBinding) -> Result<BindingWords, TableError> {
    let snapshot = app.table().config().current().await?;
    let words = words_of(app, &snapshot, std::slice::from_ref(binding)).await?;
    Ok(words.into_iter().next().unwrap_or_default())
}

async fn views(
    app: &App,
    bindings: Vec<PolicyBinding>,
) -> Result<Vec<PolicyBindingView>, TableError> {
    let snapshot = app.table().config().current().await?;
    let words = words_of(app, &snapshot, &bindings).await?;
    let views = bindings.into_iter().zip(words);
    Ok(views
        .map(|(binding, words)| PolicyBindingView::new(binding, words))
        .collect())
}
