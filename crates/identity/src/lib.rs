//! How people prove who they are, without sockets, clock or randomness: codes
//! of authenticator apps, passkeys and security keys, and what identity
//! providers sign.
//!
//! Everything here reads bytes from outside. Time and random bytes are
//! arguments; what must be remembered between two steps is the caller's to
//! keep. The only cryptography is aws-lc-rs.
//!
//! - [`totp`]: time-based one-time passwords (RFC 6238).
//! - [`webauthn`]: registration and assertion of WebAuthn credentials (Web
//!   Authentication Level 2). Attestation is neither asked for nor believed.
//! - [`jose`]: signatures of JSON Web Tokens (RFC 7515, RFC 7517, RFC 7518);
//!   public keys only.
//! - [`oidc`]: the documents of OpenID Connect: discovery, ID tokens, logout
//!   tokens.

pub mod jose;
pub mod oidc;
pub mod text;
pub mod totp;
pub mod webauthn;
