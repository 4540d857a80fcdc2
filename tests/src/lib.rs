//! Fixtures for tests of the whole, and for the benchmark.
//!
//! - [`session`]: a viewer without a browser.
//! - [`sshd`]: a real OpenSSH server for one test.
//! - [`scripted`]: an SSH server that asks what a test tells it to ask.
//! - [`silent`]: targets that never answer, or refuse.
//! - [`stack`]: the program under test, as processes.
//!
//! The tests themselves are in `tests/tests`. Nothing here depends on the
//! parts under test but for the session protocol's messages.

pub mod scripted;
pub mod session;
pub mod silent;
pub mod sshd;
pub mod stack;
