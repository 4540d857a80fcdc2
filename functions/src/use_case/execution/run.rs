//! Going through the stages of a flow until one asks or none is left.

use causeway_model::id::ExecutionId;
use causeway_model::object::{Application, Endpoint, Flow, FlowStage};
use causeway_table::StoredExecution;
use jiff::Timestamp;

use super::challenge::{
    Challenge, ChallengeApplication, ChallengeEndpoint, ChallengeFlow, Question,
};
use super::plan::{Memory, Plan};
use super::stage::{self, Step, Surroundings};
use super::{Answer, ExecutionError};
use crate::app::App;
use crate::use_case::authorize::{Asker, Authorizer, failure_entry};
use crate::use_case::launch::{
    Facts, LaunchError, Launched, Leading, note, note_refusal, take_place,
};

/// One step of a run: what it is about, read anew.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) app: &'a App,
    pub(super) facts: &'a Facts,
    pub(super) flow: &'a Flow,
    /// When the run ends by itself.
    pub(super) expires_at: Timestamp,
}

/// Where a run has come to.
pub(super) enum Reached {
    /// Every stage is done.
    End,
    /// A stage asks.
    Question,
    /// A stage ends the launch.
    Refusal(LaunchError),
}

impl Run<'_> {
    /// Goes through stages from the plan's on.
    pub(super) async fn go_on(&self, plan: &mut Plan) -> Result<Reached, LaunchError> {
        while let Some(stage) = self.flow.stages.get(plan.stage) {
            if !self.concerns(stage, plan).await {
                plan.stage += 1;
                continue;
            }
            match stage::reach(&self.surroundings(stage, plan)).await? {
                Step::Ask(question, memory) => {
                    plan.ask(question, memory);
                    return Ok(Reached::Question);
                }
                Step::Pass(given) => plan.pass(given),
                Step::Refuse(error) => return Ok(Reached::Refusal(error)),
            }
        }
        plan.ask(Question::Ready, Memory::Nothing);
        Ok(Reached::End)
    }

    /// Takes the answer to what the plan asks, and goes on.
    pub(super) async fn take(
        &self,
        plan: &mut Plan,
        answer: Answer,
    ) -> Result<Reached, ExecutionError> {
        let Some(stage) = self.flow.stages.get(plan.stage) else {
            return Ok(Reached::End);
        };
        let around = self.surroundings(stage, plan);
        match stage::answer(&around, &plan.memory, answer).await? {
            Step::Ask(question, memory) => {
                plan.ask(question, memory);
                Ok(Reached::Question)
            }
            Step::Refuse(error) => Ok(Reached::Refusal(error)),
            Step::Pass(given) => {
                plan.pass(given);
                Ok(self.go_on(plan).await?)
            }
        }
    }

    /// Keeps where the run has come to, and shows what is asked. What is asked
    /// again as before is not written.
    pub(super) async fn keep(
        &self,
        stored: &StoredExecution,
        before: &Plan,
        plan: &Plan,
    ) -> Result<Launched, ExecutionError> {
        if plan != before {
            let after = StoredExecution {
                plan: plan.seal(self.app.secrets(), stored.id).await?,
                version: stored.version + 1,
                ..stored.clone()
            };
            let executions = self.app.table().executions();
            if !executions.update(stored.version, &after).await? {
                return Err(ExecutionError::AnsweredElsewhere);
            }
        }
        Ok(Launched::Challenge(Box::new(
            self.challenge(stored.id, plan),
        )))
    }

    /// Launches: the run is used up with the place that it leads to. Without a
    /// place the run is kept as far as it has come, so that nobody has to
    /// answer twice.
    pub(super) async fn launch(
        &self,
        stored: &StoredExecution,
        before: &Plan,
        plan: &Plan,
    ) -> Result<Launched, ExecutionError> {
        let leading = Leading {
            execution: Some((stored.id, stored.version)),
            result: plan.result(),
        };
        match take_place(self.app, self.facts, &leading).await {
            Ok(admission) => Ok(Launched::Connection(admission)),
            Err(LaunchError::ExecutionGone) => Err(ExecutionError::NotFound),
            Err(error) => {
                self.keep(stored, before, plan).await?;
                Err(error.into())
            }
        }
    }

    /// A refusal, once the audit trail knows.
    pub(super) async fn refused(&self, error: LaunchError) -> LaunchError {
        self.app.metrics().launches_refused.add_one();
        note_refusal(self.app, self.facts, &error).await;
        error
    }

    pub(super) fn challenge(&self, id: ExecutionId, plan: &Plan) -> Challenge {
        challenge_of(
            id,
            self.expires_at,
            self.flow,
            &self.facts.application,
            &self.facts.endpoint,
            plan,
        )
    }

    /// Whether a stage is run: whether its bindings pass.
    async fn concerns(&self, stage: &FlowStage, plan: &Plan) -> bool {
        let asker = self.asker(plan);
        let ruling = self
            .authorizer(&asker)
            .stage(stage, &plan.connection_settings());
        if let Some(entry) = failure_entry(ruling.failed()) {
            note(self.app, self.facts.about(entry)).await;
        }
        ruling.verdict.passing
    }

    fn surroundings<'a>(&'a self, stage: &'a FlowStage, plan: &Plan) -> Surroundings<'a> {
        let asker = self.asker(plan);
        Surroundings {
            app: self.app,
            facts: self.facts,
            flow: self.flow,
            stage,
            scope: self
                .authorizer(&asker)
                .scope_with(&plan.connection_settings()),
            expires_at: self.expires_at,
        }
    }

    fn asker(&self, plan: &Plan) -> Asker<'_> {
        let mut asker = Asker::of(&self.facts.caller, self.app.now());
        asker.sign_in.add(&plan.methods);
        asker
    }

    fn authorizer<'a>(&'a self, asker: &Asker<'a>) -> Authorizer<'a> {
        let facts = self.facts;
        Authorizer::new(self.app, &facts.snapshot, asker).at(
            &facts.application,
            &facts.provider,
            &facts.endpoint,
        )
    }
}

/// What a plan asks, as it is shown.
pub(super) fn challenge_of(
    id: ExecutionId,
    expires_at: Timestamp,
    flow: &Flow,
    application: &Application,
    endpoint: &Endpoint,
    plan: &Plan,
) -> Challenge {
    let steps = flow.stages.len();
    Challenge {
        execution: id,
        expires_at,
        flow: ChallengeFlow {
            name: flow.name.clone(),
            title: flow.title.clone(),
        },
        application: ChallengeApplication {
            slug: application.slug.clone(),
            name: application.name.clone(),
        },
        endpoint: ChallengeEndpoint {
            id: endpoint.id,
            name: endpoint.name.clone(),
            protocol: endpoint.protocol,
        },
        step: (plan.stage + 1).min(steps),
        steps,
        stage: plan.question.clone(),
    }
}
