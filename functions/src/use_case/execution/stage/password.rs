//! Password: the user types the password of their account again. Somebody who
//! came with a source, or by an API token, has none to type.

use causeway_model::object::{AuthenticationMethod, PasswordStage};

use super::{Step, Surroundings, invalid};
use crate::access::Proof;
use crate::use_case::execution::challenge::{PasswordQuestion, Question};
use crate::use_case::execution::plan::Memory;
use crate::use_case::execution::{Answer, ExecutionError};
use crate::use_case::launch::LaunchError;
use crate::use_case::second_factor::FactorError;
use crate::use_case::{account, session};

pub(super) fn reach(around: &Surroundings<'_>, stage: &PasswordStage) -> Step {
    if !is_local(around.facts.caller.proof()) {
        return not_available(around);
    }
    let question = PasswordQuestion {
        name: stage.name.clone(),
    };
    Step::Ask(Question::Password(question), Memory::Nothing)
}

pub(super) async fn answer(
    around: &Surroundings<'_>,
    answer: Answer,
) -> Result<Step, ExecutionError> {
    let Some(password) = answer.password else {
        return Err(invalid("password", "required", "type your password"));
    };
    let caller = &around.facts.caller;
    match account::verify_password(around.app, caller, password).await {
        Ok(()) => {
            session::confirm(around.app, caller, AuthenticationMethod::Password).await?;
            Ok(Step::proved(AuthenticationMethod::Password))
        }
        Err(FactorError::NotEnrolled) => Ok(not_available(around)),
        Err(error) => Err(LaunchError::Factor(error).into()),
    }
}

const fn is_local(proof: &Proof) -> bool {
    match proof {
        Proof::Session(session) => session.source.is_none(),
        Proof::Token(_) => false,
    }
}

fn not_available(around: &Surroundings<'_>) -> Step {
    Step::Refuse(LaunchError::PasswordNotAvailable {
        stage: around.name(),
    })
}
