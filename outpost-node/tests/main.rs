//! Sessions against real SSH servers and a desktop that the tests play: all of
//! the node but its tunnels and the control plane, which is a fake.

#![allow(clippy::unwrap_used)]

mod support;

mod authentication;
mod desktop;
mod ending;
mod failures;
mod host_keys;
mod keyboard_interactive;
mod node;
mod private_keys;
mod resuming;
mod terminal;
