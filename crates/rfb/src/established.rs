//! What the security handshake leaves to the client.

/// A connection whose security handshake succeeded: the next bytes are the
/// initialisation messages (RFC 6143 section 7.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Established {
    /// The security type was Tight (16): the server's initialisation message
    /// goes on with lists of its capabilities (rfbproto, "ServerInit" of the
    /// Tight security type).
    pub tight_capabilities: bool,
}
