//! From the version line to the security result (RFC 6143 sections 7.1.1 to
//! 7.1.3), as a pure state machine.
//!
//! [`Handshake`] takes the server's bytes and gives ours, and says in
//! [`Step`]s what only its caller can do: ask a person for credentials, put
//! TLS with certificates between itself and the socket, decide whether an RSA
//! key is the server's. Two layers are ours and stand here, because no
//! library has them: [`Layer::AnonymousTls`] and [`Layer::Records`].
//!
//! What each security type is worth, strongest first, is told by
//! [`SecurityType::ALL`]. Several of them protect nothing; they are here
//! because servers offer nothing else.

mod anonymous_tls;
mod apple;
mod choice;
mod credentials;
mod diffie_hellman;
mod error;
mod handshake;
mod kind;
mod layer;
mod method;
mod ms_logon;
mod plain;
mod ra2;
mod reader;
mod reason;
mod tight;
mod vencrypt;
mod version;
mod vnc_auth;

pub use credentials::{Credentials, Wanted};
pub use error::{LayerError, SecurityError};
pub use handshake::{Handshake, Random, SecurityConfig, Step};
pub use kind::{SecurityType, UnknownSecurityType};
pub use layer::Layer;
pub use ra2::{ClientKey, ServerKey};
pub use version::Version;

pub use crate::Established;
