//! WebAuthn: the user uses a passkey or security key (WebAuthn level 3, section
//! 7.2).

use causeway_model::object::{AuthenticationMethod, WebauthnStage};

use super::{Step, Surroundings, invalid, not_enrolled};
use crate::use_case::execution::challenge::{Question, WebauthnQuestion};
use crate::use_case::execution::plan::Memory;
use crate::use_case::execution::{Answer, ExecutionError};
use crate::use_case::launch::LaunchError;
use crate::use_case::second_factor::{self, FactorError};
use crate::use_case::session;

pub(super) async fn reach(
    around: &Surroundings<'_>,
    stage: &WebauthnStage,
) -> Result<Step, LaunchError> {
    let user = around.facts.caller.user();
    if !second_factor::enrolled(around.app, user.id).await?.webauthn {
        return Ok(not_enrolled(around, stage.if_not_enrolled));
    }
    let ceremony = second_factor::challenge(around.app, user).await?;
    let question = WebauthnQuestion {
        name: stage.name.clone(),
        public_key: ceremony.public_key,
    };
    Ok(Step::Ask(
        Question::Webauthn(question),
        Memory::Ceremony(ceremony.state),
    ))
}

pub(super) async fn answer(
    around: &Surroundings<'_>,
    stage: &WebauthnStage,
    memory: &Memory,
    answer: Answer,
) -> Result<Step, ExecutionError> {
    let Some(credential) = answer.credential else {
        return Err(invalid("credential", "required", "use your passkey"));
    };
    let Memory::Ceremony(state) = memory else {
        return Ok(reach(around, stage).await?);
    };
    let caller = &around.facts.caller;
    let verified = second_factor::verify_webauthn(
        around.app,
        caller.user(),
        caller.address(),
        state,
        credential,
    );
    match verified.await {
        Ok(()) => {
            session::confirm(around.app, caller, AuthenticationMethod::Webauthn).await?;
            Ok(Step::proved(AuthenticationMethod::Webauthn))
        }
        Err(FactorError::NotEnrolled) => Ok(not_enrolled(around, stage.if_not_enrolled)),
        Err(error) => Err(LaunchError::Factor(error).into()),
    }
}
