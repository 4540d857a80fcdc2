//! Policies: expressions that say who may, and when.

use causeway_model::id::PolicyId;
use causeway_model::names::check_name;
use causeway_model::object::{Policy, PolicySpec};

use super::expression::{self, Purpose};
use super::object::check::Errors;
use super::object::{self, Base, Draft, Object, Operators, PrepareError, Prepared};

impl Object for Policy {
    type Spec = PolicySpec;
    const KIND_NAME: &'static str = "policy";
    const OPERATORS: Operators = Operators::Choose;

    object::configured!(Policy, name, policies);

    fn for_operator(self) -> Self {
        Self {
            expression: String::new(),
            ..self
        }
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
