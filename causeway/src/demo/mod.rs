//! The demo: a shell of this machine that opens at once.
//!
//! An SSH server on loopback with a random password, and the objects that lead
//! to it. It refuses to listen on any other address: whoever may use it must
//! be on this machine already, or come through Causeway's sign-in.

mod channel;
mod connection;
mod objects;
mod program;
mod target;
mod terminal;
#[cfg(test)]
mod tests;

pub(crate) use objects::documents;
pub(crate) use target::{Credentials, DemoTarget};
