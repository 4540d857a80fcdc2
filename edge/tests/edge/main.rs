//! An edge over real sockets, with a node and a control plane played by the
//! tests.
#![allow(clippy::unwrap_used)]

mod carrying;
mod hostile;
mod http;
mod life;
mod orders;
mod refusals;
mod world;
