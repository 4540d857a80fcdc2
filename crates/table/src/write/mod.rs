//! Writing objects: any number of them in one transaction, all or none.

mod cascade;
mod change;
mod claims;
mod config;
mod endpoint;
mod left_behind;
mod order;
mod plan;
mod refusal;
mod unfinished;
mod user;

pub use change::{Change, ObjectChange};
pub use unfinished::{CHANGES_MAX, Told, WriteAllError};

use causeway_model::object::Event;

use crate::action::Action;
use crate::error::{TableError, WriteError};
use crate::item::to_json;
use crate::page::PAGE_ITEMS_MAX;
use crate::retry::{Tries, Why};
use crate::store::ACTIONS_MAX;
use crate::table::Table;

use plan::{Committed, Plan};
pub(crate) use plan::{Meaning, Refusable};

/// Attribute with the version of an object, for its condition.
pub(crate) const REVISION: &str = "revision";
/// Attribute with the number of references to a configuration object.
pub(crate) const REFERRERS: &str = "referrers";
/// Attribute with the id of the object that has a name.
pub(crate) const ID: &str = "id";

/// Of those that keep an object from being deleted, how many a refusal names.
pub const REFERRERS_NAMED_MAX: usize = 10;

impl Table {
    /// Writes objects and the events that tell of it in one transaction.
    ///
    /// The transaction keeps: each changed object is still the one the caller
    /// read (`before`); names are unique; whatever is referred to exists;
    /// nothing is deleted that others refer to (a group, policy or user: that
    /// a binding asks for) or connections use; a provider
    /// serves one application; policy bindings go with what they are attached
    /// to (an application, an endpoint, a stage of a flow); of more than fit,
    /// all follow what they are attached to, which is gone by then. A new version of the configuration is made from the
    /// one before. One transaction has at most
    /// [`crate::ACTIONS_MAX`] actions: a configuration object takes 2 and 1
    /// for each object it starts or stops to refer to, an endpoint 3 and those
    /// of its references (2 for a mapping), a user 2 or 3 and 2 for each group and
    /// application that changes, an event 1, a binding that goes along 3 or 4,
    /// the whole 2.
    ///
    /// # Errors
    ///
    /// [`WriteError`] names the first change that was refused; then nothing
    /// was written.
    pub async fn write(
        &self,
        changes: &[ObjectChange],
        events: &[Event],
    ) -> Result<(), WriteError> {
        self.write_together(changes, events, []).await
    }

    /// The same, only if `permit` can be used up in the same transaction; else
    /// [`WriteError::NotFound`] of an enrolment.
    pub(crate) async fn write_with(
        &self,
        changes: &[ObjectChange],
        events: &[Event],
        permit: Action,
    ) -> Result<(), WriteError> {
        let refused = Refusable {
            action: permit,
            meaning: Meaning::NoPermit,
        };
        self.write_together(changes, events, [refused]).await
    }

    /// The same together with actions of other kinds.
    pub(crate) async fn write_together<const N: usize>(
        &self,
        changes: &[ObjectChange],
        events: &[Event],
        with: [Refusable; N],
    ) -> Result<(), WriteError> {
        let result = self.commit(changes, events, &with).await;
        if let Err(WriteError::InUse {
            kind,
            id,
            references,
            ..
        }) = result
        {
            // Only for words: a failure to find them is none of the write.
            let dependents = self.dependents(kind, id, PAGE_ITEMS_MAX).await;
            let mut referrers = dependents.unwrap_or_default();
            referrers.retain(|dependent| dependent.blocks);
            referrers.truncate(REFERRERS_NAMED_MAX);
            return Err(WriteError::InUse {
                kind,
                id,
                references,
                referrers,
            });
        }
        let left_behind = result? == cascade::Bindings::Behind;
        for change in changes {
            self.clear_up_after(change).await;
        }
        if left_behind && let Err(error) = self.clear_in(left_behind::TRANSACTIONS_OF_DELETER).await
        {
            tracing::warn!(%error, "bindings of a deleted object are left for later");
        }
        Ok(())
    }

    /// Makes the plan and carries it out, anew when it was made for a
    /// configuration that has moved on. Says where the bindings of what was
    /// deleted are.
    async fn commit(
        &self,
        changes: &[ObjectChange],
        events: &[Event],
        with: &[Refusable],
    ) -> Result<cascade::Bindings, WriteError> {
        let (config, cache) = (self.config(), self.config_cache());
        let looks_at_bindings = cascade::needs_configuration(changes);
        let _turn = if looks_at_bindings || changes.iter().any(ObjectChange::is_configuration) {
            Some(cache.turn_to_write().await?)
        } else {
            None
        };
        let mut tries = Tries::new();
        loop {
            let bare = || plan_of(changes, events, with);
            let (mut plan, mut bindings) = (bare()?, cascade::Bindings::Along);
            if looks_at_bindings {
                let snapshot = config.current().await?;
                let go = cascade::bindings(&mut plan, changes, &snapshot, bindings)?;
                plan.pin(snapshot.epoch());
                if go > 0 && plan.len() > ACTIONS_MAX {
                    (plan, bindings) = (bare()?, cascade::Bindings::Behind);
                    cascade::bindings(&mut plan, changes, &snapshot, bindings)?;
                    plan.pin(snapshot.epoch());
                }
            } else if plan.changes_configuration() {
                let epoch = if tries.is_first() {
                    config.probable_epoch().await?
                } else {
                    config.read_epoch().await?
                };
                plan.pin(epoch);
            }
            let made = plan.next_epoch();
            match plan.commit(self.store()).await? {
                Committed::Done => {
                    made.into_iter().for_each(|epoch| cache.saw(epoch));
                    return Ok(bindings);
                }
                Committed::Moved => {
                    if !tries.again(Why::Conflict).await {
                        return Err(TableError::Contention.into());
                    }
                }
            }
        }
    }

    /// Deletes what only a deleted object led to. That nothing finds it any
    /// more is what counts; a failure leaves rubbish, no harm.
    async fn clear_up_after(&self, change: &ObjectChange) {
        let cleared = match change {
            ObjectChange::Endpoint(Change::Delete(endpoint)) => {
                self.host_keys().forget_all(endpoint.id).await
            }
            ObjectChange::Edge(Change::Delete(edge)) => self.edges().forget(edge.id).await,
            ObjectChange::User(Change::Delete(user), _) => self.users().clear_up(user.id).await,
            _ => Ok(()),
        };
        if let Err(error) = cleared {
            tracing::warn!(%error, "items of a deleted object were left behind");
        }
    }
}

/// The plan of what is asked for and nothing else.
fn plan_of(
    changes: &[ObjectChange],
    events: &[Event],
    with: &[Refusable],
) -> Result<Plan, WriteError> {
    let mut plan = Plan::default();
    for change in changes {
        change.add_to(&mut plan)?;
    }
    for event in events {
        plan.event(event)?;
    }
    for refusable in with {
        plan.together(refusable.clone());
    }
    Ok(plan)
}

/// The document of an object, refused when it is too large.
fn document<T: serde::Serialize>(
    kind: crate::Kind,
    id: uuid::Uuid,
    object: &T,
) -> Result<String, WriteError> {
    let document = to_json(object)?;
    if document.len() > crate::DOCUMENT_BYTES_MAX {
        return Err(WriteError::TooLarge {
            kind,
            id,
            bytes: document.len(),
            limit: crate::DOCUMENT_BYTES_MAX,
        });
    }
    Ok(document)
}
