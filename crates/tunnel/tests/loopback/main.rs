//! Tunnels over real UDP sockets on loopback.
#![allow(clippy::unwrap_used)]

mod greeting;
mod reconnect;
mod streams;
mod world;
