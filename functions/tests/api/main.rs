//! The control plane through its router, without sockets: an in-memory table,
//! a clock that stands still, orders that are written down.
#![allow(clippy::unwrap_used)]

mod account;
mod apply;
mod approvals;
#[path = "../../../crates/identity/tests/authenticator/mod.rs"]
mod authenticator;
mod backchannel;
mod conformance;
mod connections;
mod ends;
mod enrolment;
mod explain;
mod export;
mod failover;
mod fleet;
mod flows;
mod furnish;
mod harness;
mod keys;
mod launch;
mod lists;
mod objects;
mod openapi;
mod operators;
mod outside_secrets;
mod planted;
mod policies;
mod protocol;
mod provider;
mod rights;
mod roles;
mod second_factor;
mod secret_references;
mod secrets;
mod selection;
mod session;
mod sources;
mod sources_garbled;
mod sources_hostile;
mod step_up;
mod sweep;
mod written_kinds;
