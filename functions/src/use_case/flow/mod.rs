//! Flows: what a provider asks before it lets somebody in.

mod prompt;
mod stage;

use causeway_model::id::{FlowId, StageId};
use causeway_model::names::check_name;
use causeway_model::object::{Flow, FlowSpec, FlowStage, StageSpec};
use uuid::Uuid;

use super::object::check::Errors;
use super::object::{self, Base, Draft, Object, Operators, PrepareError, Prepared, PromisedStage};
use crate::problem::FieldError;

/// Most stages of a flow.
const STAGES_MAX: usize = 32;
/// Longest heading, in characters.
const TITLE_CHARS_MAX: usize = 128;

impl Object for Flow {
    type Spec = FlowSpec;
    const KIND_NAME: &'static str = "flow";
    const OPERATORS: Operators = Operators::Choose;

    object::configured!(Flow, name, flows);

    fn for_operator(self) -> Self {
        Self {
            stages: Vec::new(),
            ..self
        }
    }

    /// Bindings of the same call may be attached to the stages, so their ids
    /// are drawn now.
    fn promise(draft: &mut Draft<'_>, spec: &FlowSpec, id: Uuid, stored: Option<&Self>) {
        if stored.is_none() {
            draft.promise(Self::KIND, &spec.name, id);
        }
        let known = stored.map_or(&[][..], |flow| flow.stages.as_slice());
        for stage in spec.stages.iter().take(STAGES_MAX) {
            let name = stage.stage.name();
            if stage.id.is_none() && kept(known, name).is_none() {
                let promised = PromisedStage {
                    flow: FlowId::new(id),
                    flow_name: spec.name.clone(),
                    name: name.to_owned(),
                    id: StageId::new(draft.app().new_id()),
                };
                draft.promise_stage(promised);
            }
        }
    }

    async fn prepare(
        draft: &Draft<'_>,
        spec: FlowSpec,
        base: Base<'_, Self>,
    ) -> Result<Prepared<Self>, PrepareError> {
        let mut errors = Errors::default();
        let mut warnings = Vec::new();
        errors.name("name", check_name(&spec.name));
        errors.at_most("title", &spec.title, TITLE_CHARS_MAX);
        if spec.stages.len() > STAGES_MAX {
            let message = format!("has more than {STAGES_MAX} stages");
            errors.push(FieldError::new("stages", "too_many", message));
        }
        let id = FlowId::new(base.id);
        let known = base
            .before
            .map_or(&[][..], |before| before.stages.as_slice());
        let mut stages: Vec<FlowStage> = Vec::with_capacity(spec.stages.len().min(STAGES_MAX));
        for (index, written) in spec.stages.into_iter().take(STAGES_MAX).enumerate() {
            let field = format!("stages.{index}");
            let stage_id = stage_id(draft, id, known, &written, &field, &mut errors);
            let name = written.stage.name().to_owned();
            if stages.iter().any(|other| other.stage.name() == name) {
                let message = "another stage of this flow has this name";
                errors.push(FieldError::new(
                    format!("{field}.name"),
                    "duplicate",
                    message,
                ));
            }
            if stages.iter().any(|other| other.id == stage_id) {
                let message = "another stage of this flow has this id";
                errors.push(FieldError::new(format!("{field}.id"), "duplicate", message));
            }
            let stage =
                stage::checked(draft, &field, written.stage, &mut errors, &mut warnings).await?;
            stages.push(FlowStage {
                id: stage_id,
                stage,
            });
        }
        errors.finish()?;
        let object = Self {
            id,
            name: spec.name,
            title: spec.title,
            stages,
            meta: base.meta,
        };
        Ok(Prepared::with_warnings(object, warnings))
    }
}

/// The id of a stage: the one that is written, if the flow has it; that of the
/// flow's stage of the same name; the one promised to other documents of the
/// call; a new one.
fn stage_id(
    draft: &Draft<'_>,
    flow: FlowId,
    known: &[FlowStage],
    written: &StageSpec,
    field: &str,
    errors: &mut Errors,
) -> StageId {
    let name = written.stage.name();
    if let Some(id) = written.id {
        if !known.iter().any(|stage| stage.id == id) {
            let message = "the flow has no stage of this id; leave it out for a new one";
            errors.push(FieldError::new(
                format!("{field}.id"),
                "unknown_reference",
                message,
            ));
        }
        return id;
    }
    let promised = || {
        let mut stages = draft.promised_stages().iter();
        stages.find(|stage| stage.flow == flow && stage.name == name)
    };
    kept(known, name)
        .or_else(|| promised().map(|stage| stage.id))
        .unwrap_or_else(|| StageId::new(draft.app().new_id()))
}

fn kept(known: &[FlowStage], name: &str) -> Option<StageId> {
    let stage = known.iter().find(|stage| stage.stage.name() == name)?;
    Some(stage.id)
}
