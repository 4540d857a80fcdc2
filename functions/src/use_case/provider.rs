//! Providers: how an application's endpoints are reached.

use causeway_model::id::ProviderId;
use causeway_model::names::check_name;
use causeway_model::object::{Meta, Provider, ProviderSpec};
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use uuid::Uuid;

use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Page, PrepareError, Prepared, config_list,
};
use super::settings::{self, Owner};
use crate::app::App;
use crate::problem::FieldError;

impl Object for Provider {
    type Spec = ProviderSpec;
    const KIND: Kind = Kind::Provider;
    const KIND_NAME: &'static str = "provider";

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

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::Provider(change)
    }

    fn spec_name(spec: &ProviderSpec) -> &str {
        &spec.name
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

    async fn page(app: &App, filter: &Filter) -> Result<Page<Self>, ListError> {
        config_list(app.table().config().current().await?.providers(), filter)
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
        if spec
            .authorization_flow
            .as_deref()
            .is_some_and(|flow| !flow.is_empty())
        {
            errors.push(FieldError::new(
                "authorization_flow",
                "unknown_reference",
                "there is no such flow: this version has none",
            ));
        }
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
        )?;
        let object = Self {
            id: ProviderId::new(base.id),
            name: spec.name,
            settings: accepted.sealed,
            property_mappings,
            authorization_flow: None,
            connection_expiry: spec.connection_expiry,
            delete_token_on_disconnect: spec.delete_token_on_disconnect,
            outposts,
            meta: base.meta,
        };
        Ok(Prepared {
            object,
            password: None,
            warnings: accepted.warnings,
        })
    }
}
