//! Approval: another person lets the user in. Without an answer in time it is a
//! no.

use causeway_model::id::{ApprovalId, GroupId, UserId};
use causeway_model::object::{Approval, ApprovalStage, ApprovalState, User};
use causeway_table::TableError;
use jiff::{SignedDuration, Timestamp};

use super::{Step, Surroundings, invalid};
use crate::app::App;
use crate::use_case::approval;
use crate::use_case::execution::challenge::{ApprovalProgress, ApprovalQuestion, Question};
use crate::use_case::execution::plan::Memory;
use crate::use_case::execution::{Answer, ExecutionError};
use crate::use_case::launch::LaunchError;
use crate::use_case::user;

pub(super) async fn reach(
    around: &Surroundings<'_>,
    stage: &ApprovalStage,
) -> Result<Step, LaunchError> {
    let approvers = Approvers::of(around, stage).await?;
    if !stage.reason_required {
        return Ok(ask(around, stage, &approvers, "").await?);
    }
    let question = ApprovalQuestion {
        name: stage.name.clone(),
        state: ApprovalProgress::ReasonNeeded,
        approvers: approvers.names(),
        reason_required: true,
        requested_at: None,
        expires_at: None,
        comment: String::new(),
        decided_by: None,
    };
    Ok(Step::Ask(Question::Approval(question), Memory::Nothing))
}

pub(super) async fn answer(
    around: &Surroundings<'_>,
    stage: &ApprovalStage,
    memory: &Memory,
    answer: Answer,
) -> Result<Step, ExecutionError> {
    let Memory::Approval(id) = memory else {
        let reason = reason_of(answer)?;
        let approvers = Approvers::of(around, stage).await?;
        return Ok(ask(around, stage, &approvers, &reason).await?);
    };
    let found = approval::settled(around.app, *id).await?;
    let Some(found) = found else {
        return Ok(around.deny("The request for approval is gone. Launch again."));
    };
    Ok(match found.state {
        ApprovalState::Approved => Step::pass(),
        ApprovalState::Waiting => {
            let approvers = Approvers::of(around, stage).await?.names();
            let question = question_of(stage, approvers, &found);
            Step::Ask(Question::Approval(question), memory.clone())
        }
        ApprovalState::Denied => around.deny(denial(&found)),
        ApprovalState::Expired => around.deny("Nobody approved this launch in time."),
        ApprovalState::Withdrawn => around.deny("The request for approval was withdrawn."),
    })
}

/// The question as it stands now.
pub(super) async fn refresh(
    app: &App,
    asked: ApprovalQuestion,
    id: ApprovalId,
) -> Result<ApprovalQuestion, ExecutionError> {
    let Some(found) = approval::settled(app, id).await? else {
        return Ok(ApprovalQuestion {
            state: ApprovalProgress::Expired,
            ..asked
        });
    };
    Ok(ApprovalQuestion {
        state: progress(found.state),
        comment: found.comment,
        decided_by: non_empty(found.decided_by),
        ..asked
    })
}

pub(super) async fn withdraw(
    app: &App,
    username: &str,
    id: ApprovalId,
) -> Result<(), ExecutionError> {
    Ok(approval::withdraw(app, username, id).await?)
}

async fn ask(
    around: &Surroundings<'_>,
    stage: &ApprovalStage,
    approvers: &Approvers,
    reason: &str,
) -> Result<Step, TableError> {
    let (app, facts) = (around.app, around.facts);
    let now = app.now();
    let wished = now
        .saturating_add(SignedDuration::from_secs(i64::from(stage.timeout_s)))
        .unwrap_or(Timestamp::MAX);
    let requester = facts.caller.user();
    let asked = Approval {
        id: ApprovalId::new(app.new_id()),
        state: ApprovalState::Waiting,
        requester: requester.id,
        requester_username: requester.username.clone(),
        application: facts.application.id,
        application_name: facts.application.name.clone(),
        endpoint: facts.endpoint.id,
        endpoint_name: facts.endpoint.name.clone(),
        flow: around.flow.name.clone(),
        stage: stage.name.clone(),
        reason: reason.to_owned(),
        address: facts.caller.address().to_owned(),
        approver_groups: approvers.groups.iter().map(|(id, _)| *id).collect(),
        approver_users: approvers.users.iter().map(|(id, _)| *id).collect(),
        requested_at: now,
        // Nobody can go on with a run that is over.
        expires_at: wished.min(around.expires_at),
        decided_by: String::new(),
        decided_at: None,
        comment: String::new(),
    };
    approval::request(app, &asked).await?;
    let question = question_of(stage, approvers.names(), &asked);
    Ok(Step::Ask(
        Question::Approval(question),
        Memory::Approval(asked.id),
    ))
}

fn reason_of(answer: Answer) -> Result<String, ExecutionError> {
    let reason = answer.reason.unwrap_or_default().trim().to_owned();
    if reason.is_empty() {
        return Err(invalid("reason", "required", "say why you need it"));
    }
    if reason.chars().count() > approval::TEXT_CHARS_MAX {
        let message = format!("has at most {} characters", approval::TEXT_CHARS_MAX);
        return Err(invalid("reason", "too_long", &message));
    }
    Ok(reason)
}

fn question_of(
    stage: &ApprovalStage,
    approvers: Vec<String>,
    approval: &Approval,
) -> ApprovalQuestion {
    ApprovalQuestion {
        name: stage.name.clone(),
        state: progress(approval.state),
        approvers,
        reason_required: stage.reason_required,
        requested_at: Some(approval.requested_at),
        expires_at: Some(approval.expires_at),
        comment: approval.comment.clone(),
        decided_by: non_empty(approval.decided_by.clone()),
    }
}

const fn progress(state: ApprovalState) -> ApprovalProgress {
    match state {
        ApprovalState::Waiting => ApprovalProgress::Waiting,
        ApprovalState::Approved => ApprovalProgress::Approved,
        ApprovalState::Denied | ApprovalState::Withdrawn => ApprovalProgress::Denied,
        ApprovalState::Expired => ApprovalProgress::Expired,
    }
}

fn denial(approval: &Approval) -> String {
    let by = &approval.decided_by;
    if approval.comment.is_empty() {
        format!("{by} did not approve this launch.")
    } else {
        format!("{by} did not approve this launch: {}", approval.comment)
    }
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Who may decide, found by the names or ids that the stage has.
struct Approvers {
    groups: Vec<(GroupId, String)>,
    users: Vec<(UserId, String)>,
}

impl Approvers {
    async fn of(around: &Surroundings<'_>, stage: &ApprovalStage) -> Result<Self, TableError> {
        let groups = around.facts.snapshot.groups();
        let found = stage.groups.iter().filter_map(|name| groups.resolve(name));
        let groups = found.map(|group| (group.id, group.name.clone())).collect();
        let mut users = Vec::new();
        for reference in &stage.users {
            let found: Option<User> = user::resolve(around.app, reference).await?;
            users.extend(found.map(|user| (user.id, user.username)));
        }
        Ok(Self { groups, users })
    }

    fn names(&self) -> Vec<String> {
        let groups = self.groups.iter().map(|(_, name)| name.clone());
        groups
            .chain(self.users.iter().map(|(_, name)| name.clone()))
            .collect()
    }
}
