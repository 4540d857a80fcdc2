//! Which messages are input: counted by [`InputStream`](crate::message::InputStream),
//! so that each arrives once.

use crate::message::to_node::Body;

/// What a message of input is to the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputPart {
    /// Whole, or the last piece of a text.
    Last,
    /// A piece of a text that goes on in the next message of input: what came
    /// of it is worth nothing without the rest.
    Piece,
}

/// What a message is as input; `None` when it is none.
#[must_use]
pub const fn input_part(body: &Body) -> Option<InputPart> {
    match body {
        Body::Clipboard(piece) if piece.more => Some(InputPart::Piece),
        Body::Clipboard(_)
        | Body::TerminalInput(_)
        | Body::Key(_)
        | Body::Pointer(_)
        | Body::LockKeys(_)
        | Body::Text(_) => Some(InputPart::Last),
        Body::Hello(_)
        | Body::CredentialAnswer(_)
        | Body::Ping(_)
        | Body::Leave(_)
        | Body::TerminalAck(_)
        | Body::TerminalResize(_)
        | Body::DesktopResize(_)
        | Body::FrameAck(_) => None,
    }
}
