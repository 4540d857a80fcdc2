//! Layers between the socket and everything else that no library has.

use bytes::{Bytes, BytesMut};

use super::anonymous_tls::AnonymousTls;
use super::error::LayerError;
use super::handshake::Random;
use super::ra2::Records;

/// A layer that encrypts, as a pure state machine.
///
/// It takes what the socket gives with [`Layer::handle_input`], and what is to
/// be sent with [`Layer::seal`]; what [`Layer::poll_output`] gives goes to the
/// socket.
pub enum Layer {
    /// TLS 1.2 with anonymous key agreement: keeps out who listens, and nobody
    /// who stands in between.
    AnonymousTls(Box<AnonymousTls>),
    /// The records of RA2: AES in EAX mode.
    Records(Box<Records>),
}

impl Layer {
    pub(super) fn anonymous_tls(random: &mut Random) -> Self {
        Self::AnonymousTls(Box::new(AnonymousTls::new(random)))
    }

    /// Takes all of `wire`, and appends what it says to `plain`. At most a
    /// record is kept.
    ///
    /// # Errors
    /// When the other side does not keep to the rules; the connection is of no
    /// use then.
    pub fn handle_input(&mut self, wire: &[u8], plain: &mut BytesMut) -> Result<(), LayerError> {
        match self {
            Self::AnonymousTls(tls) => tls.handle_input(wire, plain),
            Self::Records(records) => records.handle_input(wire, plain),
        }
    }

    /// Encrypts `plain`. Before the layer's own handshake is over it is kept
    /// until then.
    ///
    /// # Errors
    /// When the layer cannot encrypt any more.
    pub fn seal(&mut self, plain: &[u8]) -> Result<(), LayerError> {
        match self {
            Self::AnonymousTls(tls) => tls.seal(plain),
            Self::Records(records) => records.seal(plain),
        }
    }

    /// What is to be sent to the socket.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        match self {
            Self::AnonymousTls(tls) => tls.poll_output(),
            Self::Records(records) => records.poll_output(),
        }
    }

    /// Whether the other side said that nothing follows.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match self {
            Self::AnonymousTls(tls) => tls.is_closed(),
            Self::Records(_) => false,
        }
    }
}

impl std::fmt::Debug for Layer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AnonymousTls(_) => "AnonymousTls(..)",
            Self::Records(_) => "Records(..)",
        })
    }
}
