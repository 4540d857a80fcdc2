//! Where everything is: the layout of the one table.
//!
//! | What | `pk` | `sk` | attributes beside `doc` |
//! |-|-|-|-|
//! | version of the configuration | `EPOCH` | `EPOCH` | `epoch`, `of_<kind>` (changes of each kind), `layout`, `born`?, `migrated`?; no `doc` |
//! | how far a migration is, in the cloud | `MIGRATION` | layout | `after_pk`, `after_sk`, `items_read`; no `doc` |
//! | what each of the last 256 versions changed | `CHANGES` | version modulo 256 | `epoch`, `objects` (sort keys in `CONFIG`); no `doc` |
//! | application, provider, property mapping, outpost, group, node, edge | `CONFIG` | `<KIND>#<id>` | `revision`, `referrers` |
//! | unique name of one of those | `NAME#<KIND>#<name>` | `NAME` | `id` |
//! | the one application of a provider | `PROVIDER#<id>` | `APPLICATION` | `id` |
//! | bindings are there whose target (or user) is deleted | `LEFT_BEHIND` | `TARGET#<id>` or `USER#<id>` | no `doc` |
//! | how far a plan of many changes is | `UNFINISHED` | `<id>` | `done`, `steps`, `written`, `begun_ms`, `given_up`?; no `doc` |
//! | one of its steps | `UNFINISHED#<id>` | number, 5 digits | `delete_after_s` |
//! | endpoint or user that refers to an object of the configuration | `REFERRERS#<KIND>#<id>` | `<KIND>#<id>` | no `doc` |
//! | endpoint | `ENDPOINT#<id>` | `ENDPOINT` | `revision`; index `ENDPOINTS` / listed |
//! | the same endpoint by name | `PROVIDER#<id>` | `ENDPOINT#<name>` | `id` |
//! | places of an endpoint | `ENDPOINT#<id>` | `USAGE` | `connections`, `maximum` (-1: unlimited); no `doc` |
//! | known host key | `ENDPOINT#<id>` | `HOSTKEY#<algorithm>` | |
//! | user | `USER#<id>` | `USER` | `revision`; index `USERS` / listed |
//! | a user's password hash | `USER#<id>` | `PASSWORD` | `hash`; no `doc` |
//! | unique username | `USERNAME#<lower case>` | `USERNAME` | `id` |
//! | users of a mail address | `EMAIL#<SHA-256 of its lower case>` | `USER#<id>` | no `doc` |
//! | sign-in session | `USER#<id>` | `SESSION#<id>` | `secret`, `expires_ms`, `delete_after_s`; index `SESSIONS` / id |
//! | a source's own name of such a session | `SOURCE_SESSION#<source>#<SHA-256 of it>` | `SESSION#<id>` | `user_id`, `delete_after_s`; no `doc` |
//! | API token | `USER#<id>` | `TOKEN#<id>` | `secret`, `expires_ms`?, `delete_after_s`?; index `TOKENS` / id |
//! | all second factors of a user | `USER#<id>` | `FACTORS` | `factors` (how many), `f_<id>` for each: `doc`, `secret`, `revision` |
//! | whom a source's subject is | `IDENTITY#<source>#<SHA-256 of it>` | `IDENTITY` | `user_id` |
//! | the same from the user's side | `USER#<id>` | `IDENTITY#<source>#<SHA-256>` | |
//! | one run of a flow | `USER#<id>` | `EXECUTION#<id>` | `credential`, `sealed`, `revision`, `expires_ms`, `delete_after_s`; no `doc` |
//! | request for an approval | `APPROVAL#<id>` | `APPROVAL` | below; `delete_after_s`; index `APPROVALS` / id |
//! | something good once | `ONCE#<what>#<SHA-256 of its id>` | `ONCE` | `sealed`, `expires_ms`, `delete_after_s`; no `doc` |
//! | data key that secrets are sealed with, in the cloud | `DATA_KEY#<id>` | `DATA_KEY` | `wrapped`, `made_ms`; no `doc` |
//! | the one of them that is current | `DATA_KEY` | `CURRENT` | `id`; no `doc` |
//! | connection | `USER#<id>` | `CONNECTION#<id>` | below; index `CONNECTIONS` / listed |
//! | a connection's place on its node | `NODE#<id>` | `LEASE#<connection>` | `user_id`, `endpoint_id`, `since_ms`, `pending_until_ms`?, `expires_ms`?; no `doc` |
//! | load of a node | `NODE#<id>` | `LOAD` | `connections`, `places`, `draining`, `drained`, `heartbeat_ms`, `changes`, `edges`, `program`; no `doc` |
//! | life of an edge | `EDGE#<id>` | `LIVE` | `heartbeat_ms`, `nodes`, `draining`; no `doc` |
//! | one-time enrolment token | `ENROLMENT#<SHA-256>` | `ENROLMENT` | `expires_ms`, `delete_after_s` |
//! | attempts in a window of time | `RATE#<what>#<SHA-256 of who>` | window start, seconds | `hits`, `delete_after_s`; no `doc` |
//! | audit event | `EVENT#<partition, by its id>` | milliseconds, 15 digits, `#`, event id | `delete_after_s`; index `EVENTS#<connection>` / the same, if it has one |
//! | the same, of layouts before 3 | `EVENT#<yyyy-mm>` | the same | the same |
//!
//! What is *listed* in the index stands there by a text of several parts, to be
//! searched without its items: an endpoint's name, provider, protocol, host and
//! labels; a user's name, role, name for people and mail address; a
//! connection's id, user, endpoint and application. See `listed`.
//!
//! `doc` is the object as JSON, in the shape of `causeway_model::object`. What
//! conditions need stands beside it. A connection's document never changes
//! after its launch; what does change are attributes laid over it when it is
//! read: `phase`, `node_id`, `edge_id`, `expires_ms`, `ended_ms`, `end_reason`,
//! `end_code`, `tickets` (ids that may still be claimed), `tried` (nodes that it
//! moved away from), `opened` (a node reached the target), `credential` (sort key of the session or token it lives
//! in), `flow_result` (sealed, until it ends). So each of its transitions is
//! one conditional update, without reading first. An approval is kept likewise:
//! `phase`, `decided_by`, `decided_ms`, `remark` lie over its document. So do
//! `proofs` and `confirmed_ms` over a session's.
//!
//! # Consistency
//!
//! Every read of the table itself is strongly consistent. `gsi1` is not: it
//! serves lists for administrators and the way from a bare id to its item,
//! never a decision. It carries keys only, so an update that does not touch
//! them costs it nothing; the items are read from the table.
//!
//! # Invariants, and the transaction that keeps each
//!
//! - `USAGE.connections <= USAGE.maximum` and `LOAD.connections <=
//!   LOAD.places` (as they were at the launch): the launch.
//! - `LOAD.connections` is the number of leases of the node, and
//!   `USAGE.connections` the number of leases with the endpoint: launch and
//!   end change all of them at once, the end only once per connection.
//! - `referrers` is the number of references to the object: whoever writes a
//!   reference counts it. Only what nobody refers to can be deleted.
//! - A name belongs to one object: it is claimed with the object that has it.
//!
//! # Hot keys
//!
//! One partition takes 1,000 writes and 3,000 reads a second. `EPOCH` is read
//! by each launch and stands alone in its partition; every write of the
//! configuration changes it, so those come one after the other. Of `CONFIG`,
//! only what `CHANGES` names is read when the epoch changed; a process that has
//! nothing yet, or is more than 256 versions behind, reads all of it. Events go
//! to [`EVENT_PARTITIONS`] partitions by their ids; a connection writes three in its
//! life (two write units each), so they take some 1,300 connections a second
//! together. `LOAD` caps the launches on one node, `USAGE` those on one
//! endpoint, likewise. `docs/cloud-capacity.md` says at which size that is felt.

use std::fmt;

use causeway_model::id::{
    ApprovalId, ConnectionId, EdgeId, EndpointId, EventId, ExecutionId, NodeId, ProviderId,
    SessionId, SourceId, TokenId, UserId,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::config::CHANGES_KEPT;
use crate::kind::Kind;

/// Version of the layout. Raise it when items of before lack what this program
/// looks for, and say in `migrate` how they get it.
pub(crate) const LAYOUT_VERSION: i32 = 3;

/// The layout that spread events over partitions.
pub(crate) const EVENTS_SPREAD_IN: i32 = 3;

/// Partitions that events are spread over. More may be added in a later layout;
/// what was written before stays where it is. A divisor of 256, so that each
/// gets as many.
pub const EVENT_PARTITIONS: u8 = 8;

/// Partition key.
pub(crate) const PK: &str = "pk";
/// Sort key.
pub(crate) const SK: &str = "sk";
/// The index.
pub(crate) const GSI1: &str = "gsi1";
/// Partition key in the index.
pub(crate) const GSI1_PK: &str = "gsi1pk";
/// Sort key in the index.
pub(crate) const GSI1_SK: &str = "gsi1sk";
/// When an item may be deleted, in seconds since the epoch: the attribute that
/// DynamoDB's time to live is set to. (`ttl` is a reserved word of its
/// expressions.)
pub(crate) const TTL: &str = "delete_after_s";

/// Longest name of an object, in bytes. A sort key holds 1,024.
pub const NAME_BYTES_MAX: usize = 512;

/// Longest text that an object is listed by, in bytes: what a sort key holds.
pub(crate) const LISTED_BYTES_MAX: usize = 1_024;

/// Index partition of all endpoints.
pub(crate) const ENDPOINTS: &str = "ENDPOINTS";
/// Index partition of all connections.
pub(crate) const CONNECTIONS: &str = "CONNECTIONS";
/// Index partition of all users.
pub(crate) const USERS: &str = "USERS";
/// Index partition of all sign-in sessions.
pub(crate) const SESSIONS: &str = "SESSIONS";
/// Index partition of all API tokens.
pub(crate) const TOKENS: &str = "TOKENS";
/// Index partition of all requests for an approval.
pub(crate) const APPROVALS: &str = "APPROVALS";
/// Partition of the notes on bindings that were left behind.
pub(crate) const LEFT_BEHIND: &str = "LEFT_BEHIND";
/// Partition of the heads of plans that are being carried out.
pub(crate) const UNFINISHED: &str = "UNFINISHED";
/// Partition of the configuration.
pub(crate) const CONFIG: &str = "CONFIG";

/// Prefix of an endpoint's sort key in its provider's partition.
pub(crate) const ENDPOINT_PREFIX: &str = "ENDPOINT#";
/// Prefix of a host key's sort key.
pub(crate) const HOST_KEY_PREFIX: &str = "HOSTKEY#";
/// Prefix of a session's sort key.
pub(crate) const SESSION_PREFIX: &str = "SESSION#";
/// Prefix of an API token's sort key.
pub(crate) const TOKEN_PREFIX: &str = "TOKEN#";
/// Prefix of a connection's sort key.
pub(crate) const CONNECTION_PREFIX: &str = "CONNECTION#";
/// Prefix of a lease's sort key.
pub(crate) const LEASE_PREFIX: &str = "LEASE#";
/// Prefix of an identity's sort key in its user's partition.
pub(crate) const IDENTITY_PREFIX: &str = "IDENTITY#";
/// Prefix of a user's sort key under their mail address.
pub(crate) const USER_PREFIX: &str = "USER#";
/// Prefix of an execution's sort key.
pub(crate) const EXECUTION_PREFIX: &str = "EXECUTION#";

/// The key of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    /// Partition key.
    pub(crate) pk: String,
    /// Sort key.
    pub(crate) sk: String,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.pk, self.sk)
    }
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self {
            pk: pk.into(),
            sk: sk.into(),
        }
    }

    pub(crate) fn epoch() -> Self {
        Self::new("EPOCH", "EPOCH")
    }

    pub(crate) fn changes(epoch: u64) -> Self {
        Self::new("CHANGES", (epoch % CHANGES_KEPT).to_string())
    }

    pub(crate) fn config(kind: Kind, id: Uuid) -> Self {
        Self::new(CONFIG, format!("{}#{id}", kind.in_keys()))
    }

    pub(crate) fn name(kind: Kind, name: &str) -> Self {
        Self::new(format!("NAME#{}#{name}", kind.in_keys()), "NAME")
    }

    pub(crate) fn application_of(provider: ProviderId) -> Self {
        Self::new(provider_partition(provider), "APPLICATION")
    }

    pub(crate) fn endpoint(id: EndpointId) -> Self {
        Self::new(endpoint_partition(id), "ENDPOINT")
    }

    pub(crate) fn endpoint_named(provider: ProviderId, name: &str) -> Self {
        Self::new(
            provider_partition(provider),
            format!("{ENDPOINT_PREFIX}{name}"),
        )
    }

    pub(crate) fn usage(id: EndpointId) -> Self {
        Self::new(endpoint_partition(id), "USAGE")
    }

    pub(crate) fn host_key(endpoint: EndpointId, algorithm: &str) -> Self {
        Self::new(
            endpoint_partition(endpoint),
            format!("{HOST_KEY_PREFIX}{algorithm}"),
        )
    }

    pub(crate) fn user(id: UserId) -> Self {
        Self::new(user_partition(id), "USER")
    }

    pub(crate) fn password(id: UserId) -> Self {
        Self::new(user_partition(id), "PASSWORD")
    }

    pub(crate) fn username(username: &str) -> Self {
        Self::new(format!("USERNAME#{}", fold_username(username)), "USERNAME")
    }

    pub(crate) fn email(folded: &str, user: UserId) -> Self {
        Self::new(email_partition(folded), format!("{USER_PREFIX}{user}"))
    }

    pub(crate) fn session(user: UserId, id: SessionId) -> Self {
        Self::new(user_partition(user), format!("{SESSION_PREFIX}{id}"))
    }

    pub(crate) fn token(user: UserId, id: TokenId) -> Self {
        Self::new(user_partition(user), format!("{TOKEN_PREFIX}{id}"))
    }

    pub(crate) fn connection(user: UserId, id: ConnectionId) -> Self {
        Self::new(user_partition(user), format!("{CONNECTION_PREFIX}{id}"))
    }

    pub(crate) fn source_session(source: SourceId, sid: &str, session: SessionId) -> Self {
        Self::new(
            source_session_partition(source, sid),
            format!("{SESSION_PREFIX}{session}"),
        )
    }

    pub(crate) fn factors(user: UserId) -> Self {
        Self::new(user_partition(user), "FACTORS")
    }

    pub(crate) fn identity(source: SourceId, subject: &str) -> Self {
        let subject = sha256_hex(subject);
        Self::new(format!("{IDENTITY_PREFIX}{source}#{subject}"), "IDENTITY")
    }

    pub(crate) fn identity_of(user: UserId, source: SourceId, subject: &str) -> Self {
        let subject = sha256_hex(subject);
        Self::new(
            user_partition(user),
            format!("{IDENTITY_PREFIX}{source}#{subject}"),
        )
    }

    pub(crate) fn execution(user: UserId, id: ExecutionId) -> Self {
        Self::new(user_partition(user), format!("{EXECUTION_PREFIX}{id}"))
    }

    pub(crate) fn approval(id: ApprovalId) -> Self {
        Self::new(format!("APPROVAL#{id}"), "APPROVAL")
    }

    pub(crate) fn once(what: &str, id: &str) -> Self {
        Self::new(format!("ONCE#{what}#{}", sha256_hex(id)), "ONCE")
    }

    pub(crate) fn data_key(id: Uuid) -> Self {
        Self::new(format!("DATA_KEY#{id}"), "DATA_KEY")
    }

    pub(crate) fn current_data_key() -> Self {
        Self::new("DATA_KEY", "CURRENT")
    }

    pub(crate) fn lease(node: NodeId, connection: ConnectionId) -> Self {
        Self::new(node_partition(node), format!("{LEASE_PREFIX}{connection}"))
    }

    pub(crate) fn load(node: NodeId) -> Self {
        Self::new(node_partition(node), "LOAD")
    }

    pub(crate) fn live(edge: EdgeId) -> Self {
        Self::new(format!("EDGE#{edge}"), "LIVE")
    }

    pub(crate) fn enrolment(token_sha256: &str) -> Self {
        Self::new(format!("ENROLMENT#{token_sha256}"), "ENROLMENT")
    }

    pub(crate) fn rate(what: &str, who_sha256: &str, window_start_s: i64) -> Self {
        Self::new(
            format!("RATE#{what}#{who_sha256}"),
            window_start_s.to_string(),
        )
    }

    pub(crate) fn referrer(to: (Kind, Uuid), from: (Kind, Uuid)) -> Self {
        Self::new(
            referrers_partition(to.0, to.1),
            format!("{}#{}", from.0.in_keys(), from.1),
        )
    }

    pub(crate) fn event(at: Timestamp, id: EventId) -> Self {
        Self::new(
            event_partition(id),
            format!("{}#{id}", event_time(at.as_millisecond())),
        )
    }
}

/// A point in time as the sort keys of events begin, in their order.
pub(crate) fn event_time(ms: i64) -> String {
    format!("{:015}", ms.max(0))
}

/// Partition of what a source's session of this name leads to.
pub(crate) fn source_session_partition(source: SourceId, sid: &str) -> String {
    format!("SOURCE_SESSION#{source}#{}", sha256_hex(sid))
}

/// A text of any length and make as a part of a key.
pub(crate) fn sha256_hex(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// Partition of a provider's endpoints.
pub(crate) fn provider_partition(id: ProviderId) -> String {
    format!("PROVIDER#{id}")
}

/// Partition of an endpoint.
pub(crate) fn endpoint_partition(id: EndpointId) -> String {
    format!("ENDPOINT#{id}")
}

/// Partition of a user.
pub(crate) fn user_partition(id: UserId) -> String {
    format!("USER#{id}")
}

/// Partition of the users of a mail address.
pub(crate) fn email_partition(folded: &str) -> String {
    format!("EMAIL#{}", sha256_hex(folded))
}

/// Partition of a node.
pub(crate) fn node_partition(id: NodeId) -> String {
    format!("NODE#{id}")
}

/// Index partition of the events of a connection.
pub(crate) fn connection_events(id: ConnectionId) -> String {
    format!("EVENTS#{id}")
}

/// Partition of those that are no configuration and refer to an object.
pub(crate) fn referrers_partition(kind: Kind, id: Uuid) -> String {
    format!("REFERRERS#{}#{id}", kind.in_keys())
}

/// Partition of an event. Ids end in random bits, so events spread evenly.
pub(crate) fn event_partition(id: EventId) -> String {
    let [.., last] = id.uuid().into_bytes();
    format!("EVENT#{}", last % EVENT_PARTITIONS)
}

/// All partitions of events.
pub(crate) fn event_partitions() -> impl Iterator<Item = String> {
    (0..EVENT_PARTITIONS).map(|partition| format!("EVENT#{partition}"))
}

/// Partition in which programs of before kept the events of a month (UTC).
pub(crate) fn event_month(at: Timestamp) -> String {
    let month = at.to_zoned(TimeZone::UTC).strftime("%Y-%m").to_string();
    format!("EVENT#{month}")
}

/// A username as it is compared: case does not matter.
#[must_use]
pub fn fold_username(username: &str) -> String {
    username.to_lowercase()
}

/// A mail address as it is compared: case does not matter.
#[must_use]
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_documented() {
        let id = Uuid::from_u128(1);
        let text = "00000000-0000-0000-0000-000000000001";
        assert_eq!(
            Key::config(Kind::Provider, id).to_string(),
            format!("CONFIG/PROVIDER#{text}")
        );
        assert_eq!(
            Key::endpoint_named(ProviderId::new(id), "web-01").to_string(),
            format!("PROVIDER#{text}/ENDPOINT#web-01")
        );
        assert_eq!(Key::username("Ada").to_string(), "USERNAME#ada/USERNAME");
        let at: Timestamp = "2026-11-21T23:59:59Z".parse().unwrap();
        assert_eq!(
            Key::event(at, EventId::new(id)).to_string(),
            format!("EVENT#1/001795305599000#{text}")
        );
    }
}
