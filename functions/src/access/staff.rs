//! Proofs of what somebody may do in the administration.

use causeway_model::id::UserId;

use super::{Caller, Rights};

/// The caller's rights do not reach this far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the caller is not allowed to do this")]
pub struct NotAllowed;

/// Somebody with business in the administration: an operator of some
/// applications, an auditor or an administrator. What they may see and change
/// is in their rights.
#[derive(Debug, Clone)]
pub struct Staff {
    actor: String,
    user: Option<UserId>,
    address: String,
    rights: Rights,
}

impl Staff {
    /// Name for the audit trail.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// The user, when it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }

    /// Where from; empty when unknown.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What they may see and change.
    #[must_use]
    pub const fn rights(&self) -> &Rights {
        &self.rights
    }
}

impl TryFrom<Caller> for Staff {
    type Error = NotAllowed;

    fn try_from(caller: Caller) -> Result<Self, NotAllowed> {
        if !caller.rights.is_staff() {
            return Err(NotAllowed);
        }
        Ok(Self {
            actor: caller.user.username,
            user: Some(caller.user.id),
            address: caller.address,
            rights: caller.rights,
        })
    }
}

/// Somebody who may read everything.
#[derive(Debug, Clone)]
pub struct Reader(Staff);

impl Reader {
    /// The same person, where less is needed.
    #[must_use]
    pub const fn staff(&self) -> &Staff {
        &self.0
    }
}

impl TryFrom<Staff> for Reader {
    type Error = NotAllowed;

    fn try_from(staff: Staff) -> Result<Self, NotAllowed> {
        if staff.rights.reads_everything() {
            Ok(Self(staff))
        } else {
            Err(NotAllowed)
        }
    }
}

/// Somebody who may read and write everything.
#[derive(Debug, Clone)]
pub struct Admin(Reader);

impl Admin {
    /// The operator of the machine that the control plane runs on: whoever can
    /// start the process may do everything.
    #[must_use]
    pub fn operator() -> Self {
        Self(Reader(Staff {
            actor: "operator".to_owned(),
            user: None,
            address: String::new(),
            rights: Rights::admin(),
        }))
    }

    /// The same person, where less is needed.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.0
    }

    /// The same person, where still less is needed.
    #[must_use]
    pub const fn staff(&self) -> &Staff {
        self.0.staff()
    }

    /// Name for the audit trail.
    #[must_use]
    pub fn actor(&self) -> &str {
        self.staff().actor()
    }

    /// The user, when it is one.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.staff().user()
    }

    /// Where from; empty when unknown.
    #[must_use]
    pub fn address(&self) -> &str {
        self.staff().address()
    }
}

impl TryFrom<Staff> for Admin {
    type Error = NotAllowed;

    fn try_from(staff: Staff) -> Result<Self, NotAllowed> {
        if staff.rights.is_admin() {
            Ok(Self(Reader(staff)))
        } else {
            Err(NotAllowed)
        }
    }
}
