//! Approvals: requests that another person lets somebody in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{ApplicationId, ApprovalId, EndpointId, GroupId, UserId};

/// Where a request stands: waiting, and then one of the others for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Nobody has decided yet.
    Waiting,
    /// Somebody let the requester in.
    Approved,
    /// Somebody did not.
    Denied,
    /// Nobody decided in time, which is a no.
    Expired,
    /// The requester gave up.
    Withdrawn,
}

impl ApprovalState {
    /// Its stable name on every wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What an approver says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The requester may go on.
    Approve,
    /// The requester may not.
    Deny,
}

impl Decision {
    /// The state that it leads to.
    #[must_use]
    pub const fn state(self) -> ApprovalState {
        match self {
            Self::Approve => ApprovalState::Approved,
            Self::Deny => ApprovalState::Denied,
        }
    }
}

/// A request that another person lets somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Approval {
    /// Its id.
    pub id: ApprovalId,
    /// Where it stands.
    pub state: ApprovalState,
    /// Who wants in.
    pub requester: UserId,
    /// Their username when they asked.
    pub requester_username: String,
    /// The application that they want to use.
    pub application: ApplicationId,
    /// Its name when they asked.
    pub application_name: String,
    /// The endpoint that they want to use.
    pub endpoint: EndpointId,
    /// Its name when they asked.
    pub endpoint_name: String,
    /// Name of the flow that asks.
    pub flow: String,
    /// Name of the stage that asks.
    pub stage: String,
    /// Why they want in, in their own words; empty for none.
    #[serde(default)]
    pub reason: String,
    /// Where they ask from; empty when unknown.
    #[serde(default)]
    pub address: String,
    /// Who may decide: members of these groups.
    pub approver_groups: Vec<GroupId>,
    /// Who may decide: these users.
    pub approver_users: Vec<UserId>,
    /// When they asked.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Timestamp,
    /// When no answer becomes a no.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// Username of who decided; empty when nobody did.
    #[serde(default)]
    pub decided_by: String,
    /// When it was decided, withdrawn or found expired.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
    /// What the approver says to it; empty for nothing.
    #[serde(default)]
    pub comment: String,
}

impl Approval {
    /// Where it stands at `now`: one that still waits when its time is up has
    /// expired, whether or not that has been written down.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> ApprovalState {
        match self.state {
            ApprovalState::Waiting if self.expires_at <= now => ApprovalState::Expired,
            state => state,
        }
    }

    /// Whether `user`, a member of `groups`, may decide. Nobody decides on
    /// their own request.
    #[must_use]
    pub fn may_be_decided_by(&self, user: UserId, groups: &[GroupId]) -> bool {
        user != self.requester
            && (self.approver_users.contains(&user)
                || groups
                    .iter()
                    .any(|group| self.approver_groups.contains(group)))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn approval() -> Approval {
        let id = Uuid::from_u128;
        Approval {
            id: ApprovalId::new(id(1)),
            state: ApprovalState::Waiting,
            requester: UserId::new(id(2)),
            requester_username: "ada".to_owned(),
            application: ApplicationId::new(id(3)),
            application_name: "Linux".to_owned(),
            endpoint: EndpointId::new(id(4)),
            endpoint_name: "web-01".to_owned(),
            flow: "ask".to_owned(),
            stage: "boss".to_owned(),
            reason: String::new(),
            address: String::new(),
            approver_groups: vec![GroupId::new(id(5))],
            approver_users: vec![UserId::new(id(2)), UserId::new(id(6))],
            requested_at: Timestamp::UNIX_EPOCH,
            expires_at: Timestamp::from_second(60).unwrap(),
            decided_by: String::new(),
            decided_at: None,
            comment: String::new(),
        }
    }

    #[test]
    fn no_answer_in_time_has_expired() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let waiting = approval();
        assert_eq!(waiting.state_at(at(59)), ApprovalState::Waiting);
        assert_eq!(waiting.state_at(at(60)), ApprovalState::Expired);
        let denied = Approval {
            state: Decision::Deny.state(),
            ..waiting
        };
        assert_eq!(denied.state_at(at(61)), ApprovalState::Denied);
    }

    #[test]
    fn approvers_decide_and_never_for_themselves() {
        fn check(user: u128, groups: &[u128], expected: bool) {
            let groups: Vec<_> = groups
                .iter()
                .map(|id| GroupId::new(Uuid::from_u128(*id)))
                .collect();
            let user = UserId::new(Uuid::from_u128(user));
            assert_eq!(approval().may_be_decided_by(user, &groups), expected);
        }
        check(6, &[], true);
        check(7, &[5], true);
        check(7, &[8], false);
        check(2, &[5], false);
    }
}
