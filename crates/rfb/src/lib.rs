//! The client side of the RFB protocol (VNC) as a pure state machine.
//!
//! No sockets, no clock, no tasks, no randomness of its own: bytes go in with
//! `handle_input`, bytes come out of `poll_output`, and pictures are drawn on
//! a [`causeway_screen::Canvas`]. A connection has two parts, one after the
//! other:
//!
//! 1. [`security`]: from the version exchange to the security result. It ends
//!    in an [`Established`].
//! 2. [`Client`]: from the initialisation messages on.
//!
//! Layers that change the bytes themselves (TLS, the AES-EAX records of RA2)
//! stand between the socket and these two; both see plain bytes only.
//!
//! Numbers in the documentation refer to RFC 6143 and to the community's
//! "The RFB Protocol" (rfbproto).

mod client;
mod clipboard;
mod decode;
mod encoding;
mod error;
mod established;
mod geometry;
mod input;
pub mod limits;
mod pixel;
mod reader;
pub mod security;

pub use client::{Client, ClientConfig, Event};
pub use encoding::{Encoding, UnknownEncodingName};
pub use error::RfbError;
pub use established::Established;
pub use input::{LockKeys, PointerState};
pub use pixel::{ColourDepth, PixelFormat};
