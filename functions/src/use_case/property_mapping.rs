//! Property mappings: settings kept in one place for many objects.

use causeway_model::id::PropertyMappingId;
use causeway_model::names::check_name;
use causeway_model::object::{Meta, PropertyMapping, PropertyMappingSpec};
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use uuid::Uuid;

use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Page, PrepareError, Prepared, config_list,
};
use super::settings::{self, Owner};
use crate::app::App;
use crate::problem::FieldError;

impl Object for PropertyMapping {
    type Spec = PropertyMappingSpec;
    const KIND: Kind = Kind::PropertyMapping;
    const KIND_NAME: &'static str = "property_mapping";

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
            static_settings: self.static_settings.masked(),
            ..self
        }
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::PropertyMapping(change)
    }

    fn spec_name(spec: &PropertyMappingSpec) -> &str {
        &spec.name
    }

    async fn stored(
        _app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        Ok(snapshot
            .property_mappings()
            .resolve(reference)
            .map(|found| Self::clone(found)))
    }

    async fn stored_for(
        draft: &Draft<'_>,
        spec: &PropertyMappingSpec,
    ) -> Result<Option<Self>, TableError> {
        Ok(draft
            .snapshot()
            .property_mappings()
            .named(&spec.name)
            .map(|found| Self::clone(found)))
    }

    async fn page(app: &App, filter: &Filter) -> Result<Page<Self>, ListError> {
        config_list(
            app.table().config().current().await?.property_mappings(),
            filter,
        )
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: PropertyMappingSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        if !spec.expression.trim().is_empty() {
            errors.push(FieldError::new(
                "expression",
                "expression_not_available",
                "this version evaluates no expressions; leave it empty",
            ));
        }
        errors.finish()?;
        let accepted = settings::accept(
            draft.app().secrets(),
            Owner {
                kind: Self::KIND_NAME,
                id: base.id,
            },
            "static_settings",
            None,
            spec.static_settings,
            base.before.map(|before| &before.static_settings),
        )?;
        let object = Self {
            id: PropertyMappingId::new(base.id),
            name: spec.name,
            static_settings: accepted.sealed,
            expression: String::new(),
            meta: base.meta,
        };
        Ok(Prepared {
            object,
            password: None,
            warnings: accepted.warnings,
        })
    }
}
