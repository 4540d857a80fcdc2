//! Deny: nobody gets further.

use causeway_model::object::DenyStage;

use super::{Step, Surroundings};

pub(super) fn reach(around: &Surroundings<'_>, stage: &DenyStage) -> Step {
    around.deny(stage.message.clone())
}
