//! The control plane: who may reach which endpoint, with which settings, on
//! which node.
//!
//! Stateless HTTP handlers over the shared table (`causeway-table`). The rules
//! that need no I/O are in `causeway-model`; here they meet the table, the
//! signing key and the clock. Nothing here opens a socket: [`api`] gives one
//! axum router for a process that serves everything, [`portal`], [`admin`] and
//! [`fleet`] give one each for functions of their own.
//!
//! - [`use_case`] is what the control plane does, without HTTP.
//! - `rest` is parse, authorise, one use case, view; the same resource has the
//!   same file name in both.
//! - [`access`] holds the proofs of who asks that use cases demand.
//! - [`order`] tells nodes at once, [`use_case::sweep`] does what time alone
//!   brings about.

pub mod access;
mod app;
pub mod aws;
pub mod clock;
mod config;
mod credential;
mod document;
pub mod member_roles;
mod metrics;
mod openid;
pub mod order;
pub mod outbound;
pub mod outside_secret;
mod password;
pub mod problem;
mod rest;
pub mod sealing;
pub mod signing;
pub mod use_case;

pub use app::{App, Parts};
pub use config::{Config, PasswordCost, SignInLimits};
pub use credential::Credential;
pub use metrics::{Counter, Metrics};
pub use password::PasswordError;

pub use rest::api::{api, document_json, openapi_document};
pub use rest::{
    APPLY_DEADLINE, AboutConnection, BODY_LENGTH_MAX, Observed, REQUEST_DEADLINE, RequestId,
    SIGN_IN_BODY_LENGTH_MAX,
};
pub use rest::{admin, fleet, portal};
