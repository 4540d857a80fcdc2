//! What can go wrong on the way to the security result.

/// Why the handshake cannot go on. Every one is final for the connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecurityError {
    /// Something else than a VNC server answers.
    #[error("the target does not speak RFB: {greeting:?}")]
    NotRfb {
        /// What it said, cleaned.
        greeting: String,
    },
    /// The server said something that cannot be.
    #[error("the target's RFB is wrong: {0}")]
    Protocol(&'static str),
    /// The server wants none of us, before any sign-in.
    #[error("the target refuses the connection: {reason:?}")]
    Refused {
        /// What it said, cleaned; may be empty.
        reason: String,
    },
    /// No security type that the server offers is spoken and allowed.
    #[error("no security type in common, offered: {offered}")]
    Unsupported {
        /// What the server offers, by name where it has one.
        offered: String,
    },
    /// The server did not accept the credentials.
    #[error("the target did not accept the credentials: {reason:?}")]
    WrongCredentials {
        /// What it said, cleaned; may be empty.
        reason: String,
    },
    /// The server takes no more attempts for a while.
    #[error("the target takes no more attempts: {reason:?}")]
    TooManyAttempts {
        /// What it said, cleaned; may be empty.
        reason: String,
    },
    /// A name or password does not fit the security type.
    #[error("the {what} is longer than {bytes_max} bytes")]
    CredentialsTooLong {
        /// `user name` or `password`.
        what: &'static str,
        /// What the type has room for.
        bytes_max: usize,
    },
    /// The cryptography of a security type failed.
    #[error("the target's cryptography is wrong: {0}")]
    Cryptography(&'static str),
}

/// Why a layer cannot go on. Every one is final for the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LayerError {
    /// The other side said something that cannot be.
    #[error("the target's encryption is wrong: {0}")]
    Protocol(&'static str),
    /// What came was changed on its way, or is encrypted with another key.
    #[error("what came from the target was changed on its way")]
    Tampered,
    /// The other side gave up, with an alert (RFC 5246 section 7.2).
    #[error("the target ended the encryption with alert {0}")]
    Alert(u8),
    /// More came than anything sensible needs.
    #[error("the target's encryption asks for too much: {0}")]
    TooMuch(&'static str),
}
