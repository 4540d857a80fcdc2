//! The caller's applications, with what they may launch.

use axum::Json;
use axum::extract::State;
use causeway_model::id::{ApplicationId, ConnectionId, EndpointId};
use causeway_model::object::Protocol;
use serde::Serialize;

use crate::app::App;
use crate::problem::{Problem, ProblemDocument};
use crate::rest::extract::SignedIn;
use crate::rest::list::{List, ListQuery, Listing};
use crate::use_case::application::{self, MyApplication, MyEndpoint};

/// An application that the caller may use.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MyApplicationView {
    id: ApplicationId,
    /// Name in URLs.
    slug: String,
    /// Name on the portal.
    name: String,
    /// URL or emoji of its picture; empty for none.
    icon: String,
    /// Heading under which the portal lists it; empty for none.
    group: String,
    /// What the caller may launch, by name.
    endpoints: Vec<MyEndpointView>,
}

/// An endpoint that the caller may launch.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct MyEndpointView {
    id: EndpointId,
    /// Name, unique in its application.
    name: String,
    protocol: Protocol,
    /// The caller's own live connections to it.
    connections: Vec<ConnectionId>,
}

impl From<MyApplication> for MyApplicationView {
    fn from(mine: MyApplication) -> Self {
        let application = mine.application;
        Self {
            id: application.id,
            slug: application.slug.clone(),
            name: application.name.clone(),
            icon: application.icon.clone(),
            group: application.group.clone(),
            endpoints: mine
                .endpoints
                .into_iter()
                .map(MyEndpointView::from)
                .collect(),
        }
    }
}

impl From<MyEndpoint> for MyEndpointView {
    fn from(mine: MyEndpoint) -> Self {
        Self {
            id: mine.id,
            name: mine.name,
            protocol: mine.protocol,
            connections: mine.connections,
        }
    }
}

/// My applications, with the endpoints that I may launch.
#[utoipa::path(
    get,
    path = "/api/v1/applications",
    operation_id = "my_applications",
    tag = "portal",
    params(ListQuery),
    responses(
        (status = OK, body = List<MyApplicationView>),
        (status = "default", body = ProblemDocument, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    Listing(filter, _): Listing,
) -> Result<Json<List<MyApplicationView>>, Problem> {
    let page = application::mine(&app, &caller, &filter).await?;
    Ok(List::of(page, MyApplicationView::from))
}
