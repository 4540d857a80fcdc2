//! The control plane as functions of AWS Lambda: what turns an invocation into
//! a request of `causeway-functions` and its response into an answer.
//!
//! Programs split by right: `portal`, `admin`, `nodes`, `sweep`, and `rotate`,
//! which alone may write the signing keys; all in `bin`. Each is a `main` of a
//! few lines over the same routers that `causeway up` serves, and serves nothing
//! but its own. What a function may do in the cloud is the business of its role,
//! not of this code.
//!
//! - [`environment`] is all there is to configure; none of it is secret.
//! - [`event`] reads the events of HTTP APIs and Function URLs (payload format
//!   2.0) and writes their answers. The runtime is `lambda_runtime`;
//!   `lambda_http` is not used: what a client may put into a path, a host or a
//!   header makes it panic or refuse the whole event.
//! - [`front_door`] says where a request came from, and whether it may have
//!   come so.
//! - [`report`] writes one line a request, which is its metrics as well.
//! - [`serve`] and [`sweep`] run until Lambda ends the process.

pub mod environment;
pub mod event;
pub mod front_door;
pub mod report;

mod bootstrap;
mod client;
mod handler;
mod keys;
mod log;
mod start;
mod sweep;
mod traces;

pub use bootstrap::bootstrap;
pub use environment::Function;
pub use start::{rotate_on_request, serve, serve_admin, sweep_on_schedule};
