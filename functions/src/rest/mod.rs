//! HTTP in front of the use cases: parse, authorise, one use case, view. The
//! same resource has the same file name here and in [`crate::use_case`].

pub mod admin;
pub(crate) mod api;
mod cookie;
mod csrf;
mod extract;
pub mod fleet;
mod health;
mod json;
mod layers;
mod list;
mod part;
pub mod portal;
mod problems;
mod trace;
mod written;

pub use layers::{
    APPLY_DEADLINE, AboutConnection, BODY_LENGTH_MAX, Observed, REQUEST_DEADLINE, RequestId,
    SIGN_IN_BODY_LENGTH_MAX,
};
