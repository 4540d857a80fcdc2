//! Who vouches for what: keys, signed tokens, signed requests, sealed secrets
//! and the TLS identity of nodes and edges.
//!
//! All signatures are Ed25519 (RFC 8032), all sealing is AES-256-GCM, both
//! through aws-lc-rs. Time is an argument everywhere; randomness is drawn only
//! where a key or a nonce is made. Files are touched only by [`secret_file`].
//! Nothing here opens a socket or knows where a key is stored.

pub mod key;
pub mod member;
pub mod request;
pub mod seal;
pub mod secret_file;
pub mod tls;
pub mod token;

mod text;

pub use causeway_model::secret::Secret;
pub use key::{KeyError, KeyId, KeyRing, PublishedKey, SigningKey, VerifyingKey};
pub use member::{MemberId, MemberKind};
pub use request::{RequestSignature, RequestSignatureError, SignedParts};
pub use seal::{SealError, SealedUnder, SecretBox};
pub use token::{Claims, Order, OrderAction, OrderId, Pass, Ticket, TokenError};
