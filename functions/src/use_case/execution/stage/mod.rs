//! Stages: what each type asks, and what it makes of the answer. One file a
//! type.

mod approval;
mod consent;
mod deny;
mod expression;
mod password;
mod prompt;
mod totp;
mod webauthn;

use causeway_model::object::{AuthenticationMethod, Flow, FlowStage, NotEnrolled, Stage};
use causeway_policy::Scope;
use serde_json::{Map, Value};

use super::challenge::Question;
use super::plan::Memory;
use super::{Answer, ExecutionError};
use crate::app::App;
use crate::problem::FieldError;
use crate::use_case::launch::{Facts, LaunchError};

/// What a stage may look at.
pub(super) struct Surroundings<'a> {
    pub(super) app: &'a App,
    pub(super) facts: &'a Facts,
    pub(super) flow: &'a Flow,
    pub(super) stage: &'a FlowStage,
    /// What expressions see; `connection_settings` as the flow has set them.
    pub(super) scope: Scope,
    /// When the run ends by itself.
    pub(super) expires_at: jiff::Timestamp,
}

/// What reaching a stage, or answering it, leads to.
pub(super) enum Step {
    /// It asks.
    Ask(Question, Memory),
    /// It is done, and gave this.
    Pass(Given),
    /// It ends the launch.
    Refuse(LaunchError),
}

/// What a stage gives to the plan.
#[derive(Default)]
pub(super) struct Given {
    /// For the context.
    pub(super) context: Map<String, Value>,
    /// What the user proved.
    pub(super) method: Option<AuthenticationMethod>,
}

impl Step {
    /// Done, with nothing to add.
    fn pass() -> Self {
        Self::Pass(Given::default())
    }

    /// Done by proving who one is.
    fn proved(method: AuthenticationMethod) -> Self {
        Self::Pass(Given {
            method: Some(method),
            ..Given::default()
        })
    }

    /// Done, with values for the context.
    fn set(context: Map<String, Value>) -> Self {
        Self::Pass(Given {
            context,
            ..Given::default()
        })
    }
}

impl Surroundings<'_> {
    fn name(&self) -> String {
        self.stage.stage.name().to_owned()
    }

    /// Ends the launch with words for the user.
    fn deny(&self, message: impl Into<String>) -> Step {
        Step::Refuse(LaunchError::DeniedByFlow {
            stage: self.name(),
            message: message.into(),
        })
    }
}

/// Reaches a stage that is to be run.
pub(super) async fn reach(around: &Surroundings<'_>) -> Result<Step, LaunchError> {
    match &around.stage.stage {
        Stage::Consent(stage) => Ok(consent::reach(stage)),
        Stage::Prompt(stage) => Ok(prompt::reach(around, stage).await),
        Stage::Password(stage) => Ok(password::reach(around, stage)),
        Stage::Totp(stage) => totp::reach(around, stage).await,
        Stage::Webauthn(stage) => webauthn::reach(around, stage).await,
        Stage::Approval(stage) => approval::reach(around, stage).await,
        Stage::Expression(stage) => Ok(expression::reach(around, stage).await),
        Stage::Deny(stage) => Ok(deny::reach(around, stage)),
    }
}

/// Takes the answer to a stage that asked.
pub(super) async fn answer(
    around: &Surroundings<'_>,
    memory: &Memory,
    answer: Answer,
) -> Result<Step, ExecutionError> {
    match &around.stage.stage {
        Stage::Consent(_) => consent::answer(&answer),
        Stage::Prompt(stage) => prompt::answer(around, stage, answer).await,
        Stage::Password(_) => password::answer(around, answer).await,
        Stage::Totp(stage) => totp::answer(around, stage, answer).await,
        Stage::Webauthn(stage) => webauthn::answer(around, stage, memory, answer).await,
        Stage::Approval(stage) => approval::answer(around, stage, memory, answer).await,
        // These never ask.
        Stage::Expression(_) | Stage::Deny(_) => Ok(reach(around).await?),
    }
}

/// What is asked, as it stands now.
pub(super) async fn refresh(
    app: &App,
    question: Question,
    memory: &Memory,
) -> Result<Question, ExecutionError> {
    match (question, memory) {
        (Question::Approval(asked), Memory::Approval(id)) => Ok(Question::Approval(
            approval::refresh(app, asked, *id).await?,
        )),
        (question, _) => Ok(question),
    }
}

/// What the person leaves behind when they give up.
pub(super) async fn abandon(
    app: &App,
    username: &str,
    memory: &Memory,
) -> Result<(), ExecutionError> {
    match memory {
        Memory::Approval(id) => approval::withdraw(app, username, *id).await,
        Memory::Nothing | Memory::Ceremony(_) => Ok(()),
    }
}

/// What happens to a user who has not enrolled what the stage asks for.
fn not_enrolled(around: &Surroundings<'_>, then: NotEnrolled) -> Step {
    match then {
        NotEnrolled::Skip => Step::pass(),
        NotEnrolled::Deny => Step::Refuse(LaunchError::SecondFactorNotEnrolled {
            stage: around.name(),
        }),
    }
}

/// An answer that does not fit its question.
fn invalid(field: &str, code: &str, message: &str) -> ExecutionError {
    ExecutionError::Invalid(vec![FieldError::new(field, code, message)])
}
