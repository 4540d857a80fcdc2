//! The objects of one kind as documents, a page at a time. Pages follow each
//! other by name, those of endpoints by the provider's id first: what stays as
//! it is comes once, whatever is made or deleted between two pages.

use std::sync::Arc;

use causeway_model::id::ProviderId;
use causeway_model::object::PolicyBinding;
use causeway_table::{ConfigObject, ConfigSnapshot, Cursor, Objects};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::document::{self, Names};
use super::kind::ExportedKind;
use super::position::Position;
use crate::app::App;
use crate::use_case::object::{Filter, ListError, Page, page_by};
use crate::use_case::policy_binding::exact_words_of;

type Document = Map<String, Value>;

/// At most `limit` objects from `position` on. Its kind ends where there is no
/// next page; a page may be empty and yet not the last.
///
/// # Errors
/// [`ListError`].
pub(super) async fn page(
    app: &App,
    snapshot: &ConfigSnapshot,
    position: &Position,
    limit: usize,
) -> Result<Page<Document>, ListError> {
    let names = Names::new(snapshot);
    let begin = Begin {
        cursor: position.cursor.as_deref(),
        limit,
    };
    match position.kind {
        ExportedKind::Outpost => begin.written(snapshot.outposts(), |found| names.outpost(found)),
        ExportedKind::PropertyMapping => begin.written(snapshot.property_mappings(), |found| {
            names.property_mapping(found)
        }),
        ExportedKind::Policy => begin.written(snapshot.policies(), |found| names.policy(found)),
        ExportedKind::Group => begin.written(snapshot.groups(), |found| names.group(found)),
        ExportedKind::User => users(app, &names, begin).await,
        ExportedKind::Flow => flows(app, snapshot, &names, begin).await,
        ExportedKind::Source => begin.written(snapshot.sources(), |found| names.source(found)),
        ExportedKind::Provider => {
            begin.written(snapshot.providers(), |found| names.provider(found))
        }
        ExportedKind::Application => {
            begin.written(snapshot.applications(), |found| names.application(found))
        }
        ExportedKind::Endpoint => endpoints(app, snapshot, &names, begin).await,
        ExportedKind::PolicyBinding => bindings(app, snapshot, begin).await,
    }
}

/// Where a page of a kind begins, and how long it may be.
#[derive(Debug, Clone, Copy)]
struct Begin<'a> {
    cursor: Option<&'a str>,
    limit: usize,
}

impl Begin<'_> {
    /// Objects of a kind that is all in memory.
    fn of<T: ConfigObject>(self, objects: &Objects<T>) -> Result<Page<&Arc<T>>, ListError> {
        let filter = Filter {
            name: None,
            search: None,
            of: None,
            limit: self.limit,
            cursor: self.cursor.map(str::to_owned),
        };
        page_by(objects.iter(), |object| object.name().to_owned(), &filter)
    }

    /// The same as documents.
    fn written<T: ConfigObject>(
        self,
        objects: &Objects<T>,
        document: impl Fn(&T) -> Document,
    ) -> Result<Page<Document>, ListError> {
        let page = self.of(objects)?;
        Ok(Page {
            items: page
                .items
                .into_iter()
                .map(|found| document(found))
                .collect(),
            next: page.next,
        })
    }
}

async fn users(
    app: &App,
    names: &Names<'_>,
    begin: Begin<'_>,
) -> Result<Page<Document>, ListError> {
    let cursor = begin.cursor.map(read).transpose()?;
    let users = app.table().users();
    let page = users.list(cursor.as_ref(), begin.limit).await?;
    Ok(Page {
        items: page.items.iter().map(|user| names.user(user)).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    })
}

async fn flows(
    app: &App,
    snapshot: &ConfigSnapshot,
    names: &Names<'_>,
    begin: Begin<'_>,
) -> Result<Page<Document>, ListError> {
    let page = begin.of(snapshot.flows())?;
    let users = document::approvers(app, &page.items).await?;
    let flows = page.items.iter().map(|flow| names.flow(flow, &users));
    Ok(Page {
        items: flows.collect(),
        next: page.next,
    })
}

async fn bindings(
    app: &App,
    snapshot: &ConfigSnapshot,
    begin: Begin<'_>,
) -> Result<Page<Document>, ListError> {
    let page = begin.of(snapshot.policy_bindings())?;
    let found: Vec<_> = page
        .items
        .into_iter()
        .map(|found| PolicyBinding::clone(found))
        .collect();
    let words = exact_words_of(app, snapshot, &found).await?;
    let bindings = found.iter().zip(&words);
    let bindings = bindings.map(|(binding, words)| document::policy_binding(binding, words));
    Ok(Page {
        items: bindings.collect(),
        next: page.next,
    })
}

/// Endpoints of one provider. Providers follow each other by id, which they keep
/// whatever they are called meanwhile.
async fn endpoints(
    app: &App,
    snapshot: &ConfigSnapshot,
    names: &Names<'_>,
    begin: Begin<'_>,
) -> Result<Page<Document>, ListError> {
    let (first, cursor) = match begin.cursor {
        Some(cursor) => provider_and_cursor(cursor)?,
        None => (ProviderId::new(Uuid::nil()), None),
    };
    let providers = || snapshot.providers().iter().map(|provider| provider.id);
    let Some(provider) = providers().filter(|id| *id >= first).min() else {
        return Ok(Page {
            items: Vec::new(),
            next: None,
        });
    };
    let behind = || providers().filter(|id| *id > provider).min();
    let cursor = cursor.filter(|_| provider == first);
    let endpoints = app.table().endpoints();
    let page = endpoints
        .list(provider, cursor.as_ref(), begin.limit)
        .await?;
    let found = page.items.into_iter();
    Ok(Page {
        items: found.map(|endpoint| names.endpoint(endpoint)).collect(),
        next: match page.next {
            Some(cursor) => Some(format!("{provider}.{cursor}")),
            None => behind().map(|next| format!("{next}.")),
        },
    })
}

fn provider_and_cursor(text: &str) -> Result<(ProviderId, Option<Cursor>), ListError> {
    let (provider, cursor) = text.split_once('.').ok_or(ListError::Cursor)?;
    let provider = provider.parse().map_err(|_| ListError::Cursor)?;
    let cursor = (!cursor.is_empty()).then(|| read(cursor)).transpose()?;
    Ok((provider, cursor))
}

fn read(cursor: &str) -> Result<Cursor, ListError> {
    cursor.parse().map_err(|_| ListError::Cursor)
}
