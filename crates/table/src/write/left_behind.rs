//! Bindings that outlive what they were attached to, for a moment.
//!
//! An object may have more bindings than fit in the transaction that deletes
//! it. Then it goes first, alone: what is gone cannot be launched, so bindings
//! that are still there let nobody in and keep nobody out. The other way round
//! an application would stand open as soon as its last binding is gone. The
//! transaction writes down that bindings were left behind; whoever finds the
//! note deletes them, a few at a time, and the note at last. Each step is good
//! when it is done twice.

use std::collections::HashSet;

use causeway_model::id::UserId;
use causeway_model::object::{PolicyBinding, Subject, TargetKind};
use uuid::Uuid;

use super::change::Change;
use super::config::config_object_referring;
use super::plan::{Committed, Plan};
use crate::action::Action;
use crate::config::{ConfigObject, ConfigSnapshot};
use crate::error::{TableError, WriteError};
use crate::item::Item;
use crate::key::{Key, LEFT_BEHIND, SK};
use crate::kind::Kind;
use crate::retry;
use crate::store::Range;
use crate::table::Table;

/// Bindings deleted in one transaction, which takes at most 4 actions for each.
const BINDINGS_AT_ONCE: usize = 20;

/// Transactions that whoever deleted an object adds for its bindings; what is
/// left is for those who look for it.
pub(super) const TRANSACTIONS_OF_DELETER: usize = 100;

/// Transactions of one look.
const TRANSACTIONS_OF_SWEEP: usize = 500;

/// What bindings are left behind by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Gone {
    /// An application, an endpoint or a stage.
    Target(Uuid),
    /// A user whom they ask for.
    User(UserId),
}

impl Gone {
    fn key(self) -> Key {
        match self {
            Self::Target(id) => Key::new(LEFT_BEHIND, format!("TARGET#{id}")),
            Self::User(id) => Key::new(LEFT_BEHIND, format!("USER#{id}")),
        }
    }

    fn of_note(note: &Item) -> Result<Self, TableError> {
        let unreadable = || note.unreadable("nothing that leaves bindings".to_owned());
        let (kind, id) = note.text(SK)?.split_once('#').ok_or_else(unreadable)?;
        let id = Uuid::try_parse(id).map_err(|_| unreadable())?;
        match kind {
            "TARGET" => Ok(Self::Target(id)),
            "USER" => Ok(Self::User(UserId::new(id))),
            _ => Err(unreadable()),
        }
    }

    pub(super) fn concerns(self, binding: &PolicyBinding) -> bool {
        match self {
            Self::Target(id) => binding.target == id,
            Self::User(user) => binding.subject == Subject::User(user),
        }
    }
}

/// Leaves `bindings` behind: what is deleted does not count them any more, and
/// a note says that they are there.
pub(super) fn leave(plan: &mut Plan, gone: &HashSet<Gone>, bindings: &[&PolicyBinding]) {
    for one in gone {
        let its: Vec<_> = bindings
            .iter()
            .filter(|binding| one.concerns(binding))
            .collect();
        if its.is_empty() {
            continue;
        }
        plan.extra(Action::put(Item::new(&one.key())));
        for binding in its {
            if matches!(one, Gone::Target(_)) && binding.target_kind == TargetKind::Application {
                plan.refer(Kind::Application, binding.target, -1);
            }
        }
    }
}

impl Table {
    /// Deletes policy bindings whose target, or the user that they ask for, was
    /// deleted without them because there were too many; says how many those
    /// were. They let nobody in meanwhile. Call it now and then: whoever
    /// deletes such an object does the same, but may not come to the end of it.
    ///
    /// # Errors
    ///
    /// When the table cannot be read or written; what was done is done.
    pub async fn clear_left_behind(&self) -> Result<usize, TableError> {
        self.clear_in(TRANSACTIONS_OF_SWEEP).await
    }

    pub(super) async fn clear_in(&self, transactions: usize) -> Result<usize, TableError> {
        let notes = self.store().query_all(Range::new(LEFT_BEHIND, "")).await?;
        let (mut cleared, mut left) = (0, transactions);
        for note in &notes {
            let gone = Gone::of_note(note)?;
            loop {
                if left == 0 {
                    return Ok(cleared);
                }
                left -= 1;
                match self.clear_some(gone).await? {
                    0 => break,
                    some => cleared += some,
                }
            }
            // Nothing can be attached to what is gone.
            let forget = Action::delete(gone.key());
            let _ = self.store().write(forget).await?;
        }
        Ok(cleared)
    }

    /// Deletes some of the bindings that `gone` left behind; 0 when there are
    /// none.
    async fn clear_some(&self, gone: Gone) -> Result<usize, TableError> {
        let _turn = self.config_cache().turn_to_write().await?;
        for attempt in 1..=retry::ATTEMPTS {
            let snapshot = self.config().current().await?;
            let bindings: Vec<_> = left_by(&snapshot, gone)
                .into_iter()
                .take(BINDINGS_AT_ONCE)
                .collect();
            if bindings.is_empty() {
                return Ok(0);
            }
            let mut plan = Plan::default();
            for binding in &bindings {
                delete(&mut plan, binding, &snapshot).map_err(as_table_error)?;
            }
            plan.pin(snapshot.epoch());
            let made = plan.next_epoch();
            match plan.commit(self.store()).await.map_err(as_table_error)? {
                Committed::Done => {
                    made.into_iter()
                        .for_each(|epoch| self.config_cache().saw(epoch));
                    return Ok(bindings.len());
                }
                Committed::Moved => retry::back_off(attempt).await,
            }
        }
        Err(TableError::Contention)
    }
}

fn left_by(snapshot: &ConfigSnapshot, gone: Gone) -> Vec<&PolicyBinding> {
    match gone {
        Gone::Target(id) => snapshot.bindings_of(id).iter().map(AsRef::as_ref).collect(),
        Gone::User(_) => snapshot
            .policy_bindings()
            .iter()
            .map(AsRef::as_ref)
            .filter(|binding| gone.concerns(binding))
            .collect(),
    }
}

/// Deletes a binding, which an application that is gone does not count.
fn delete(
    plan: &mut Plan,
    binding: &PolicyBinding,
    snapshot: &ConfigSnapshot,
) -> Result<(), WriteError> {
    let change = Change::Delete(binding.clone());
    config_object_referring(plan, &change, |binding: &PolicyBinding| {
        let mut references = binding.references();
        references.retain(|(kind, id)| {
            *kind != Kind::Application || snapshot.applications().get(*id).is_some()
        });
        references
    })
}

/// For the snapshot that the plan is pinned to, nothing but the table itself
/// can be in the way.
fn as_table_error(error: WriteError) -> TableError {
    match error {
        WriteError::Table(error) => error,
        other => TableError::refused(other),
    }
}
