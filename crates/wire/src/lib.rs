//! The session protocol: what a viewer and an outpost node say to each other.
//!
//! The schema is `proto/causeway/session/v1/session.proto`; its comments are
//! the specification. This crate holds the Rust types made from it, and the
//! two functions through which bytes from a peer enter a program:
//! [`decode_to_node`] and [`decode_to_viewer`]. They bound everything that a
//! peer chooses. Nothing here knows of sockets, sessions or flow control.
//!
//! `golden/*.json` pins the bytes of every message; the web's tests read the
//! same files.

mod clipboard;
mod decode;
mod input;
pub mod limits;
mod redact;

/// The messages, as the schema names them.
pub mod message {
    include!(concat!(env!("OUT_DIR"), "/causeway.session.v1.rs"));
}

pub use clipboard::{ClipboardAssembly, ClipboardTooLong, clipboard_pieces};
pub use decode::{DecodeError, decode_to_node, decode_to_viewer, encode};
pub use input::{InputPart, input_part};

/// The version that [`message::Hello`] and [`message::Welcome`] name.
pub const VERSION: u32 = 1;

/// The websocket subprotocol that carries this version.
pub const SUBPROTOCOL: &str = "causeway.v1";
