//! Desktops over RDP: opens one, and holds it until it ends.
//!
//! The protocol itself is IronRDP's crates, driven here without their sockets:
//! [`open()`] dials, agrees on security, checks the certificate, signs in and
//! gives a [`Desktop`](causeway_target::desktop::Desktop), whose task (`session`) reads, has decoded (`decoder`),
//! draws on the shared screen, and connects again where that helps. What a
//! target sends is hostile: `guard` bounds what it may make us keep, and a
//! panic in a decoder ends the one session.
//!
//! Not here: drives, printers, microphones, gateways, RemoteApp, RDP's own RC4
//! security, and Hyper-V's consoles.

mod channels;
mod clipboard;
mod config;
mod connect;
mod credentials;
mod credssp;
mod decoder;
mod ending;
mod graphics;
mod guard;
mod input;
mod input_pdu;
mod kdc;
mod keyboard;
mod link;
mod open;
mod plan;
mod resize;
mod session;
mod sound;
mod timezone;
mod wire;

pub use open::{RdpRequest, SIZE_DEADLINE, open};
