//! Endpoints: found by id or by name in their provider, listed by provider.
//!
//! They are written through [`Table::write`](crate::Table::write).

use std::collections::HashSet;

use causeway_model::id::{EndpointId, ProviderId};
use causeway_model::object::{Endpoint, MaximumConnections, Protocol};

use crate::error::TableError;
use crate::host_keys::HostKey;
use crate::indexed;
use crate::item::Item;
use crate::key::{
    ENDPOINT_PREFIX, ENDPOINTS, HOST_KEY_PREFIX, Key, SK, endpoint_partition, provider_partition,
};
use crate::listed::{Search, listed, part};
use crate::page::{Cursor, Page, clamp_limit};
use crate::store::Range;
use crate::stored::Stored;
use crate::table::Table;

/// The places of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Places taken: connections pending, active or detached.
    pub connections: u32,
    /// Places that there are.
    pub maximum: MaximumConnections,
}

impl Stored for Usage {
    fn read(item: &Item) -> Result<Self, TableError> {
        let maximum = MaximumConnections::try_from(item.number::<i64>("maximum")?)
            .map_err(|_| item.unreadable("maximum is out of range".to_owned()))?;
        Ok(Self {
            connections: item.number("connections")?,
            maximum,
        })
    }
}

/// The endpoints in a table.
#[derive(Debug, Clone, Copy)]
pub struct Endpoints<'a>(&'a Table);

impl Table {
    /// The endpoints.
    #[must_use]
    pub const fn endpoints(&self) -> Endpoints<'_> {
        Endpoints(self)
    }
}

/// Which endpoints are listed.
#[derive(Debug, Clone, Copy, Default)]
pub struct EndpointFilter<'a> {
    /// Those whose name, host or labels (`name=value`) have this, whatever the
    /// case.
    pub search: Option<&'a str>,
    /// Those of one of these providers.
    pub providers: Option<&'a [ProviderId]>,
    /// Those that are spoken to so.
    pub protocol: Option<Protocol>,
}

/// What an endpoint is listed by.
pub(crate) fn listed_by(endpoint: &Endpoint) -> String {
    let labels: Vec<String> = endpoint
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    listed(&[
        &endpoint.name,
        &endpoint.provider.to_string(),
        endpoint.protocol.as_str(),
        &endpoint.host.to_string(),
        &labels.join(" "),
    ])
}

impl Endpoints<'_> {
    /// The endpoint with this id.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_id(self, id: EndpointId) -> Result<Option<Endpoint>, TableError> {
        let item = self.0.store().get(&Key::endpoint(id)).await?;
        item.as_ref().map(Endpoint::read).transpose()
    }

    /// The endpoint of this name in a provider.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn by_name(
        self,
        provider: ProviderId,
        name: &str,
    ) -> Result<Option<Endpoint>, TableError> {
        let key = Key::endpoint_named(provider, name);
        let item = self.0.store().get(&key).await?;
        item.as_ref().map(Endpoint::read).transpose()
    }

    /// The endpoints of a provider by name.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn list(
        self,
        provider: ProviderId,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Endpoint>, TableError> {
        let pk = provider_partition(provider);
        let slice = self
            .0
            .store()
            .query(Range {
                limit: clamp_limit(limit),
                after: Cursor::in_partition(cursor, &pk)?,
                ..Range::new(&pk, ENDPOINT_PREFIX)
            })
            .await?;
        Ok(Page {
            items: slice
                .items
                .iter()
                .map(Endpoint::read)
                .collect::<Result<_, _>>()?,
            next: slice.last.as_ref().map(Cursor::after),
        })
    }

    /// Endpoints that a filter lets through, by name. Reads
    /// [`ENTRIES_READ_MAX`](crate::ENTRIES_READ_MAX) index entries and as many
    /// endpoints as it returns at most: a page may be short and yet not the
    /// last. The list lags a little behind.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or the cursor is not of this list.
    pub async fn search(
        self,
        filter: &EndpointFilter<'_>,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Page<Endpoint>, TableError> {
        let search = Search::of(filter.search);
        let providers: Option<HashSet<String>> = filter
            .providers
            .map(|ids| ids.iter().map(ToString::to_string).collect());
        let protocol = filter.protocol.map(Protocol::as_str);
        indexed::search(self.0.store(), ENDPOINTS, cursor, limit, false, |listed| {
            search.finds(listed, &[0, 3, 4])
                && providers
                    .as_ref()
                    .is_none_or(|ids| ids.contains(part(listed, 1)))
                && protocol.is_none_or(|name| part(listed, 2) == name)
        })
        .await
    }

    /// All endpoints of a provider by name.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn of_provider(self, provider: ProviderId) -> Result<Vec<Endpoint>, TableError> {
        let pk = provider_partition(provider);
        let items = self
            .0
            .store()
            .query_all(Range::new(&pk, ENDPOINT_PREFIX))
            .await?;
        items.iter().map(Endpoint::read).collect()
    }

    /// An endpoint and the host keys known of its target, in one round trip.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn with_host_keys(
        self,
        id: EndpointId,
    ) -> Result<Option<(Endpoint, Vec<HostKey>)>, TableError> {
        let pk = endpoint_partition(id);
        let items = self.0.store().query_all(Range::new(&pk, "")).await?;
        let mut endpoint = None;
        let mut host_keys = Vec::new();
        for item in &items {
            match item.text(SK)? {
                "ENDPOINT" => endpoint = Some(Endpoint::read(item)?),
                sk if sk.starts_with(HOST_KEY_PREFIX) => host_keys.push(HostKey::read(item)?),
                _ => {}
            }
        }
        Ok(endpoint.map(|endpoint| (endpoint, host_keys)))
    }

    /// The places of an endpoint.
    ///
    /// # Errors
    ///
    /// When the table cannot be read.
    pub async fn usage(self, id: EndpointId) -> Result<Option<Usage>, TableError> {
        let item = self.0.store().get(&Key::usage(id)).await?;
        item.as_ref().map(Usage::read).transpose()
    }
}
