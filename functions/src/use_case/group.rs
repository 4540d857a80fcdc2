//! Groups of users.

use std::borrow::Cow;

use causeway_model::id::GroupId;
use causeway_model::names::check_name;
use causeway_model::object::{Group, GroupSpec, Meta, Role};
use causeway_table::{Change, ConfigSnapshot, Kind, ObjectChange, PasswordHash, TableError};
use serde_json::Map;
use uuid::Uuid;

use super::object::check::Errors;
use super::object::{
    Base, Draft, Filter, ListError, Object, Operators, Page, PrepareError, Prepared, config_list,
};
use crate::access::Staff;
use crate::app::App;

impl Object for Group {
    type Spec = GroupSpec;
    const KIND: Kind = Kind::Group;
    const KIND_NAME: &'static str = "group";
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
            role: Role::default(),
            operates: Vec::new(),
            attributes: Map::new(),
            ..self
        }
    }

    fn change(change: Change<Self>, _password: Option<PasswordHash>) -> ObjectChange {
        ObjectChange::Group(change)
    }

    fn spec_name(spec: &GroupSpec) -> Cow<'_, str> {
        Cow::Borrowed(&spec.name)
    }

    async fn stored(
        _app: &App,
        snapshot: &ConfigSnapshot,
        reference: &str,
    ) -> Result<Option<Self>, TableError> {
        Ok(snapshot
            .groups()
            .resolve(reference)
            .map(|found| Self::clone(found)))
    }

    async fn stored_for(draft: &Draft<'_>, spec: &GroupSpec) -> Result<Option<Self>, TableError> {
        Ok(draft
            .snapshot()
            .groups()
            .named(&spec.name)
            .map(|found| Self::clone(found)))
    }

    async fn page(app: &App, _staff: &Staff, filter: &Filter) -> Result<Page<Self>, ListError> {
        let snapshot = app.table().config().current().await?;
        config_list(snapshot.groups(), |_| true, filter)
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: GroupSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        let operates = errors.references("operates", &spec.operates, |field, reference| {
            draft.application(field, reference)
        });
        errors.attributes("attributes", &spec.attributes);
        errors.finish()?;
        Ok(Prepared::plain(Self {
            id: GroupId::new(base.id),
            name: spec.name,
            role: spec.role,
            operates,
            attributes: spec.attributes,
            meta: base.meta,
        }))
    }
}
