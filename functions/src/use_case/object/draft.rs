//! What a call sees while it writes: the stored configuration, and the names of
//! what the same call is about to make.

use std::collections::HashMap;
use std::sync::Arc;

use causeway_model::id::{ApplicationId, GroupId, OutpostId, PropertyMappingId, ProviderId};
use causeway_table::{ConfigSnapshot, Kind, TableError};
use uuid::Uuid;

use crate::app::App;
use crate::problem::FieldError;

/// The view of one writing call.
pub(crate) struct Draft<'a> {
    app: &'a App,
    snapshot: Arc<ConfigSnapshot>,
    promised: HashMap<(Kind, String), Uuid>,
}

impl<'a> Draft<'a> {
    /// A draft over the configuration as it is now.
    pub(crate) async fn open(app: &'a App) -> Result<Self, TableError> {
        let snapshot = app.table().config().current().await?;
        Ok(Self {
            app,
            snapshot,
            promised: HashMap::new(),
        })
    }

    pub(crate) const fn app(&self) -> &'a App {
        self.app
    }

    pub(crate) fn snapshot(&self) -> &ConfigSnapshot {
        &self.snapshot
    }

    /// Promises that this call makes an object of that name and id.
    pub(crate) fn promise(&mut self, kind: Kind, name: &str, id: Uuid) {
        self.promised.insert((kind, name.to_owned()), id);
    }

    /// An application, by slug or id.
    pub(crate) fn application(
        &self,
        field: &str,
        reference: &str,
    ) -> Result<ApplicationId, FieldError> {
        let stored = self
            .snapshot
            .applications()
            .resolve(reference)
            .map(|found| found.id.uuid());
        self.resolve(Kind::Application, field, reference, stored)
            .map(ApplicationId::new)
    }

    /// A provider, by name or id.
    pub(crate) fn provider(&self, field: &str, reference: &str) -> Result<ProviderId, FieldError> {
        let stored = self
            .snapshot
            .providers()
            .resolve(reference)
            .map(|found| found.id.uuid());
        self.resolve(Kind::Provider, field, reference, stored)
            .map(ProviderId::new)
    }

    /// An outpost, by name or id.
    pub(crate) fn outpost(&self, field: &str, reference: &str) -> Result<OutpostId, FieldError> {
        let stored = self
            .snapshot
            .outposts()
            .resolve(reference)
            .map(|found| found.id.uuid());
        self.resolve(Kind::Outpost, field, reference, stored)
            .map(OutpostId::new)
    }

    /// A property mapping, by name or id.
    pub(crate) fn property_mapping(
        &self,
        field: &str,
        reference: &str,
    ) -> Result<PropertyMappingId, FieldError> {
        let stored = self
            .snapshot
            .property_mappings()
            .resolve(reference)
            .map(|found| found.id.uuid());
        self.resolve(Kind::PropertyMapping, field, reference, stored)
            .map(PropertyMappingId::new)
    }

    /// A group, by name or id.
    pub(crate) fn group(&self, field: &str, reference: &str) -> Result<GroupId, FieldError> {
        let stored = self
            .snapshot
            .groups()
            .resolve(reference)
            .map(|found| found.id.uuid());
        self.resolve(Kind::Group, field, reference, stored)
            .map(GroupId::new)
    }

    fn resolve(
        &self,
        kind: Kind,
        field: &str,
        reference: &str,
        stored: Option<Uuid>,
    ) -> Result<Uuid, FieldError> {
        let promised = self.promised.get(&(kind, reference.to_owned())).copied();
        promised.or(stored).ok_or_else(|| {
            let shown: String = reference.chars().take(64).collect();
            let message = format!("there is no {kind} {shown:?}");
            FieldError::new(field, "unknown_reference", message)
        })
    }
}
