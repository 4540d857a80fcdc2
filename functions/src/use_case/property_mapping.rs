//! Property mappings: settings kept in one place for many objects.

use std::borrow::Cow;

use causeway_model::id::PropertyMappingId;
use causeway_model::names::check_name;
use causeway_model::object::{Meta, PropertyMapping, PropertyMappingSpec};
use causeway_model::settings::Settings;
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use uuid::Uuid;

use super::expression::{self, Purpose};
use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared, config_list,
};
use super::settings::{self, Owner};
use crate::access::Staff;
use crate::app::App;

impl Object for PropertyMapping {
    type Spec = PropertyMappingSpec;
    const KIND: Kind = Kind::PropertyMapping;
    const KIND_NAME: &'static str = "property_mapping";
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
            static_settings: self.static_settings.masked(),
            ..self
        }
    }

    fn for_operator(self) -> Self {
        Self {
            static_settings: Settings::default(),
            expression: String::new(),
            ..self
        }
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::PropertyMapping(change)
    }

    fn spec_name(spec: &PropertyMappingSpec) -> Cow<'_, str> {
        Cow::Borrowed(&spec.name)
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

    async fn page(app: &App, _staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        let snapshot = app.table().config().current().await?;
        config_list(snapshot.property_mappings(), |_| true, filter)
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: PropertyMappingSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        expression::check(
            &mut errors,
            "expression",
            &spec.expression,
            Purpose::PropertyMapping,
        );
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
        )
        .await?;
        let object = Self {
            id: PropertyMappingId::new(base.id),
            name: spec.name,
            static_settings: accepted.sealed,
            expression: spec.expression,
            meta: base.meta,
        };
        Ok(Prepared::with_warnings(object, accepted.warnings))
    }
}
