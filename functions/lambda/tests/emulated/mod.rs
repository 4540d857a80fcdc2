//! An emulated cloud for the functions' real programs: the table, the secrets
//! and Lambda's runtime API on loopback, each a few routes.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "shared by tests and measurements, which use different parts"
)]

pub mod process;
pub mod request;
pub mod runtime_api;
pub mod services;

pub use process::{Function, Program};
pub use request::{Response, Sent};
pub use services::Cloud;
