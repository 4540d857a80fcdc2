//! The shared table: the only state that the functions have.
//!
//! One DynamoDB table, reached through `aws-sdk-dynamodb` alone: in the cloud
//! ([`Table::cloud`]), or on one machine through the same client over an
//! engine in this process (`Table::embedded`, with the feature `embedded`). Where
//! everything is, is in [`key`]; how far the engine can be trusted, in `engine`.
//!
//! Handles by resource ([`Table::users`], [`Table::connections`] ...) offer
//! what the functions need, each a conditional write or a transaction that
//! keeps an invariant by itself: two processes may do anything at the same
//! time. Objects are those of `causeway_model::object`; they are written by
//! [`Table::write`], any number in one transaction.
//!
//! This crate decides nothing about who may do what. It reads no clock and
//! draws no ids: both are arguments. What it draws is the jitter between two
//! attempts, and the tokens by which DynamoDB knows a transaction again.

mod action;
mod approvals;
mod batch;
mod config;
mod connections;
mod credential;
mod data_keys;
mod dependents;
mod endpoints;
mod engine;
mod error;
mod events;
mod executions;
mod factors;
mod failure;
mod fleet;
mod host_keys;
mod identities;
mod indexed;
mod item;
pub mod key;
mod kind;
mod launch;
mod listed;
mod migrate;
mod named;
mod one_time;
mod page;
mod rate_limits;
mod retry;
mod secret;
mod sessions;
mod store;
mod stored;
mod table;
mod tokens;
mod users;
mod walk;
mod write;

pub use approvals::{APPROVALS_KEPT, Approvals, DecideOutcome, Deciding, StoredApproval};
pub use batch::{Answer, Batch, Slot};
pub use config::{Config, ConfigObject, ConfigSnapshot, Epoch, Objects};
pub use connections::{
    Attach, Claim, ClaimOutcome, ConnectionFilter, Connections, EndOutcome, Ending, IssueTicket,
    Lease, Move, MoveOutcome, Reservation, ReserveOutcome, ReserveRefusal, StoredConnection, Sweep,
    Swept, TicketOutcome,
};
pub use credential::{Credential, StoredCredential, StoredSession, StoredToken};
pub use data_keys::{DataKeys, StoredDataKey};
pub use dependents::Dependent;
pub use endpoints::{EndpointFilter, Endpoints, Usage};
pub use engine::cloud::CloudConfig;
pub use engine::count::{counted, cut_short};
pub use engine::http::HttpTransport;
#[cfg(feature = "embedded")]
pub use engine::open::FILE_NAME;
#[cfg(feature = "embedded")]
pub use engine::open_error::OpenError;
#[cfg(feature = "embedded")]
pub use engine::service::Service;
pub use error::{TableError, WriteError};
pub use events::{EVENTS_KEPT, EVENTS_READ_MAX, EventFilter, Events};
pub use executions::{Executions, StoredExecution};
pub use factors::{
    FACTOR_SECRET_BYTES_MAX, FACTORS_MAX, FactorChanges, Factors, StoredFactor, StoredFactors,
};
pub use fleet::{
    EdgeState, Edges, Enrolled, Enrolment, Enrolments, NodeBeat, NodeState, Nodes, RedeemError,
    StoredEnrolment,
};
pub use host_keys::{HostKey, HostKeyOutcome, HostKeys};
pub use identities::{Identities, Identity, LinkOutcome};
pub use item::DOCUMENT_BYTES_MAX;
pub use kind::Kind;
pub use launch::{EndpointKey, LaunchKeys, LaunchRead};
pub use listed::SEARCH_CHARS_MAX;
pub use migrate::Migration;
pub use one_time::OneTime;
pub use page::{Cursor, ENTRIES_READ_MAX, ITEMS_READ_MAX, PAGE_ITEMS_MAX, Page, ParseCursorError};
pub use rate_limits::{RateDecision, RateLimit, RateLimits};
pub use retry::within;
pub use secret::{PasswordHash, SecretHash};
pub use sessions::Sessions;
pub use store::ACTIONS_MAX;
pub use table::{COUNT_REQUESTS_MAX, Counts, Table};
pub use tokens::Tokens;
pub use users::{Authenticated, SAME_EMAIL_MAX, UserFilter, Users};
pub use write::{CHANGES_MAX, Change, ObjectChange, REFERRERS_NAMED_MAX, Told, WriteAllError};
