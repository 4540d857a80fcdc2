//! What goes along with a deleted object: the policy bindings that are attached
//! to it, or that ask for it.
//!
//! Bindings are configuration, and their targets count no references unless
//! they are too. So a change that depends on them is made for one version of
//! the configuration, and made anew when that moved on in the meantime.

use std::collections::HashSet;
use std::sync::Arc;

use causeway_model::id::{EndpointId, UserId};
use causeway_model::object::{Flow, PolicyBinding, Subject, TargetKind};
use uuid::Uuid;

use super::change::{Change, ObjectChange};
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
    /// Users.
    users: HashSet<UserId>,
}

impl Gone {
    fn of(changes: &[ObjectChange]) -> Self {
        let mut gone = Self::default();
        for change in changes {
            match change {
                ObjectChange::Application(Change::Delete(application)) => {
                    gone.targets.insert(application.id.uuid());
                }
                ObjectChange::Endpoint(Change::Delete(endpoint)) => {
                    gone.targets.insert(endpoint.id.uuid());
                }
                ObjectChange::Flow(change) => gone.targets.extend(stages_gone(change)),
                ObjectChange::User(Change::Delete(user), _) => {
                    gone.users.insert(user.id);
                }
                _ => {}
            }
        }
        gone
    }

    fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.users.is_empty()
    }

    fn concerns(&self, binding: &PolicyBinding) -> bool {
        let by_subject =
            matches!(binding.subject, Subject::User(user) if self.users.contains(&user));
        by_subject || self.targets.contains(&binding.target)
    }
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
    !Gone::of(changes).is_empty() || changes.iter().any(binds_stage)
}

/// Adds to a plan what the changes mean for bindings, as of `snapshot`.
pub(super) fn bindings(
    plan: &mut Plan,
    changes: &[ObjectChange],
    snapshot: &ConfigSnapshot,
) -> Result<(), WriteError> {
    let gone = Gone::of(changes);
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
    let concerned =
        |binding: &&Arc<PolicyBinding>| gone.concerns(binding) && !written.contains(&binding.id);
    for binding in snapshot.policy_bindings().iter().filter(concerned) {
        let delete = Change::Delete(PolicyBinding::clone(binding));
        ObjectChange::PolicyBinding(delete).add_to(plan)?;
    }
    Ok(())
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
    if gone.concerns(binding) || !there {
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
