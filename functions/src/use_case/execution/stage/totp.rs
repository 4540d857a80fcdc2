//! TOTP: the user types a code of their authenticator app (RFC 6238).

use causeway_model::object::{AuthenticationMethod, TotpStage};

use super::{Step, Surroundings, invalid, not_enrolled};
use crate::use_case::execution::challenge::{Question, TotpQuestion};
use crate::use_case::execution::plan::Memory;
use crate::use_case::execution::{Answer, ExecutionError};
use crate::use_case::launch::LaunchError;
use crate::use_case::second_factor::{self, FactorError};
use crate::use_case::session;

pub(super) async fn reach(
    around: &Surroundings<'_>,
    stage: &TotpStage,
) -> Result<Step, LaunchError> {
    let user = around.facts.caller.user().id;
    if !second_factor::enrolled(around.app, user).await?.totp {
        return Ok(not_enrolled(around, stage.if_not_enrolled));
    }
    let question = TotpQuestion {
        name: stage.name.clone(),
    };
    Ok(Step::Ask(Question::Totp(question), Memory::Nothing))
}

pub(super) async fn answer(
    around: &Surroundings<'_>,
    stage: &TotpStage,
    answer: Answer,
) -> Result<Step, ExecutionError> {
    let Some(code) = answer.code else {
        return Err(invalid(
            "code",
            "required",
            "type the code that your app shows",
        ));
    };
    let caller = &around.facts.caller;
    let verified =
        second_factor::verify_totp(around.app, caller.user(), caller.address(), code.expose());
    match verified.await {
        Ok(()) => {
            session::confirm(around.app, caller, AuthenticationMethod::Totp).await?;
            Ok(Step::proved(AuthenticationMethod::Totp))
        }
        Err(FactorError::NotEnrolled) => Ok(not_enrolled(around, stage.if_not_enrolled)),
        Err(error) => Err(LaunchError::Factor(error).into()),
    }
}
