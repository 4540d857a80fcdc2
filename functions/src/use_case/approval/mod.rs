//! Approvals: one person asks, another lets them in.
//!
//! Approvers are the groups and users that the stage names, and administrators;
//! never the requester. A request is decided once. Without an answer in time it
//! is a no; that is true from the second its time is up, and written down for
//! the audit trail by whoever looks next.

use causeway_model::id::ApprovalId;
use causeway_model::object::{Approval, ApprovalState, Decision, EventAction, Outcome};
use causeway_table::{Cursor, DecideOutcome, Deciding, StoredApproval, TableError};

use super::event::Entry;
use super::object::{ListError, Page};
use crate::access::Caller;
use crate::app::App;

/// Longest reason and longest comment, in characters.
pub const TEXT_CHARS_MAX: usize = 1000;
/// Most approvals of a page.
const PAGE_MAX: usize = 100;
/// Most approvals that are looked at for one page; it may be short then.
const LOOKED_AT_MAX: usize = 500;

/// An approval as somebody sees it who may.
#[derive(Debug, Clone, PartialEq)]
pub struct MyApproval {
    /// The approval.
    pub approval: Approval,
    /// Whether the caller may decide it, as long as it waits.
    pub mine_to_decide: bool,
}

/// Which approvals, and how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Only those that stand there.
    pub state: Option<ApprovalState>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Those after this one.
    pub cursor: Option<&'a str>,
}

/// Why an approval is not shown or not decided.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// There is none of that id that the caller may see.
    #[error("there is no such approval")]
    NotFound,
    /// Nobody decides for themselves.
    #[error("nobody decides on their own request")]
    OwnRequest,
    /// Somebody decided before.
    #[error("somebody decided before")]
    AlreadyDecided,
    /// The time to decide is over.
    #[error("the time to decide is over")]
    Expired,
    /// The requester gave up.
    #[error("the requester gave up")]
    Withdrawn,
    /// The comment is too long.
    #[error("the comment has more than {TEXT_CHARS_MAX} characters")]
    CommentTooLong,
    /// The table did not answer.
    #[error("the approval could not be read or kept")]
    Table(#[from] TableError),
}

/// What the caller may decide, newest first.
///
/// # Errors
/// [`ListError`].
pub async fn list(
    app: &App,
    caller: &Caller,
    wanted: Wanted<'_>,
) -> Result<Page<MyApproval>, ListError> {
    let limit = wanted.limit.unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    let cursor = wanted.cursor.map(str::parse::<Cursor>).transpose();
    let mut cursor = cursor.map_err(|_| ListError::Cursor)?;
    let mut items = Vec::new();
    let mut looked_at = 0;
    loop {
        // A page of the table ends where ours does, so that its cursor is ours.
        let read = app
            .table()
            .approvals()
            .list(cursor.as_ref(), limit - items.len())
            .await?;
        looked_at += read.items.len().max(1);
        for approval in read.items {
            if !may_decide(caller, &approval) {
                continue;
            }
            let approval = note_expiry(app, approval).await?;
            if wanted.state.is_none_or(|state| state == approval.state) {
                items.push(MyApproval {
                    approval,
                    mine_to_decide: true,
                });
            }
        }
        cursor = read.next;
        if cursor.is_none() || items.len() >= limit || looked_at >= LOOKED_AT_MAX {
            break;
        }
    }
    Ok(Page {
        items,
        next: cursor.map(|cursor| cursor.to_string()),
    })
}

/// One approval that the caller may decide or asked for.
///
/// # Errors
/// [`ApprovalError`].
pub async fn find(app: &App, caller: &Caller, id: ApprovalId) -> Result<MyApproval, ApprovalError> {
    let approval = settled(app, id).await?.ok_or(ApprovalError::NotFound)?;
    let mine_to_decide = may_decide(caller, &approval);
    if !mine_to_decide && approval.requester != caller.user().id {
        return Err(ApprovalError::NotFound);
    }
    Ok(MyApproval {
        approval,
        mine_to_decide,
    })
}

/// Decides.
///
/// # Errors
/// [`ApprovalError`].
pub async fn decide(
    app: &App,
    caller: &Caller,
    id: ApprovalId,
    decision: Decision,
    comment: &str,
) -> Result<MyApproval, ApprovalError> {
    let comment = comment.trim();
    if comment.chars().count() > TEXT_CHARS_MAX {
        return Err(ApprovalError::CommentTooLong);
    }
    let found = find(app, caller, id).await?;
    if !found.mine_to_decide {
        return Err(ApprovalError::OwnRequest);
    }
    let outcome = match decision {
        Decision::Approve => Outcome::Success,
        Decision::Deny => Outcome::Refused,
    };
    let event = decided(&found.approval, outcome, decision.state())
        .by(&caller.user().username)
        .address(caller.address())
        .event(app);
    let deciding = Deciding {
        id,
        decision,
        by: &caller.user().username,
        comment,
        now: app.now(),
        event: Some(&event),
    };
    match app.table().approvals().decide(deciding).await? {
        DecideOutcome::Decided(approval) => Ok(MyApproval {
            approval,
            mine_to_decide: true,
        }),
        DecideOutcome::NotFound => Err(ApprovalError::NotFound),
        DecideOutcome::Expired(_) => Err(ApprovalError::Expired),
        DecideOutcome::AlreadyDecided(approval) => Err(match approval.state {
            ApprovalState::Withdrawn => ApprovalError::Withdrawn,
            ApprovalState::Expired => ApprovalError::Expired,
            ApprovalState::Waiting | ApprovalState::Approved | ApprovalState::Denied => {
                ApprovalError::AlreadyDecided
            }
        }),
    }
}

/// Asks.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn request(app: &App, approval: &Approval) -> Result<(), TableError> {
    let event = about(EventAction::ApprovalRequested, Outcome::Success, approval)
        .by(&approval.requester_username)
        .address(&approval.address)
        .event(app);
    let stored = StoredApproval {
        approval: approval.clone(),
    };
    app.table().approvals().create(&stored, Some(&event)).await
}

/// Takes back what was asked.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn withdraw(app: &App, username: &str, id: ApprovalId) -> Result<(), TableError> {
    let Some(StoredApproval { approval }) = app.table().approvals().get(id).await? else {
        return Ok(());
    };
    let event = decided(&approval, Outcome::Refused, ApprovalState::Withdrawn)
        .by(username)
        .event(app);
    app.table()
        .approvals()
        .withdraw(id, app.now(), Some(&event))
        .await?;
    Ok(())
}

/// An approval as it stands at this moment.
///
/// # Errors
/// [`TableError`].
pub(crate) async fn settled(app: &App, id: ApprovalId) -> Result<Option<Approval>, TableError> {
    match app.table().approvals().get(id).await? {
        Some(StoredApproval { approval }) => note_expiry(app, approval).await.map(Some),
        None => Ok(None),
    }
}

/// Writes down, once, that nobody decided in time.
async fn note_expiry(app: &App, approval: Approval) -> Result<Approval, TableError> {
    let now = app.now();
    let state = approval.state_at(now);
    if state == approval.state {
        return Ok(approval);
    }
    let event = decided(&approval, Outcome::Refused, state).event(app);
    app.table()
        .approvals()
        .expire(approval.id, now, Some(&event))
        .await?;
    Ok(Approval { state, ..approval })
}

fn may_decide(caller: &Caller, approval: &Approval) -> bool {
    let user = caller.user();
    let is_asked = approval.may_be_decided_by(user.id, &user.groups);
    is_asked || (caller.rights().is_admin() && user.id != approval.requester)
}

fn decided(approval: &Approval, outcome: Outcome, state: ApprovalState) -> Entry {
    about(EventAction::ApprovalDecided, outcome, approval).detail(state.as_str())
}

fn about(action: EventAction, outcome: Outcome, approval: &Approval) -> Entry {
    Entry::new(action, outcome)
        .on("endpoint", approval.endpoint, &approval.endpoint_name)
        .policy(&approval.stage)
}
