//! What a user may do besides launching.

use std::collections::BTreeSet;

use causeway_model::id::ApplicationId;
use causeway_model::object::{Role, User};
use causeway_table::ConfigSnapshot;

/// The role of a user and the applications that they operate, their groups
/// taken into account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rights {
    role: Role,
    operates: BTreeSet<ApplicationId>,
}

impl Rights {
    /// The rights of a user: the highest role of theirs and of their groups,
    /// and every application that one of these names. Applications count for
    /// operators and above only.
    #[must_use]
    pub fn of(user: &User, snapshot: &ConfigSnapshot) -> Self {
        let groups: Vec<_> = user
            .groups
            .iter()
            .filter_map(|id| snapshot.groups().get(id.uuid()))
            .collect();
        let of_groups = groups.iter().map(|group| group.role);
        let role = of_groups.fold(user.role, Role::max);
        let operates = match role {
            Role::User => BTreeSet::new(),
            Role::Operator | Role::Auditor | Role::Admin => groups
                .iter()
                .flat_map(|group| &group.operates)
                .chain(&user.operates)
                .copied()
                .collect(),
        };
        Self { role, operates }
    }

    /// Those of an administrator.
    pub(super) const fn admin() -> Self {
        Self {
            role: Role::Admin,
            operates: BTreeSet::new(),
        }
    }

    /// The highest role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether they may write everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Whether they may read everything.
    #[must_use]
    pub fn reads_everything(&self) -> bool {
        self.role >= Role::Auditor
    }

    /// Whether they have business in the administration at all.
    #[must_use]
    pub fn is_staff(&self) -> bool {
        self.role >= Role::Operator
    }

    /// Whether they keep this application: its endpoints, its bindings, its
    /// live connections.
    #[must_use]
    pub fn operates(&self, application: ApplicationId) -> bool {
        self.is_admin() || self.operates.contains(&application)
    }

    /// Whether they may read what belongs to this application.
    #[must_use]
    pub fn sees(&self, application: ApplicationId) -> bool {
        self.reads_everything() || self.operates(application)
    }

    /// The applications that they are named as operators of.
    pub fn operated(&self) -> impl Iterator<Item = ApplicationId> {
        self.operates.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn user(role: &str, operates: &[u128]) -> User {
        let operates: Vec<_> = operates.iter().map(|id| Uuid::from_u128(*id)).collect();
        serde_json::from_value(json!({
            "id": Uuid::from_u128(1), "username": "ada", "name": "", "email": "", "role": role,
            "groups": [], "operates": operates, "active": true, "version": 1,
            "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        }))
        .unwrap()
    }

    fn check(role: &str, operates: &[u128], sees: bool, keeps: bool) {
        let rights = Rights::of(&user(role, operates), &ConfigSnapshot::default());
        let linux = ApplicationId::new(Uuid::from_u128(7));
        assert_eq!(
            (rights.sees(linux), rights.operates(linux)),
            (sees, keeps),
            "{role} {operates:?}"
        );
    }

    #[test]
    fn a_role_reaches_as_far_as_it_says() {
        check("user", &[7], false, false);
        check("operator", &[], false, false);
        check("operator", &[8], false, false);
        check("operator", &[7], true, true);
        check("auditor", &[], true, false);
        check("auditor", &[7], true, true);
        check("admin", &[], true, true);
    }
}
