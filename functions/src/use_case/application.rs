//! Applications: what the user sees.

use std::sync::Arc;

use causeway_model::id::{ApplicationId, ConnectionId, EndpointId};
use causeway_model::names::{check_name, check_slug};
use causeway_model::object::{Application, ApplicationSpec, Connection, Endpoint, Meta, Protocol};
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use uuid::Uuid;

use super::connection;
use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Page, PrepareError, Prepared, config_list, config_page,
};
use crate::access::Caller;
use crate::app::App;

/// Longest URL of an icon, in characters.
const ICON_CHARS_MAX: usize = 2048;
/// Longest heading, in characters.
const GROUP_CHARS_MAX: usize = 128;
/// Providers whose endpoints are read at the same time.
const READ_PARALLEL: usize = 8;
/// Endpoints that are read from the table at once.
const READ_PAGE: usize = 100;

impl Object for Application {
    type Spec = ApplicationSpec;
    const KIND: Kind = Kind::Application;
    const KIND_NAME: &'static str = "application";

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn unique_name(&self) -> &str {
        &self.slug
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }

    fn masked(self) -> Self {
        self
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::Application(change)
    }

    fn spec_name(spec: &ApplicationSpec) -> &str {
        &spec.slug
    }

    async fn stored(
        _app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        Ok(snapshot
            .applications()
            .resolve(reference)
            .map(|found| Self::clone(found)))
    }

    async fn stored_for(
        draft: &Draft<'_>,
        spec: &ApplicationSpec,
    ) -> Result<Option<Self>, TableError> {
        Ok(draft
            .snapshot()
            .applications()
            .named(&spec.slug)
            .map(|found| Self::clone(found)))
    }

    async fn page(app: &App, filter: &Filter) -> Result<Page<Self>, ListError> {
        config_list(app.table().config().current().await?.applications(), filter)
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: ApplicationSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("slug", check_slug(&spec.slug));
        errors.name("name", check_name(&spec.name));
        errors.at_most("icon", &spec.icon, ICON_CHARS_MAX);
        errors.at_most("group", &spec.group, GROUP_CHARS_MAX);
        let provider = errors.keep(draft.provider("provider", &spec.provider));
        errors.finish()?;
        // Without errors it is there.
        let Some(provider) = provider else {
            return Err(PrepareError::Fields(Vec::new()));
        };
        Ok(Prepared::plain(Self {
            id: ApplicationId::new(base.id),
            slug: spec.slug,
            name: spec.name,
            icon: spec.icon,
            group: spec.group,
            provider,
            policy_engine_mode: spec.policy_engine_mode,
            meta: base.meta,
        }))
    }
}

/// An application with what its user may launch.
#[derive(Debug, Clone, PartialEq)]
pub struct MyApplication {
    /// The application.
    pub application: Arc<Application>,
    /// Its endpoints, by name.
    pub endpoints: Vec<MyEndpoint>,
}

/// An endpoint that its user may launch.
#[derive(Debug, Clone, PartialEq)]
pub struct MyEndpoint {
    /// Its id.
    pub id: EndpointId,
    /// Its name.
    pub name: String,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// The user's own live connections to it.
    pub connections: Vec<ConnectionId>,
}

/// The applications that the caller may use, by slug.
///
/// # Errors
/// [`ListError`].
pub async fn mine(
    app: &App,
    caller: &Caller,
    filter: &Filter,
) -> Result<Page<MyApplication>, ListError> {
    let snapshot = app.table().config().current().await?;
    let everything = Filter {
        search: None,
        ..filter.clone()
    };
    let search = filter.search.as_deref().unwrap_or_default().to_lowercase();
    let found = snapshot.applications().iter().filter(|application| {
        [&application.name, &application.slug, &application.group]
            .iter()
            .any(|text| text.to_lowercase().contains(&search))
    });
    let page = config_page(found, |application| &application.slug, &everything)?;
    let connections = connection::mine(app, caller, false).await?;
    let found: Vec<Arc<Application>> = page.items.into_iter().cloned().collect();
    let items = stream::iter(found)
        .map(|application| with_endpoints(app, application, &connections))
        .buffered(READ_PARALLEL)
        .try_collect()
        .await?;
    Ok(Page {
        items,
        next: page.next,
    })
}

async fn with_endpoints(
    app: &App,
    application: Arc<Application>,
    connections: &[Connection],
) -> Result<MyApplication, TableError> {
    let mut endpoints = Vec::new();
    let mut cursor = None;
    loop {
        let table = app.table().endpoints();
        let read = table
            .list(application.provider, cursor.as_ref(), READ_PAGE)
            .await?;
        endpoints.extend(
            read.items
                .into_iter()
                .map(|endpoint| mine_of(endpoint, connections)),
        );
        cursor = read.next;
        if cursor.is_none() {
            return Ok(MyApplication {
                application,
                endpoints,
            });
        }
    }
}

fn mine_of(endpoint: Endpoint, connections: &[Connection]) -> MyEndpoint {
    let to_it = connections
        .iter()
        .filter(|connection| connection.endpoint == endpoint.id);
    MyEndpoint {
        connections: to_it.map(|connection| connection.id).collect(),
        id: endpoint.id,
        name: endpoint.name,
        protocol: endpoint.protocol,
    }
}
