//! Policies: expressions that say who may, and when.

use std::borrow::Cow;

use causeway_model::id::PolicyId;
use causeway_model::names::check_name;
use causeway_model::object::{Meta, Policy, PolicySpec};
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use uuid::Uuid;

use super::expression::{self, Purpose};
use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared, config_list,
};
use crate::access::Staff;
use crate::app::App;

impl Object for Policy {
    type Spec = PolicySpec;
    const KIND: Kind = Kind::Policy;
    const KIND_NAME: &'static str = "policy";
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
        self
    }

    fn for_operator(self) -> Self {
        Self {
            expression: String::new(),
            ..self
        }
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::Policy(change)
    }

    fn spec_name(spec: &PolicySpec) -> Cow<'_, str> {
        Cow::Borrowed(&spec.name)
    }

    async fn stored(
        _app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        Ok(snapshot
            .policies()
            .resolve(reference)
            .map(|found| Self::clone(found)))
    }

    async fn stored_for(draft: &Draft<'_>, spec: &PolicySpec) -> Result<Option<Self>, TableError> {
        Ok(draft
            .snapshot()
            .policies()
            .named(&spec.name)
            .map(|found| Self::clone(found)))
    }

    async fn page(app: &App, _staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        let snapshot = app.table().config().current().await?;
        config_list(snapshot.policies(), |_| true, filter)
    }

    async fn prepare(
        _draft: &Draft<'_>,
        spec: PolicySpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        expression::required(&mut errors, "expression", &spec.expression, Purpose::Policy);
        errors.finish()?;
        Ok(Prepared::plain(Self {
            id: PolicyId::new(base.id),
            name: spec.name,
            expression: spec.expression,
            meta: base.meta,
        }))
    }
}
