//! Applications: what the user sees.

use std::sync::Arc;

use causeway_model::id::{ApplicationId, ConnectionId, EndpointId};
use causeway_model::names::{check_name, check_slug};
use causeway_model::object::{Application, ApplicationSpec, Connection, Endpoint, Protocol};
use causeway_table::{ConfigSnapshot, TableError};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::authorize::{Asker, Authorizer};
use super::connection;
use super::object::check::Errors;
use super::object::{
    self, Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared,
    config_page,
};
use crate::access::{Caller, Rights};
use crate::app::App;

/// Longest URL of an icon, in characters.
const ICON_CHARS_MAX: usize = 2048;
/// Longest heading, in characters.
const GROUP_CHARS_MAX: usize = 128;
/// Providers whose endpoints are read at the same time.
const READ_PARALLEL: usize = 8;

impl Object for Application {
    type Spec = ApplicationSpec;
    const KIND_NAME: &'static str = "application";
    const OPERATORS: Operators = Operators::Keep;

    object::configured!(Application, slug, applications);

    async fn is_operated(
        &self,
        _app: &App,
        _snapshot: &ConfigSnapshot,
        rights: &Rights,
    ) -> Result<bool, TableError> {
        Ok(rights.operates(self.id))
    }

    fn is_seen(&self, _snapshot: &ConfigSnapshot, rights: &Rights) -> bool {
        rights.sees(self.id)
    }

    /// Operators keep their applications; which there are, and by which
    /// provider, is for administrators.
    fn operator_may(before: Option<&Self>, after: Option<&Self>) -> bool {
        matches!((before, after), (Some(before), Some(after))
            if before.provider == after.provider)
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

/// The applications that the caller may use, by slug, each with the endpoints
/// that its policies and theirs let the caller launch.
///
/// # Errors
/// [`ListError`].
pub async fn mine(
    app: &App,
    caller: &Caller,
    filter: &Filter,
) -> Result<Page<MyApplication>, ListError> {
    let snapshot = app.table().config().current().await?;
    let asker = Asker::of(caller, app.now());
    let everything = Filter {
        search: None,
        ..filter.clone()
    };
    let search = filter.search.as_deref().unwrap_or_default().to_lowercase();
    let mut authorizer = Authorizer::new(app, &snapshot, &asker);
    let found: Vec<_> = snapshot
        .applications()
        .iter()
        .filter(|application| {
            [&application.name, &application.slug, &application.group]
                .iter()
                .any(|text| text.to_lowercase().contains(&search))
        })
        .filter_map(|application| {
            let provider = snapshot.providers().get(application.provider.uuid())?;
            authorizer
                .admits(application, provider)
                .then_some((application, provider))
        })
        .collect();
    let page = config_page(found.into_iter(), |(found, _)| &found.slug, &everything)?;
    let connections = connection::mine(app, caller, false).await?;
    let providers: Vec<_> = page.items.iter().map(|(_, found)| found.id).collect();
    let endpoints: Vec<Vec<Endpoint>> = stream::iter(providers)
        .map(|provider| app.table().endpoints().of_provider(provider))
        .buffered(READ_PARALLEL)
        .try_collect()
        .await?;
    let items = page.items.into_iter().zip(endpoints);
    let items = items.map(|((application, provider), endpoints)| {
        // Sets what the endpoints are asked about.
        authorizer.admits(application, provider);
        MyApplication {
            application: Arc::clone(application),
            endpoints: endpoints
                .into_iter()
                .filter(|endpoint| authorizer.admits_to(endpoint))
                .map(|endpoint| mine_of(endpoint, &connections))
                .collect(),
        }
    });
    let items = items.collect();
    Ok(Page {
        items,
        next: page.next,
    })
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
