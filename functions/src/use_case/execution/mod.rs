//! Runs of flows: what a provider asks between "this endpoint, please" and the
//! connection.
//!
//! A run is a plan that the table keeps sealed: who, with which credential,
//! what for, how far, and what was answered so far. It lives ten minutes, is
//! bound to the sign-in that began it, can be picked up again after a reload,
//! and leads to one connection at most.

mod challenge;
mod plan;
mod run;
mod stage;
mod value;

pub use challenge::{
    ApprovalProgress, ApprovalQuestion, Challenge, ChallengeApplication, ChallengeEndpoint,
    ChallengeFlow, ConsentQuestion, PasswordQuestion, PromptQuestion, PromptQuestionField,
    Question, TotpQuestion, WebauthnQuestion,
};

use std::sync::Arc;

use causeway_model::id::ExecutionId;
use causeway_model::object::Flow;
use causeway_model::secret::Secret;
use causeway_table::{ConfigSnapshot, StoredExecution, TableError};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::plan::Plan;
use self::run::{Reached, Run, challenge_of};
use super::launch::{
    ApplicationKey, Facts, LaunchError, Launched, Leading, Target, check_policies, facts,
    take_place,
};
use crate::access::Caller;
use crate::app::App;
use crate::credential::Credential;
use crate::document;
use crate::problem::FieldError;
use crate::sealing::SealingError;

/// How long a run may take, questions and approvals included.
pub const EXECUTION_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// What a person answers to a stage; each type of stage reads its own fields.
/// `Debug` shows nothing.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FlowAnswer)]
pub struct Answer {
    /// For `consent`: that they agree.
    #[serde(default)]
    pub accept: Option<bool>,
    /// For `prompt`: values by name of the field.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub fields: Option<Map<String, Value>>,
    /// For `password`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub password: Option<Secret>,
    /// For `totp`: six digits.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub code: Option<Secret>,
    /// For `webauthn`: what `navigator.credentials.get` gave, in JSON.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub credential: Option<Value>,
    /// For `approval`: why; at most 1,000 characters.
    #[serde(default)]
    #[schema(max_length = 1000)]
    pub reason: Option<String>,
}

impl Answer {
    /// The answer in a body. What a prompt asked may stand in it directly, as
    /// well as in `fields`.
    ///
    /// # Errors
    /// Which field is wrong.
    pub fn read(mut body: Map<String, Value>) -> Result<Self, FieldError> {
        if !body.contains_key("fields") {
            let (own, fields): (Map<_, _>, Map<_, _>) = body
                .into_iter()
                .partition(|(name, _)| ANSWERS.contains(&name.as_str()));
            body = own;
            if !fields.is_empty() {
                body.insert("fields".to_owned(), Value::Object(fields));
            }
        }
        document::read(Value::Object(body))
    }
}

/// What answers are called, besides the fields of prompts.
const ANSWERS: [&str; 6] = [
    "accept",
    "fields",
    "password",
    "code",
    "credential",
    "reason",
];

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer(..)")
    }
}

/// An answer with who gives it.
#[derive(Debug)]
pub struct Answered<'a> {
    /// Who.
    pub caller: &'a Caller,
    /// The same, as it was presented.
    pub credential: &'a Credential,
    /// Where from; empty when unknown.
    pub address: &'a str,
    /// To which run.
    pub execution: ExecutionId,
    /// What.
    pub answer: Answer,
}

/// Why a run does not go on.
#[derive(Debug, thiserror::Error)]
pub enum ExecutionError {
    /// There is no such run of this sign-in: it never was, is over, or its
    /// time was up.
    #[error("there is no such run of a flow")]
    NotFound,
    /// Another answer was quicker.
    #[error("the question was answered elsewhere")]
    AnsweredElsewhere,
    /// The flow, or which flow the provider asks, was changed meanwhile.
    #[error("the flow was changed meanwhile")]
    FlowChanged,
    /// The answer does not fit the question.
    #[error("the answer does not fit the question")]
    Invalid(Vec<FieldError>),
    /// The launch is refused.
    #[error(transparent)]
    Launch(#[from] LaunchError),
    /// The plan could not be sealed or opened.
    #[error("the run could not be kept")]
    Seal(#[from] SealingError),
    /// The table did not answer.
    #[error("the run could not be read or kept")]
    Table(#[from] TableError),
}

/// Begins a run of the provider's flow. Without a stage that asks, it leads to
/// the connection at once, and nothing is kept.
///
/// # Errors
/// [`LaunchError`].
pub(crate) async fn begin(app: &App, facts: &Facts, flow: &Flow) -> Result<Launched, LaunchError> {
    let id = ExecutionId::new(app.new_id());
    let expires_at = expires_at(app, facts);
    let mut plan = Plan::begin(facts, flow);
    let run = Run {
        app,
        facts,
        flow,
        expires_at,
    };
    match run.go_on(&mut plan).await? {
        Reached::End => {
            let leading = Leading {
                execution: None,
                result: plan.result(),
            };
            Ok(Launched::Connection(
                take_place(app, facts, &leading).await?,
            ))
        }
        Reached::Question => {
            let stored = StoredExecution {
                id,
                user: facts.caller.user().id,
                credential: facts.caller.key(),
                plan: plan.seal(app.secrets(), id).await?,
                version: 1,
                expires_at,
            };
            app.table().executions().create(&stored).await?;
            Ok(Launched::Challenge(Box::new(run.challenge(id, &plan))))
        }
        Reached::Refusal(error) => Err(run.refused(error).await),
    }
}

/// What a run asks now.
///
/// # Errors
/// [`ExecutionError`].
pub async fn show(
    app: &App,
    caller: &Caller,
    id: ExecutionId,
) -> Result<Challenge, ExecutionError> {
    let (stored, plan) = kept(app, caller, id).await?;
    let snapshot = app.table().config().current().await?;
    let flow = flow_of(&snapshot, &plan)?;
    let application = snapshot.applications().get(plan.application.uuid());
    let application = application.ok_or(ExecutionError::NotFound)?;
    let endpoint = app.table().endpoints().by_id(plan.endpoint).await?;
    let endpoint = endpoint.ok_or(ExecutionError::NotFound)?;
    let question = stage::refresh(app, plan.question.clone(), &plan.memory).await?;
    let plan = Plan { question, ..plan };
    Ok(challenge_of(
        id,
        stored.expires_at,
        flow,
        application,
        &endpoint,
        &plan,
    ))
}

/// Takes an answer and goes on to the next question, or to the connection.
///
/// Everything that the launch asked is asked again: the sign-in, the policies,
/// the endpoint, the nodes.
///
/// # Errors
/// [`ExecutionError`].
pub async fn answer(app: &App, answered: Answered<'_>) -> Result<Launched, ExecutionError> {
    let id = answered.execution;
    let (stored, before) = kept(app, answered.caller, id).await?;
    let mut plan = before.clone();
    let endpoint = plan.endpoint.to_string();
    let target = Target {
        credential: answered.credential,
        application: ApplicationKey::Id(plan.application),
        endpoint: &endpoint,
        address: answered.address,
    };
    let facts = facts(app, &target).await?;
    let flow = match flow_of(&facts.snapshot, &plan) {
        Ok(flow) if facts.provider.authorization_flow == Some(plan.flow) => Arc::clone(flow),
        Ok(_) | Err(_) => {
            forget(app, &stored, &plan, &facts).await?;
            return Err(ExecutionError::FlowChanged);
        }
    };
    if let Err(error) = check_policies(app, &facts, &plan.methods).await {
        forget(app, &stored, &plan, &facts).await?;
        return Err(error.into());
    }
    let run = Run {
        app,
        facts: &facts,
        flow: &flow,
        expires_at: stored.expires_at,
    };
    match run.take(&mut plan, answered.answer).await? {
        Reached::End => run.launch(&stored, &before, &plan).await,
        Reached::Question => run.keep(&stored, &before, &plan).await,
        Reached::Refusal(error) => {
            app.table().executions().delete(stored.user, id).await?;
            Err(run.refused(error).await.into())
        }
    }
}

/// Ends a run. An approval that waits is withdrawn.
///
/// # Errors
/// [`ExecutionError`].
pub async fn cancel(app: &App, caller: &Caller, id: ExecutionId) -> Result<(), ExecutionError> {
    let (stored, plan) = kept(app, caller, id).await?;
    if !app.table().executions().delete(stored.user, id).await? {
        return Err(ExecutionError::NotFound);
    }
    stage::abandon(app, &caller.user().username, &plan.memory).await
}

/// A run of this sign-in that is not over.
async fn kept(
    app: &App,
    caller: &Caller,
    id: ExecutionId,
) -> Result<(StoredExecution, Plan), ExecutionError> {
    let stored = app.table().executions().get(caller.user().id, id).await?;
    let stored = stored
        .filter(|stored| stored.credential == caller.key() && stored.expires_at > app.now())
        .ok_or(ExecutionError::NotFound)?;
    let plan = Plan::open(app.secrets(), id, &stored.plan).await?;
    Ok((stored, plan))
}

/// The flow of a plan, as long as it is the one that was begun.
fn flow_of<'a>(snapshot: &'a ConfigSnapshot, plan: &Plan) -> Result<&'a Arc<Flow>, ExecutionError> {
    snapshot
        .flows()
        .get(plan.flow.uuid())
        .filter(|flow| flow.meta.version == plan.flow_version)
        .ok_or(ExecutionError::FlowChanged)
}

/// A run that nobody can go on with is not kept until its time is up.
async fn forget(
    app: &App,
    stored: &StoredExecution,
    plan: &Plan,
    facts: &Facts,
) -> Result<(), ExecutionError> {
    let executions = app.table().executions();
    executions.delete(stored.user, stored.id).await?;
    stage::abandon(app, &facts.caller.user().username, &plan.memory).await
}

/// A run lives ten minutes, and no longer than its sign-in.
fn expires_at(app: &App, facts: &Facts) -> Timestamp {
    let limit = app
        .now()
        .saturating_add(EXECUTION_LIFE)
        .unwrap_or(Timestamp::MAX);
    let sign_in = facts.caller.expires_at();
    sign_in.map_or(limit, |end| end.min(limit))
}
