//! Entries of the audit trail in the making.

use causeway_model::id::{ConnectionId, EventId};
use causeway_model::object::{Event, EventAction, Outcome};

use crate::access::{Admin, Staff};
use crate::app::App;

/// An entry in the making.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    action: EventAction,
    outcome: Outcome,
    actor: String,
    address: String,
    target_kind: String,
    target_id: String,
    target_name: String,
    detail: String,
    connection: Option<ConnectionId>,
    policy: String,
}

impl Entry {
    pub(crate) const fn new(action: EventAction, outcome: Outcome) -> Self {
        Self {
            action,
            outcome,
            actor: String::new(),
            address: String::new(),
            target_kind: String::new(),
            target_id: String::new(),
            target_name: String::new(),
            detail: String::new(),
            connection: None,
            policy: String::new(),
        }
    }

    /// What an administrator did, to the end.
    pub(crate) fn of_admin(admin: &Admin, action: EventAction) -> Self {
        Self::of_staff(admin.staff(), action)
    }

    /// What somebody of the staff did, to the end.
    pub(crate) fn of_staff(staff: &Staff, action: EventAction) -> Self {
        Self::new(action, Outcome::Success)
            .by(staff.actor())
            .address(staff.address())
    }

    /// The same of another action.
    pub(crate) const fn of(mut self, action: EventAction) -> Self {
        self.action = action;
        self
    }

    pub(crate) fn by(mut self, actor: &str) -> Self {
        actor.clone_into(&mut self.actor);
        self
    }

    pub(crate) fn address(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    pub(crate) fn on(mut self, kind: &str, id: impl ToString, name: &str) -> Self {
        kind.clone_into(&mut self.target_kind);
        self.target_id = id.to_string();
        name.clone_into(&mut self.target_name);
        self
    }

    pub(crate) fn detail(mut self, detail: &str) -> Self {
        detail.clone_into(&mut self.detail);
        self
    }

    pub(crate) const fn connection(mut self, id: ConnectionId) -> Self {
        self.connection = Some(id);
        self
    }

    /// What decided: a policy, a mapping, a stage.
    pub(crate) fn policy(mut self, name: &str) -> Self {
        name.clone_into(&mut self.policy);
        self
    }

    /// The event, as of now.
    pub(crate) fn event(self, app: &App) -> Event {
        Event {
            id: EventId::new(app.new_id()),
            at: app.now(),
            action: self.action,
            outcome: self.outcome,
            actor: self.actor,
            address: self.address,
            target_kind: self.target_kind,
            target_id: self.target_id,
            target_name: self.target_name,
            detail: self.detail,
            connection: self.connection,
            policy: self.policy,
        }
    }
}
