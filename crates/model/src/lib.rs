//! The vocabulary of Causeway and the pure decisions made with it.
//!
//! Ids, the objects that people write and read, the settings catalogue with
//! its merge of six levels, and the choice of an outpost node by load. Nothing
//! here does I/O, reads a clock or draws a random number: time and randomness
//! are arguments. What is stored where is the table's business
//! (`causeway-table`), what is sent over HTTP the functions'.

pub mod host;
pub mod id;
pub mod lifetime;
pub mod names;
pub mod object;
pub mod placement;
mod schema;
pub mod secret;
pub mod settings;
pub mod trace_context;
