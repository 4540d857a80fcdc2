//! Outposts: named groups of nodes.

use causeway_model::id::OutpostId;
use causeway_model::names::check_name;
use causeway_model::object::{Outpost, OutpostSpec};

use super::object::check::Errors;
use super::object::{self, Base, Draft, Object, Operators, PrepareError, Prepared};

impl Object for Outpost {
    type Spec = OutpostSpec;
    const KIND_NAME: &'static str = "outpost";
    const OPERATORS: Operators = Operators::Choose;

    object::configured!(Outpost, name, outposts);

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
