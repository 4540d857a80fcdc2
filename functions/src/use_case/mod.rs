//! What the control plane does, without HTTP: one module a resource or an act.
//! A use case takes the proof of who asks (see [`crate::access`]), works on the
//! table, and answers in the vocabulary; status codes and JSON are
//! [`crate::rest`]'s.

pub mod account;
pub mod application;
pub mod apply;
pub mod approval;
mod attempts;
pub(crate) mod authorize;
pub mod bootstrap;
pub mod claim;
pub mod connection;
pub mod connection_list;
pub mod edge;
pub(crate) mod endpoint;
pub mod enrolment;
pub mod ephemeral;
pub mod event;
pub mod event_list;
pub mod execution;
pub mod explain;
pub mod export;
mod expression;
pub(crate) mod failover;
pub mod fleet_load;
mod flow;
mod flow_result;
mod group;
pub mod heartbeat;
pub(crate) mod kept;
pub mod launch;
pub mod member;
mod merge;
pub mod node;
pub mod object;
mod outpost;
pub mod overview;
mod policy;
pub(crate) mod policy_binding;
pub mod policy_test;
mod property_mapping;
mod provider;
pub mod reattach;
mod recheck;
pub mod report;
mod role_proof;
pub mod second_factor;
pub(crate) mod selection;
pub mod session;
mod settings;
pub mod sign_in;
mod source;
pub mod source_sign_in;
pub mod sweep;
pub mod token;
pub mod used_by;
pub mod user;
