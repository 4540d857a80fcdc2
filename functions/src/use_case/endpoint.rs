//! Endpoints: one machine, one protocol.

use std::borrow::Cow;

use causeway_model::id::{EndpointId, ProviderId};
use causeway_model::names::check_name;
use causeway_model::object::{Endpoint, EndpointSpec, Provider};
use causeway_table::{
    Change, ConfigSnapshot, Cursor, EndpointFilter, ObjectChange, PasswordHash, TableError,
};
use uuid::Uuid;

use super::object::check::Errors;
use super::object::{
    self, Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared,
};
use super::provider;
use super::settings::{self, Owner};
use crate::access::{Rights, Staff};
use crate::app::App;

/// Endpoints that are read from the table at once.
const READ_PAGE: usize = 100;
/// How often the index is asked for one page of a search, some thousands of
/// entries each time; a page may be short after that and yet not the last.
const SEARCH_READS_MAX: usize = 10;

impl Object for Endpoint {
    type Spec = EndpointSpec;
    const KIND_NAME: &'static str = "endpoint";
    const OPERATORS: Operators = Operators::Keep;

    object::fields!(Endpoint, name);

    fn masked(self) -> Self {
        Self {
            settings: self.settings.masked(),
            ..self
        }
    }

    async fn is_operated(
        &self,
        _app: &App,
        snapshot: &ConfigSnapshot,
        rights: &Rights,
    ) -> Result<bool, TableError> {
        Ok(provider::is_operated(snapshot, rights, self.provider))
    }

    fn operator_may(_before: Option<&Self>, _after: Option<&Self>) -> bool {
        true
    }

    fn promise(draft: &mut Draft<'_>, spec: &EndpointSpec, id: Uuid, stored: Option<&Self>) {
        if stored.is_none()
            && let Ok(provider) = draft.provider("provider", &spec.provider)
        {
            draft.promise_endpoint(provider, &spec.name, EndpointId::new(id));
        }
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::Endpoint(change)
    }

    fn spec_name(spec: &EndpointSpec) -> Cow<'_, str> {
        Cow::Borrowed(&spec.name)
    }

    fn spec_scope(spec: &EndpointSpec) -> &str {
        &spec.provider
    }

    /// Names are unique in a provider only, so an endpoint is found by its id.
    async fn stored(
        app: &App,
        _snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        let Ok(id) = reference.parse::<EndpointId>() else {
            return Ok(None);
        };
        app.table().endpoints().by_id(id).await
    }

    async fn stored_for(
        draft: &Draft<'_>,
        spec: &EndpointSpec,
    ) -> Result<Option<Self>, TableError> {
        let Ok(provider) = draft.provider("provider", &spec.provider) else {
            return Ok(None);
        };
        draft
            .app()
            .table()
            .endpoints()
            .by_name(provider, &spec.name)
            .await
    }

    async fn page(app: &App, staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        page(app, staff, filter).await
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: EndpointSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        errors.labels("labels", &spec.labels);
        let provider = errors.keep(draft.provider("provider", &spec.provider));
        let property_mappings = errors.references(
            "property_mappings",
            &spec.property_mappings,
            |field, reference| draft.property_mapping(field, reference),
        );
        let accepted = settings::accept(
            draft.app().secrets(),
            Owner {
                kind: Self::KIND_NAME,
                id: base.id,
            },
            "settings",
            Some(spec.protocol),
            spec.settings,
            base.before.map(|before| &before.settings),
        )
        .await;
        let accepted = match accepted {
            Err(settings::Rejected::Fields(wrong)) => {
                wrong.into_iter().for_each(|error| errors.push(error));
                None
            }
            Err(rejected @ settings::Rejected::Seal(_)) => return Err(rejected.into()),
            Ok(accepted) => Some(accepted),
        };
        errors.finish()?;
        // Without errors both are there.
        let (Some(provider), Some(accepted)) = (provider, accepted) else {
            return Err(PrepareError::Fields(Vec::new()));
        };
        let object = Self {
            id: EndpointId::new(base.id),
            name: spec.name,
            provider,
            protocol: spec.protocol,
            host: spec.host,
            settings: accepted.sealed,
            property_mappings,
            maximum_connections: spec.maximum_connections,
            labels: spec.labels,
            policy_engine_mode: spec.policy_engine_mode,
            meta: base.meta,
        };
        Ok(Prepared::with_warnings(object, accepted.warnings))
    }
}

/// A page of endpoints, by provider and name, of one provider or of all that
/// the reader may see; those that are searched for by name.
async fn page(app: &App, staff: &Staff, filter: &Filter) -> Result<Page<Endpoint>, ListError> {
    let snapshot = app.table().config().current().await?;
    let search = filter.search.as_deref().map(str::trim);
    if filter.name.is_none() && search.is_some_and(|text| !text.is_empty()) {
        return found(app, &snapshot, staff, filter).await;
    }
    let mut position = Position::read(filter.cursor.as_deref())?;
    let mut page = Page {
        items: Vec::new(),
        next: None,
    };
    let providers = snapshot.providers().iter();
    let providers: Vec<_> = providers
        .filter(|found| is_listed(&snapshot, staff, filter, found))
        .collect();
    // A provider that is gone leads nowhere: the list is not at its end.
    let is_there = |begin| providers.iter().any(|found| found.id == begin);
    if !position.provider.is_none_or(is_there) {
        return Err(ListError::Cursor);
    }
    let from_here =
        |id: ProviderId, position: &Position| position.provider.is_none_or(|begin| begin == id);
    for provider in providers {
        if !from_here(provider.id, &position) {
            continue;
        }
        let mut cursor = position.cursor.take();
        position.provider = None;
        loop {
            let wanted = filter.limit - page.items.len();
            if wanted == 0 {
                page.next = Some(
                    Position {
                        provider: Some(provider.id),
                        cursor,
                    }
                    .to_text(),
                );
                return Ok(page);
            }
            let read = app
                .table()
                .endpoints()
                .list(provider.id, cursor.as_ref(), wanted.min(READ_PAGE))
                .await?;
            let taken = read
                .items
                .into_iter()
                .filter(|endpoint| filter.takes(&endpoint.name));
            page.items.extend(taken.map(Endpoint::masked));
            cursor = read.next;
            if cursor.is_none() {
                break;
            }
        }
    }
    Ok(page)
}

/// A page of what a search finds, from the index: no endpoint is read that it
/// does not find.
async fn found(
    app: &App,
    snapshot: &ConfigSnapshot,
    staff: &Staff,
    filter: &Filter,
) -> Result<Page<Endpoint>, ListError> {
    let providers: Vec<ProviderId> = snapshot
        .providers()
        .iter()
        .filter(|candidate| is_listed(snapshot, staff, filter, candidate))
        .map(|provider| provider.id)
        .collect();
    let search = EndpointFilter {
        search: filter.search.as_deref(),
        providers: Some(&providers),
        protocol: None,
    };
    let cursor = filter.cursor.as_deref().map(str::parse).transpose();
    let mut cursor: Option<Cursor> = cursor.map_err(|_| ListError::Cursor)?;
    let mut items = Vec::new();
    for _ in 0..SEARCH_READS_MAX {
        let wanted = (filter.limit - items.len()).min(READ_PAGE);
        let endpoints = app.table().endpoints();
        let read = endpoints.search(&search, cursor.as_ref(), wanted).await?;
        items.extend(read.items.into_iter().map(Endpoint::masked));
        cursor = read.next;
        if cursor.is_none() || items.len() >= filter.limit {
            break;
        }
    }
    let next = cursor.map(|cursor| cursor.to_string());
    Ok(Page { items, next })
}

/// Whether the endpoints of a provider are asked for, and may be seen.
fn is_listed(
    snapshot: &ConfigSnapshot,
    staff: &Staff,
    filter: &Filter,
    provider: &Provider,
) -> bool {
    let is_asked = |wanted: &str| wanted == provider.name || wanted == provider.id.to_string();
    filter.of.as_deref().is_none_or(is_asked)
        && provider::is_seen(snapshot, staff.rights(), provider.id)
}

/// Where the next page of a list over several providers begins.
#[derive(Debug, Default)]
struct Position {
    provider: Option<ProviderId>,
    cursor: Option<Cursor>,
}

impl Position {
    fn read(text: Option<&str>) -> Result<Self, ListError> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let (provider, cursor) = text.split_once('.').ok_or(ListError::Cursor)?;
        let provider = provider.parse().map_err(|_| ListError::Cursor)?;
        let cursor = match cursor {
            "" => None,
            cursor => Some(cursor.parse().map_err(|_| ListError::Cursor)?),
        };
        Ok(Self {
            provider: Some(provider),
            cursor,
        })
    }

    fn to_text(&self) -> String {
        let provider = self.provider.map(|id| id.to_string()).unwrap_or_default();
        let cursor = self
            .cursor
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        format!("{provider}.{cursor}")
    }
}
