//! Tests of the whole: the program as processes, real OpenSSH servers, and a
//! viewer that speaks the session protocol. Each module is one promise.
#![allow(clippy::unwrap_used, missing_docs)]

mod fixtures;
mod hostile_input;
mod lab;
mod lifetime;
mod placement;
mod secrets;
mod split_processes;
mod ssh_authentication;
mod target_errors;
mod terminal;
