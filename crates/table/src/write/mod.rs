//! Writing objects: any number of them in one transaction, all or none.

mod change;
mod claims;
mod config;
mod endpoint;
mod plan;
mod refusal;
mod user;

pub use change::{Change, ObjectChange};

use causeway_model::object::Event;

use crate::action::Action;
use crate::error::WriteError;
use crate::item::to_json;
use crate::table::Table;

use plan::Plan;

/// Attribute with the version of an object, for its condition.
pub(crate) const REVISION: &str = "revision";
/// Attribute with the number of references to a configuration object.
pub(crate) const REFERRERS: &str = "referrers";
/// Attribute with the id of the object that has a name.
pub(crate) const ID: &str = "id";

impl Table {
    /// Writes objects and the events that tell of it in one transaction.
    ///
    /// The transaction keeps: each changed object is still the one the caller
    /// read (`before`); names are unique; whatever is referred to exists;
    /// nothing is deleted that others refer to or connections use; a provider
    /// serves one application. One transaction has at most
    /// [`crate::ACTIONS_MAX`] actions: a configuration object takes 2 and 1
    /// for each object it starts or stops to refer to, an endpoint 3 and those
    /// of its references, a user 2 or 3, an event 1, the whole 1.
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
        self.write_with(changes, events, None).await
    }

    /// The same together with actions of other kinds; each that can be refused
    /// brings the error for that.
    pub(crate) async fn write_together(
        &self,
        changes: &[ObjectChange],
        events: &[Event],
        with: impl IntoIterator<Item = (Action, Option<WriteError>)>,
    ) -> Result<(), WriteError> {
        let mut plan = Plan::default();
        for change in changes {
            change.add_to(&mut plan)?;
        }
        for event in events {
            plan.event(event)?;
        }
        for (action, error) in with {
            plan.together(action, error);
        }
        plan.commit(self.store()).await
    }

    /// The same, only if `permit` can be used up in the same transaction; else
    /// [`WriteError::NotFound`] of an enrolment.
    pub(crate) async fn write_with(
        &self,
        changes: &[ObjectChange],
        events: &[Event],
        permit: Option<Action>,
    ) -> Result<(), WriteError> {
        let mut plan = Plan::default();
        for change in changes {
            change.add_to(&mut plan)?;
        }
        for event in events {
            plan.event(event)?;
        }
        if let Some(permit) = permit {
            plan.permit(permit);
        }
        plan.commit(self.store()).await?;
        for change in changes {
            self.clear_up_after(change).await;
        }
        Ok(())
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
