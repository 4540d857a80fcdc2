//! The crate from outside: a viewer that decodes everything, and what it must
//! come to show.

#![allow(clippy::unwrap_used)]

mod golden;
mod hostile;
mod pacing;
mod properties;
mod reference;
mod show;
