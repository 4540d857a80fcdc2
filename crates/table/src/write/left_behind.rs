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

use causeway_model::object::{PolicyBinding, TargetKind};
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
use crate::retry::{Tries, Why};
use crate::store::Range;
use crate::table::Table;

/// Bindings deleted in one transaction, which takes at most 4 actions for each.
const BINDINGS_AT_ONCE: usize = 20;

/// Transactions that whoever deleted an object adds for its bindings; what is
/// left is for those who look for it.
pub(super) const TRANSACTIONS_OF_DELETER: usize = 100;

/// Transactions of one look.
const TRANSACTIONS_OF_SWEEP: usize = 500;

/// Begins the sort key of a note; the id of what is gone follows.
const TARGET: &str = "TARGET#";

fn note_key(target: Uuid) -> Key {
    Key::new(LEFT_BEHIND, format!("{TARGET}{target}"))
}

/// The application, endpoint or stage that a note tells of.
fn target_of(note: &Item) -> Result<Uuid, TableError> {
    let id = note.text(SK)?.strip_prefix(TARGET);
    id.and_then(|id| Uuid::try_parse(id).ok())
        .ok_or_else(|| note.unreadable("nothing that leaves bindings".to_owned()))
}

/// Leaves `bindings` behind: what is deleted does not count them any more, and
/// a note says that they are there.
pub(super) fn leave(plan: &mut Plan, targets: &HashSet<Uuid>, bindings: &[&PolicyBinding]) {
    for target in targets {
        let its: Vec<_> = bindings
            .iter()
            .filter(|binding| binding.target == *target)
            .collect();
        if its.is_empty() {
            continue;
        }
        plan.extra(Action::put(Item::new(&note_key(*target))));
        for binding in its {
            if binding.target_kind == TargetKind::Application {
                plan.refer(Kind::Application, binding.target, -1);
            }
        }
    }
}

impl Table {
    /// Deletes policy bindings whose target was deleted without them because
    /// there were too many; says how many those were. They let nobody in
    /// meanwhile. Call it now and then: whoever deletes such an object does the
    /// same, but may not come to the end of it.
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
            let target = target_of(note)?;
            loop {
                if left == 0 {
                    return Ok(cleared);
                }
                left -= 1;
                match self.clear_some(target).await? {
                    0 => break,
                    some => cleared += some,
                }
            }
            // Nothing can be attached to what is gone.
            let forget = Action::delete(note_key(target));
            let _ = self.store().write(forget).await?;
        }
        Ok(cleared)
    }

    /// Deletes some of the bindings that `target` left behind; 0 when there are
    /// none.
    async fn clear_some(&self, target: Uuid) -> Result<usize, TableError> {
        let _turn = self.config_cache().turn_to_write().await?;
        let mut tries = Tries::new();
        loop {
            let snapshot = self.config().current().await?;
            let left = snapshot.bindings_of(target).iter();
            let bindings: Vec<_> = left.take(BINDINGS_AT_ONCE).collect();
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
                Committed::Moved => {
                    if !tries.again(Why::Conflict).await {
                        return Err(TableError::Contention);
                    }
                }
            }
        }
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
