//! How people prove who they are, without sockets, clock or randomness: codes
//! of authenticator apps, passkeys and security keys.
//!
//! Everything here reads bytes from outside. Time and random bytes are
//! arguments; what must be remembered between two steps is the caller's to
//! keep. The only cryptography is aws-lc-rs: the crates that do the same bring
//! a second set of curves, or OpenSSL, for what is a few hundred lines here.
//! The target `webauthn` in `fuzz` feeds the readers.
//!
//! - [`totp`]: time-based one-time passwords (RFC 6238).
//! - [`webauthn`]: registration and assertion of WebAuthn credentials (Web
//!   Authentication Level 2). Attestation is neither asked for nor believed.
//!
//! What OpenID providers say is read by the crate `openidconnect`, in
//! `functions`.

pub mod text;
pub mod totp;
pub mod webauthn;
