//! What a peer may choose, at most. Larger is refused, never cut.

/// One message, in bytes; the websocket enforces it too.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;

/// [`TerminalInput.data`](crate::message::TerminalInput), in bytes. A viewer
/// sends a longer paste as several messages.
pub const TERMINAL_INPUT_BYTES_MAX: usize = 64 * 1024;

/// Answers in one [`CredentialAnswer`](crate::message::CredentialAnswer).
pub const CREDENTIAL_ANSWERS_MAX: usize = 32;

/// One answer in a [`CredentialAnswer`](crate::message::CredentialAnswer), in
/// bytes.
pub const CREDENTIAL_ANSWER_BYTES_MAX: usize = 4 * 1024;

/// One piece of a text, [`Clipboard.text`](crate::message::Clipboard), in
/// bytes. A longer text is sent in several pieces.
pub const CLIPBOARD_PIECE_BYTES_MAX: usize = 256 * 1024;

/// A whole text for a clipboard, in bytes. The data policy of a connection
/// may set a lower limit, never a higher one.
pub const CLIPBOARD_BYTES_MAX: usize = 50 * 1024 * 1024;

/// [`Text.text`](crate::message::Text), in bytes.
pub const TEXT_BYTES_MAX: usize = 4 * 1024;

/// Capabilities in one [`Hello`](crate::message::Hello).
pub const CAPABILITIES_MAX: usize = 64;

/// A short name chosen by a viewer (language, time zone, key), in bytes.
pub const NAME_BYTES_MAX: usize = 64;
