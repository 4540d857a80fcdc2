//! What the kinds write word for word alike in their `impl Object`.

/// Id, name, version and times: the object's own fields. Takes the kind and the
/// field that it is named by.
macro_rules! fields {
    ($kind:ident, $name:ident) => {
        const KIND: causeway_table::Kind = causeway_table::Kind::$kind;

        fn uuid(&self) -> uuid::Uuid {
            self.id.uuid()
        }

        fn unique_name(&self) -> &str {
            &self.$name
        }

        fn meta(&self) -> &causeway_model::object::Meta {
            &self.meta
        }

        fn meta_mut(&mut self) -> &mut causeway_model::object::Meta {
            &mut self.meta
        }
    };
}

/// The same of a kind that is kept as configuration, and how it is found there
/// by its name. Takes the kind, the field that it is named by, and where the
/// configuration has the kind.
macro_rules! configured {
    ($kind:ident, $name:ident, $objects:ident) => {
        crate::use_case::object::fields!($kind, $name);

        fn change(
            change: causeway_table::Change<Self>,
            _password: Option<causeway_table::PasswordHash>,
        ) -> causeway_table::ObjectChange {
            causeway_table::ObjectChange::$kind(change)
        }

        fn spec_name(spec: &Self::Spec) -> std::borrow::Cow<'_, str> {
            std::borrow::Cow::Borrowed(&spec.$name)
        }

        async fn stored(
            _app: &crate::app::App,
            snapshot: &causeway_table::ConfigSnapshot,
            reference: &str,
        ) -> Result<Option<Self>, causeway_table::TableError> {
            let found = snapshot.$objects().resolve(reference);
            Ok(found.map(|found| Self::clone(found)))
        }

        async fn stored_for(
            draft: &crate::use_case::object::Draft<'_>,
            spec: &Self::Spec,
        ) -> Result<Option<Self>, causeway_table::TableError> {
            let found = draft.snapshot().$objects().named(&spec.$name);
            Ok(found.map(|found| Self::clone(found)))
        }

        async fn page(
            app: &crate::app::App,
            staff: &crate::access::Staff,
            filter: &crate::use_case::object::Filter,
        ) -> Result<crate::use_case::object::Page<Self>, crate::use_case::object::ListError> {
            let snapshot = app.table().config().current().await?;
            let is_seen = |object: &Self| object.is_seen(&snapshot, staff.rights());
            crate::use_case::object::config_list(snapshot.$objects(), is_seen, filter)
        }
    };
}

pub(crate) use {configured, fields};
