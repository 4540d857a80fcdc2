//! What every engine behind the table must do, as plain functions over a
//! [`Table`](causeway_table::Table).
//!
//! Each makes its own objects with fresh ids and names, so that all of them
//! can run at once on one table. `tests/embedded.rs` runs them on the engine in
//! this process.

#![allow(clippy::unwrap_used, reason = "tests")]

pub(crate) mod connections;
pub(crate) mod fixtures;
pub(crate) mod fleet;
pub(crate) mod identity;
pub(crate) mod lists;
pub(crate) mod objects;
pub(crate) mod races;
pub(crate) mod references;
