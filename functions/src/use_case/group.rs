//! Groups of users.

use causeway_model::id::GroupId;
use causeway_model::names::check_name;
use causeway_model::object::{Group, GroupSpec, Role};
use serde_json::Map;

use super::object::check::Errors;
use super::object::{self, Base, Draft, Object, Operators, PrepareError, Prepared};

impl Object for Group {
    type Spec = GroupSpec;
    const KIND_NAME: &'static str = "group";
    const OPERATORS: Operators = Operators::Choose;

    object::configured!(Group, name, groups);

    fn for_operator(self) -> Self {
        Self {
            role: Role::default(),
            operates: Vec::new(),
            attributes: Map::new(),
            ..self
        }
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
