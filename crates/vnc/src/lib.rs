//! VNC targets: the RFB client of `causeway-rfb` on sockets.
//!
//! [`open()`] reaches a target, signs in, and gives a [`Desktop`]: a task that
//! moves bytes between the socket and the pure client, lets it draw on the
//! shared screen, and passes on what it tells and is told. What RFB is stands
//! in `causeway-rfb`; what may pass between viewer and target is decided by
//! the session, and here it is merely not negotiated.
//!
//! [`Desktop`]: causeway_target::desktop::Desktop

mod client_config;
mod credentials;
mod failure;
mod negotiate;
mod open;
mod repeater;
mod resize;
mod server_key;
mod session;
mod transport;

pub use open::{VncRequest, open};
