//! What goes along with a deleted object, the policy bindings that are attached
//! to it, and what does not: a user whom bindings ask for stays. What does not
//! fit in its transaction follows it (see [`super::left_behind`]).
//!
//! A target without bindings is open to everyone, so nothing that a binding
//! asks for may take that binding along; for groups and policies the count of
//! references sees to that.
//!
//! Bindings are configuration, and their targets count no references unless
//! they are too. So a change that depends on them is made for one version of
//! the configuration, and made anew when that moved on in the meantime.

use std::collections::HashSet;

use causeway_model::id::{EndpointId, UserId};
use causeway_model::object::{Flow, PolicyBinding, Subject, TargetKind};
use uuid::Uuid;

use super::change::{Change, ObjectChange};
use super::left_behind;
use super::plan::Plan;
use crate::config::ConfigSnapshot;
use crate::error::WriteError;
use crate::key::Key;
use crate::kind::Kind;

/// What a set of changes deletes that bindings may have to do with.
#[derive(Debug, Default)]
struct Gone {
    /// Applications, endpoints and stages.
    targets: HashSet<Uuid>,
    users: HashSet<UserId>,
}

impl Gone {
    fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.users.is_empty()
    }

    /// The user who goes though the binding asks for them.
    fn user_of(&self, binding: &PolicyBinding) -> Option<UserId> {
        match binding.subject {
            Subject::User(user) => self.users.get(&user).copied(),
            Subject::Policy(_) | Subject::Group(_) => None,
        }
    }
}

fn gone(changes: &[ObjectChange]) -> Gone {
    let mut gone = Gone::default();
    for change in changes {
        match change {
            ObjectChange::Application(Change::Delete(application)) => {
                gone.targets.insert(application.id.uuid());
            }
            ObjectChange::Endpoint(Change::Delete(endpoint)) => {
                gone.targets.insert(endpoint.id.uuid());
            }
            ObjectChange::Flow(change) => {
                gone.targets.extend(stages_gone(change));
            }
            ObjectChange::User(Change::Delete(user), _) => {
                gone.users.insert(user.id);
            }
            _ => {}
        }
    }
    gone
}

/// The stages that a flow loses.
fn stages_gone(change: &Change<Flow>) -> Vec<Uuid> {
    let ids = |flow: Option<&Flow>| -> Vec<Uuid> {
        flow.map_or_else(Vec::new, |flow| {
            flow.stages.iter().map(|stage| stage.id.uuid()).collect()
        })
    };
    let kept = ids(change.after());
    let mut gone = ids(change.before());
    gone.retain(|id| !kept.contains(id));
    gone
}

/// Whether the changes can only be made for a known configuration.
pub(super) fn needs_configuration(changes: &[ObjectChange]) -> bool {
    let binds_stage = |change: &ObjectChange| {
        matches!(change, ObjectChange::PolicyBinding(change)
            if change.after().is_some_and(|binding| binding.target_kind == TargetKind::Stage))
    };
    !gone(changes).is_empty() || changes.iter().any(binds_stage)
}

/// Whether bindings go in the same transaction as what they belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bindings {
    /// All of them.
    Along,
    /// None; they follow.
    Behind,
}

/// Adds to a plan what the changes mean for bindings, as of `snapshot`; says
/// how many bindings have to go. Refuses the end of a user whom bindings ask
/// for that stay.
pub(super) fn bindings(
    plan: &mut Plan,
    changes: &[ObjectChange],
    snapshot: &ConfigSnapshot,
    go: Bindings,
) -> Result<usize, WriteError> {
    let gone = gone(changes);
    let mut written = HashSet::new();
    for change in changes {
        let ObjectChange::PolicyBinding(change) = change else {
            continue;
        };
        written.insert(change.object().id);
        if let Some(binding) = change.after() {
            check_target(binding, &gone, changes, snapshot)?;
        }
    }
    let all = snapshot.policy_bindings().iter().map(AsRef::as_ref);
    let untouched = all.filter(|binding| !written.contains(&binding.id));
    let (concerned, staying): (Vec<&PolicyBinding>, Vec<_>) =
        untouched.partition(|binding| gone.targets.contains(&binding.target));
    keep_users(&gone, &staying)?;
    match go {
        Bindings::Behind => left_behind::leave(plan, &gone.targets, &concerned),
        Bindings::Along => {
            for binding in &concerned {
                let delete = Change::Delete(PolicyBinding::clone(binding));
                ObjectChange::PolicyBinding(delete).add_to(plan)?;
            }
        }
    }
    Ok(concerned.len())
}

/// Refuses the end of a user whom one of `staying` asks for.
fn keep_users(gone: &Gone, staying: &[&PolicyBinding]) -> Result<(), WriteError> {
    let mut kept = staying.iter().filter_map(|binding| gone.user_of(binding));
    let Some(user) = kept.next() else {
        return Ok(());
    };
    let more = kept.filter(|other| *other == user).count();
    Err(WriteError::InUse {
        kind: Kind::User,
        id: user.uuid(),
        references: u64::try_from(more).unwrap_or(u64::MAX).saturating_add(1),
        referrers: Vec::new(),
    })
}

/// Refuses a binding to what is not there or goes.
fn check_target(
    binding: &PolicyBinding,
    gone: &Gone,
    changes: &[ObjectChange],
    snapshot: &ConfigSnapshot,
) -> Result<(), WriteError> {
    let has_stage = |flow: &Flow| {
        flow.stages
            .iter()
            .any(|stage| stage.id.uuid() == binding.target)
    };
    let kind = match binding.target_kind {
        TargetKind::Application => Kind::Application,
        TargetKind::Endpoint => Kind::Endpoint,
        TargetKind::Stage => Kind::Stage,
    };
    let there = match binding.target_kind {
        // Looked after by the transaction itself.
        TargetKind::Application | TargetKind::Endpoint => true,
        TargetKind::Stage => {
            let written = changes.iter().any(|change| {
                matches!(change, ObjectChange::Flow(change)
                    if change.after().is_some_and(has_stage))
            });
            written || snapshot.flows().iter().any(|flow| has_stage(flow))
        }
    };
    if let Some(user) = gone.user_of(binding) {
        return Err(WriteError::MissingReference {
            kind: Kind::User,
            id: user.uuid(),
        });
    }
    if gone.targets.contains(&binding.target) || !there {
        return Err(WriteError::MissingReference {
            kind,
            id: binding.target,
        });
    }
    Ok(())
}

/// What a binding needs that counts no references: its endpoint, its user.
pub(super) fn required(plan: &mut Plan, change: &Change<PolicyBinding>) {
    let Some(after) = change.after() else {
        return;
    };
    let before = change.before();
    let new_target = before.is_none_or(|before| before.target != after.target);
    if after.target_kind == TargetKind::Endpoint && new_target {
        let key = Key::endpoint(EndpointId::new(after.target));
        plan.require(Kind::Endpoint, after.target, key);
    }
    let new_subject = before.is_none_or(|before| before.subject != after.subject);
    if let Subject::User(user) = after.subject
        && new_subject
    {
        plan.require(Kind::User, user.uuid(), Key::user(user));
    }
}
