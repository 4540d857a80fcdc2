//! Providers: how an application's endpoints are reached.

use std::borrow::Cow;

use causeway_model::id::ProviderId;
use causeway_model::names::check_name;
use causeway_model::object::{Meta, Provider, ProviderSpec};
use causeway_model::settings::Settings;
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use uuid::Uuid;

use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared, config_list,
};
use super::settings::{self, Owner};
use crate::access::{Rights, Staff};
use crate::app::App;

impl Object for Provider {
    type Spec = ProviderSpec;
    const KIND: Kind = Kind::Provider;
    const KIND_NAME: &'static str = "provider";
    const OPERATORS: Operators = Operators::Choose;

    fn uuid(&self) -> Uuid {
        self.id.uuid()
    }

    fn unique_name(&self) -> &str {
        &self.name
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn meta_mut(&mut self) -> &mut Meta {
        &mut self.meta
    }

    fn masked(self) -> Self {
        Self {
            settings: self.settings.masked(),
            ..self
        }
    }

    /// Operators write endpoints into the providers of their applications.
    async fn is_operated(
        &self,
        _app: &App,
        snapshot: &ConfigSnapshot,
        rights: &Rights,
    ) -> Result<bool, TableError> {
        Ok(is_operated(snapshot, rights, self.id))
    }

    fn for_operator(self) -> Self {
        Self {
            settings: Settings::default(),
            ..self
        }
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::Provider(change)
    }

    fn spec_name(spec: &ProviderSpec) -> Cow<'_, str> {
        Cow::Borrowed(&spec.name)
    }

    async fn stored(
        _app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        Ok(snapshot
            .providers()
            .resolve(reference)
            .map(|found| Self::clone(found)))
    }

    async fn stored_for(
        draft: &Draft<'_>,
        spec: &ProviderSpec,
    ) -> Result<Option<Self>, TableError> {
        Ok(draft
            .snapshot()
            .providers()
            .named(&spec.name)
            .map(|found| Self::clone(found)))
    }

    async fn page(app: &App, staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        let snapshot = app.table().config().current().await?;
        let is_seen = |provider: &Self| is_seen(&snapshot, staff.rights(), provider.id);
        config_list(snapshot.providers(), is_seen, filter)
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: ProviderSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        let property_mappings = errors.references(
            "property_mappings",
            &spec.property_mappings,
            |field, reference| draft.property_mapping(field, reference),
        );
        let outposts = errors.references("outposts", &spec.outposts, |field, reference| {
            draft.outpost(field, reference)
        });
        let flow = spec
            .authorization_flow
            .as_deref()
            .filter(|flow| !flow.is_empty());
        let authorization_flow =
            flow.and_then(|flow| errors.keep(draft.flow("authorization_flow", flow)));
        errors.finish()?;
        let accepted = settings::accept(
            draft.app().secrets(),
            Owner {
                kind: Self::KIND_NAME,
                id: base.id,
            },
            "settings",
            None,
            spec.settings,
            base.before.map(|before| &before.settings),
        )
        .await?;
        let object = Self {
            id: ProviderId::new(base.id),
            name: spec.name,
            settings: accepted.sealed,
            property_mappings,
            authorization_flow,
            connection_expiry: spec.connection_expiry,
            delete_token_on_disconnect: spec.delete_token_on_disconnect,
            outposts,
            meta: base.meta,
        };
        Ok(Prepared::with_warnings(object, accepted.warnings))
    }
}

/// Whether a provider serves an application that these rights keep.
pub(super) fn is_operated(snapshot: &ConfigSnapshot, rights: &Rights, id: ProviderId) -> bool {
    rights.is_admin()
        || snapshot
            .application_of(id)
            .is_some_and(|application| rights.operates(application.id))
}

/// Whether a provider, or what belongs to it, may be read with these rights.
pub(super) fn is_seen(snapshot: &ConfigSnapshot, rights: &Rights, id: ProviderId) -> bool {
    rights.reads_everything() || is_operated(snapshot, rights, id)
}
