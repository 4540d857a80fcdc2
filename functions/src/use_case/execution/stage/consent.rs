//! Consent: the user agrees to a text.

use causeway_model::object::ConsentStage;

use super::{Step, invalid};
use crate::use_case::execution::challenge::{ConsentQuestion, Question};
use crate::use_case::execution::plan::Memory;
use crate::use_case::execution::{Answer, ExecutionError};

pub(super) fn reach(stage: &ConsentStage) -> Step {
    let question = ConsentQuestion {
        name: stage.name.clone(),
        text: stage.text.clone(),
    };
    Step::Ask(Question::Consent(question), Memory::Nothing)
}

pub(super) fn answer(answer: &Answer) -> Result<Step, ExecutionError> {
    if answer.accept == Some(true) {
        return Ok(Step::pass());
    }
    let message = "agree to go on, or cancel the launch";
    Err(invalid("accept", "required", message))
}
