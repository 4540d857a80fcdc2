//! Outposts: named groups of nodes.

use std::borrow::Cow;

use causeway_model::id::OutpostId;
use causeway_model::names::check_name;
use causeway_model::object::{Meta, Outpost, OutpostSpec};
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use uuid::Uuid;

use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared, config_list,
};
use crate::access::Staff;
use crate::app::App;

impl Object for Outpost {
    type Spec = OutpostSpec;
    const KIND: Kind = Kind::Outpost;
    const KIND_NAME: &'static str = "outpost";
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

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::Outpost(change)
    }

    fn spec_name(spec: &OutpostSpec) -> Cow<'_, str> {
        Cow::Borrowed(&spec.name)
    }

    async fn stored(
        _app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        Ok(snapshot
            .outposts()
            .resolve(reference)
            .map(|found| Self::clone(found)))
    }

    async fn stored_for(draft: &Draft<'_>, spec: &OutpostSpec) -> Result<Option<Self>, TableError> {
        Ok(draft
            .snapshot()
            .outposts()
            .named(&spec.name)
            .map(|found| Self::clone(found)))
    }

    async fn page(app: &App, _staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        let snapshot = app.table().config().current().await?;
        config_list(snapshot.outposts(), |_| true, filter)
    }

    async fn prepare(
        _draft: &Draft<'_>,
        spec: OutpostSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        errors.labels("labels", &spec.labels);
        errors.finish()?;
        Ok(Prepared::plain(Self {
            id: OutpostId::new(base.id),
            name: spec.name,
            labels: spec.labels,
            meta: base.meta,
        }))
    }
}
