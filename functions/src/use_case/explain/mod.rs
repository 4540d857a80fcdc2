//! Explaining: what a launch of an endpoint by a user would come to, and why.

use std::collections::{BTreeSet, HashMap};

use causeway_model::id::{EndpointId, UserId};
use causeway_model::object::{AuthenticationMethod, Flow, FlowStage, Subject};
use causeway_model::settings::{Effective, SettingError, Settings};
use causeway_table::{Batch, ConfigSnapshot, TableError};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::authorize::{Asker, Authorizer, Ruling, SignInFacts};
use super::merge::{self, Merging, Skipped};
use super::user;
use crate::access::Staff;
use crate::app::App;
use crate::sealing::SealingError;

/// Most users whose names are looked up for bindings; further ones are told by
/// their id.
const USERNAMES_MAX: usize = 100;

/// Who would launch what, and under which circumstances.
#[derive(Debug)]
pub struct Question<'a> {
    /// What.
    pub endpoint: EndpointId,
    /// Who, by username or id.
    pub user: &'a str,
    /// What a flow might set.
    pub connection_settings: Settings,
    /// Where from; `None` for unknown.
    pub address: Option<&'a str>,
    /// When; `None` for now.
    pub time: Option<Timestamp>,
    /// How they proved who they are.
    pub methods: Vec<AuthenticationMethod>,
}

/// What it would come to. Holds secrets until it is masked.
#[derive(Debug)]
pub struct Explanation {
    /// Whether the policies of application and endpoint let the user in.
    pub allowed: bool,
    /// The effective settings.
    pub settings: Effective,
    /// Every enabled binding of application and endpoint.
    pub policies: Vec<PolicyVerdict>,
    /// Property mappings that are left out.
    pub skipped: Vec<SkippedMapping>,
    /// The stages of the provider's flow.
    pub stages: Vec<StageVerdict>,
}

/// What one binding says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PolicyVerdict {
    /// What it is bound to: `application/linux`, `endpoint/ssh/web-01`.
    pub target: String,
    /// Name of the policy, group or user that it asks for.
    pub policy: String,
    /// Which of these: `policy`, `group` or `user`.
    pub subject_kind: String,
    /// What it comes to, `negate` and `failure_result` counted in.
    pub passing: bool,
    /// Why, in words.
    pub reason: String,
}

/// A property mapping that is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SkippedMapping {
    /// Its name.
    pub mapping: String,
    /// Why, in words.
    pub reason: String,
}

/// What becomes of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StageVerdict {
    /// Name of the flow.
    pub flow: String,
    /// Name of the stage.
    pub stage: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Whether it would be asked.
    pub would_run: bool,
    /// Why, in words.
    pub reason: String,
}

/// Why nothing is explained.
#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// There is no such endpoint, or no application leads to it.
    #[error("there is no such endpoint")]
    EndpointNotFound,
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
    /// What a flow might set is wrong.
    #[error("a connection setting is wrong")]
    Settings(Vec<SettingError>),
    /// A stored secret does not open.
    #[error("a secret of the settings does not open")]
    Secret(#[from] SealingError),
    /// The table did not answer.
    #[error("what would happen could not be read")]
    Table(#[from] TableError),
}

/// Explains, for somebody who sees the application.
///
/// # Errors
/// [`ExplainError`].
pub async fn explain(
    app: &App,
    staff: &Staff,
    question: Question<'_>,
) -> Result<Explanation, ExplainError> {
    let snapshot = app.table().config().current().await?;
    let endpoint = app.table().endpoints().by_id(question.endpoint).await?;
    let endpoint = endpoint.ok_or(ExplainError::EndpointNotFound)?;
    let provider = snapshot.providers().get(endpoint.provider.uuid());
    let provider = provider.ok_or(ExplainError::EndpointNotFound)?;
    let application = snapshot
        .application_of(provider.id)
        .filter(|application| staff.rights().sees(application.id))
        .ok_or(ExplainError::EndpointNotFound)?;
    let user = user::resolve(app, question.user).await?;
    let user = user.ok_or(ExplainError::UserNotFound)?;
    let checked = question.connection_settings.check(Some(endpoint.protocol));
    if !checked.errors.is_empty() {
        return Err(ExplainError::Settings(checked.errors));
    }
    let flow = provider
        .authorization_flow
        .and_then(|id| snapshot.flows().get(id.uuid()));
    let mut targets = vec![application.id.uuid(), endpoint.id.uuid()];
    if let Some(flow) = flow {
        targets.extend(flow.stages.iter().map(|stage| stage.id.uuid()));
    }
    let usernames = usernames(app, users_asked_for(&snapshot, &targets)).await?;
    let now = question.time.unwrap_or_else(|| app.now());
    let asker = Asker {
        user: &user,
        sign_in: question.sign_in(now),
        address: question.address.unwrap_or_default(),
        now,
    };
    let mut authorizer = Authorizer::new(app, &snapshot, &asker).with_usernames(usernames);
    let decision = authorizer.decide(application, provider, &endpoint);
    let set_by_flow = question.connection_settings.as_map();
    let stages = flow.map_or_else(Vec::new, |flow| stages(&mut authorizer, flow, set_by_flow));
    let merged = merge::effective(Merging {
        app,
        snapshot: &snapshot,
        provider,
        endpoint: &endpoint,
        user: &user,
        connection: &question.connection_settings,
        scope: &authorizer.scope_with(set_by_flow),
    })
    .await?;
    Ok(Explanation {
        allowed: user.active && decision.is_allowed(),
        settings: merged.settings,
        policies: decision.rulings().iter().flat_map(verdicts).collect(),
        skipped: merged
            .skipped
            .into_iter()
            .map(SkippedMapping::from)
            .collect(),
        stages,
    })
}

impl Question<'_> {
    /// The sign-in that is assumed: one of this moment, by these methods.
    fn sign_in(&self, now: Timestamp) -> SignInFacts {
        let mut sign_in = SignInFacts::unknown(now);
        sign_in.add(&self.methods);
        sign_in
    }
}

/// The users that bindings of these targets ask for.
fn users_asked_for(snapshot: &ConfigSnapshot, targets: &[Uuid]) -> BTreeSet<UserId> {
    targets
        .iter()
        .flat_map(|target| snapshot.bindings_of(*target))
        .filter_map(|binding| match binding.subject {
            Subject::User(id) => Some(id),
            Subject::Policy(_) | Subject::Group(_) => None,
        })
        .take(USERNAMES_MAX)
        .collect()
}

async fn usernames(
    app: &App,
    wanted: BTreeSet<UserId>,
) -> Result<HashMap<UserId, String>, TableError> {
    let mut batch = Batch::new();
    let slots: Vec<_> = wanted.iter().map(|id| (*id, batch.user(*id))).collect();
    let answer = app.table().read(batch).await?;
    let mut names = HashMap::new();
    for (id, slot) in slots {
        names.extend(answer.take(slot)?.map(|user| (id, user.username)));
    }
    Ok(names)
}

/// What each binding of a target says.
fn verdicts(ruling: &Ruling) -> impl Iterator<Item = PolicyVerdict> {
    let target = format!("{}/{}", ruling.target_kind, ruling.target);
    ruling
        .verdict
        .results
        .iter()
        .map(move |result| PolicyVerdict {
            target: target.clone(),
            policy: result.name.clone(),
            subject_kind: result.subject_kind.to_owned(),
            passing: result.passing,
            reason: result.reason.clone(),
        })
}

/// Which stages would be run; each is asked with the same settings.
fn stages(
    authorizer: &mut Authorizer<'_>,
    flow: &Flow,
    set_by_flow: &Map<String, Value>,
) -> Vec<StageVerdict> {
    let verdict = |stage: &FlowStage| {
        let ruling = authorizer.stage(stage, set_by_flow);
        let reasons: Vec<_> = verdicts(&ruling)
            .map(|verdict| format!("{}: {}", verdict.policy, verdict.reason))
            .collect();
        StageVerdict {
            flow: flow.name.clone(),
            stage: stage.stage.name().to_owned(),
            kind: stage.stage.type_name().to_owned(),
            would_run: ruling.verdict.passing,
            reason: if reasons.is_empty() {
                "no enabled binding: it is always run".to_owned()
            } else {
                reasons.join("; ")
            },
        }
    };
    flow.stages.iter().map(verdict).collect()
}

impl From<Skipped> for SkippedMapping {
    fn from(skipped: Skipped) -> Self {
        Self {
            mapping: skipped.mapping,
            reason: skipped.reason,
        }
    }
}
