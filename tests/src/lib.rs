//! Fixtures for tests of the whole, and for the benchmark.
//!
//! - [`session`]: a viewer without a browser.
//! - [`sshd`]: a real OpenSSH server for one test.
//! - [`scripted`]: an SSH server that asks what a test tells it to ask.
//! - [`silent`]: targets that never answer, or refuse.
//! - [`stack`]: the program under test, as processes.
//! - [`vnc`], [`rdp`]: real VNC and RDP servers for one test.
//! - [`display`]: an X display seen from its own side; [`picture`]: what it
//!   shows, and how alike two pictures are; [`sound`]: what was heard.
//! - [`hostile`]: a server that sends what a test tells it to send.
//! - [`garble`]: input that is nearly right.
//! - [`firewall`]: a way to a target that only some processes may go.
//! - [`cloud`]: the deployment in an emulated cloud.
//! - [`collector`]: a collector of traces.
//! - [`wait`]: waiting for a state, with a bound.
//! - [`daemon`], [`relay`], [`certificate`]: what fixtures are made of.
//!
//! The tests themselves are in `tests/tests`. Nothing here depends on the
//! parts under test but for the session protocol's messages.

pub mod certificate;
pub mod cloud;
pub mod collector;
pub mod daemon;
pub mod display;
pub mod firewall;
pub mod garble;
pub mod hostile;
pub mod picture;
pub mod rdp;
pub mod relay;
pub mod scripted;
pub mod session;
pub mod silent;
pub mod sound;
pub mod sshd;
pub mod stack;
pub mod vnc;
pub mod wait;
