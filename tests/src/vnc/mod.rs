//! Real VNC servers for one test: TigerVNC's [`Xtigervnc`] and [`X11vnc`].

mod password;
mod x11vnc;
mod xtigervnc;

pub use x11vnc::X11vnc;
pub use xtigervnc::{Xtigervnc, XtigervncBuilder};

/// The password that a server asks for unless told otherwise. VNC's own
/// authentication uses no more than eight bytes of it.
pub const PASSWORD: &str = "marker-1";
