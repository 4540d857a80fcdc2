//! Who is calling.

use axum::Json;
use axum::extract::State;
use causeway_model::id::{GroupId, SourceId, UserId};
use causeway_model::object::{AuthenticationMethod, Role};
use causeway_table::ConfigSnapshot;
use jiff::Timestamp;
use serde::Serialize;

use crate::access::{Caller, Proof};
use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::SignedIn;
use crate::use_case::account;

/// The caller.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct Me {
    id: UserId,
    username: String,
    /// Name for people.
    name: String,
    /// Mail address; empty for none.
    email: String,
    /// The highest role, groups taken into account.
    role: Role,
    groups: Vec<GroupId>,
    /// What the caller may do in the administration.
    rights: RightsView,
    /// How the caller proved who they are.
    methods: Vec<AuthenticationMethod>,
    /// When they last did; null for a token.
    #[schema(value_type = Option<String>, format = DateTime)]
    confirmed_at: Option<Timestamp>,
    /// Whether they have a password here.
    has_password: bool,
    /// The source that they signed in with; null for a local account.
    source: Option<SourceView>,
    /// When the sign-in or the token ends by itself; null for never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// Whether traces are kept: a browser begins one for each launch then, and
    /// says so in `traceparent`.
    traces: bool,
}

/// What somebody may do in the administration.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RightsView {
    /// Reads and writes everything.
    admin: bool,
    /// Reads everything.
    audit: bool,
    /// Slugs of the applications that they operate.
    operates: Vec<String>,
}

/// A source, as far as who came from it sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct SourceView {
    slug: String,
    /// Name for people.
    name: String,
}

impl SourceView {
    /// The source of that id, unless it is gone.
    pub(super) fn of(snapshot: &ConfigSnapshot, id: Option<SourceId>) -> Option<Self> {
        let source = snapshot.sources().get(id?.uuid())?;
        Some(Self {
            slug: source.slug.clone(),
            name: source.name.clone(),
        })
    }
}

/// Who is calling.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    operation_id = "me",
    tag = "portal",
    responses(
        (status = OK, body = Me),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn me(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
) -> Result<Json<Me>, Problem> {
    let snapshot = app.table().config().current().await?;
    let has_password = account::has_password(&app, caller.user().id).await?;
    let mut me = view(&caller, &snapshot, has_password);
    me.traces = app.config().traces.is_some();
    Ok(Json(me))
}

fn view(caller: &Caller, snapshot: &ConfigSnapshot, has_password: bool) -> Me {
    let (user, rights, proof) = (caller.user(), caller.rights(), caller.proof());
    let slug = |id: causeway_model::id::ApplicationId| {
        let found = snapshot.applications().get(id.uuid());
        found.map(|application| application.slug.clone())
    };
    let source = match proof {
        Proof::Session(session) => session.source,
        Proof::Token(_) => None,
    };
    Me {
        id: user.id,
        username: user.username.clone(),
        name: user.name.clone(),
        email: user.email.clone(),
        role: rights.role(),
        groups: user.groups.clone(),
        rights: RightsView {
            admin: rights.is_admin(),
            audit: rights.reads_everything(),
            operates: rights.operated().filter_map(slug).collect(),
        },
        methods: proof.methods().to_vec(),
        confirmed_at: proof.confirmed_at(),
        has_password,
        source: SourceView::of(snapshot, source),
        expires_at: caller.expires_at(),
        traces: false,
    }
}
