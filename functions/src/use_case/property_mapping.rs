//! Property mappings: settings kept in one place for many objects.

use causeway_model::id::PropertyMappingId;
use causeway_model::names::check_name;
use causeway_model::object::{PropertyMapping, PropertyMappingSpec};
use causeway_model::settings::Settings;

use super::expression;
use super::object::check::Errors;
use super::object::{self, Base, Draft, Object, Operators, PrepareError, Prepared};
use super::settings::{self, Owner};

impl Object for PropertyMapping {
    type Spec = PropertyMappingSpec;
    const KIND_NAME: &'static str = "property_mapping";
    const OPERATORS: Operators = Operators::Choose;

    object::configured!(PropertyMapping, name, property_mappings);

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

    async fn prepare(
        draft: &Draft<'_>,
        spec: PropertyMappingSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        errors.name("name", check_name(&spec.name));
        let gives_no_map = expression::mapping(&mut errors, "expression", &spec.expression);
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
        let warnings = accepted.warnings.into_iter().chain(gives_no_map).collect();
        Ok(Prepared::with_warnings(object, warnings))
    }
}
