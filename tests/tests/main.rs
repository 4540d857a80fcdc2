//! Tests of the whole: the program as processes, real SSH, VNC and RDP servers,
//! and a viewer that speaks the session protocol. Each module is one promise.
#![allow(clippy::unwrap_used, missing_docs)]

mod desktop_fixtures;
mod desktop_lab;
mod failover;
mod fixtures;
mod hostile_desktops;
mod hostile_input;
mod independent_client;
mod lab;
mod last_edge;
mod lifetime;
mod outages;
mod placement;
mod rdp;
mod rolling_upgrade;
mod secrets;
mod split_processes;
mod ssh_authentication;
mod target_errors;
mod terminal;
mod traces;
mod typing;
mod vnc;
mod vnc_access;
