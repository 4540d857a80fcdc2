//! Desktops opened on real VNC servers, and on scripted ones where no real one
//! is to be had.

#![allow(clippy::unwrap_used, missing_docs)]

mod certificates;
mod desktop;
mod scripted;
mod sign_in;
mod support;
