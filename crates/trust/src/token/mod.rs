//! Signed tokens: small statements of the control plane that whoever holds its
//! verifying key can check without asking it.
//!
//! Text form: `v1.<kid>.<base64url(JSON)>.<base64url(signature)>`. The
//! signature covers `PURPOSE || 0x00 || v1.<kid>.<base64url(JSON)>`, so a token
//! made for one purpose never passes for another. What a token admits to, and
//! whether it was used before, is for its reader to judge.

mod order;
mod pass;
mod ticket;

pub use order::{Order, OrderAction, OrderId};
pub use pass::{PASS_LIFE, Pass};
pub use ticket::{TICKET_LIFE, Ticket};

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::key::{KeyRing, SIGNATURE_LEN, SigningKey};
use crate::text;

/// Longest token, in bytes of its text.
pub const TOKEN_LEN_MAX: usize = 2048;

const VERSION: &str = "v1";

/// What a kind of token states.
pub trait Claims: Serialize + DeserializeOwned {
    /// Keeps the kinds apart; part of what is signed.
    const PURPOSE: &'static str;

    /// From then on the token is worth nothing.
    fn expires_at(&self) -> Timestamp;
}

/// Why a token was not made or not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Longer than [`TOKEN_LEN_MAX`].
    #[error("the token is too long")]
    TooLong,
    /// Not a token at all, or its statement does not read as what it is
    /// signed for.
    #[error("not a token")]
    Malformed,
    /// Signed with a key that the ring does not hold.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The signature is not the key's: forged, changed, or made for another
    /// purpose.
    #[error("the token's signature is false")]
    BadSignature,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

/// Makes a token.
///
/// # Errors
/// [`TokenError::TooLong`] when the claims do not fit.
pub fn sign<C: Claims>(key: &SigningKey, claims: &C) -> Result<String, TokenError> {
    let json = serde_json::to_vec(claims).map_err(|_| TokenError::Malformed)?;
    let kid = key.verifying_key().id();
    let mut token = format!("{VERSION}.{kid}.{}", text::encode(&json));
    let signature = key.sign(&signed_bytes(C::PURPOSE, &token));
    token.push('.');
    token.push_str(&text::encode(&signature));
    if token.len() > TOKEN_LEN_MAX {
        return Err(TokenError::TooLong);
    }
    Ok(token)
}

impl KeyRing {
    /// Reads a token that one of the ring's keys signed.
    ///
    /// # Errors
    /// Every [`TokenError`]; the signature is checked before the statement is
    /// read, and expiry last.
    pub fn verify<C: Claims>(&self, token: &str, now: Timestamp) -> Result<C, TokenError> {
        if token.len() > TOKEN_LEN_MAX {
            return Err(TokenError::TooLong);
        }
        let parts = Parts::split(token).ok_or(TokenError::Malformed)?;
        let kid = parts.kid.parse().map_err(|_| TokenError::Malformed)?;
        let key = self.find(kid).ok_or(TokenError::UnknownKey)?;
        if !key.verifies(&signed_bytes(C::PURPOSE, parts.signed), &parts.signature) {
            return Err(TokenError::BadSignature);
        }
        let json = text::decode(parts.payload).ok_or(TokenError::Malformed)?;
        let claims: C = serde_json::from_slice(&json).map_err(|_| TokenError::Malformed)?;
        if now >= claims.expires_at() {
            return Err(TokenError::Expired);
        }
        Ok(claims)
    }
}

struct Parts<'a> {
    /// Everything before the signature.
    signed: &'a str,
    kid: &'a str,
    payload: &'a str,
    signature: [u8; SIGNATURE_LEN],
}

impl<'a> Parts<'a> {
    fn split(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (kid, payload) = signed
            .strip_prefix(VERSION)?
            .strip_prefix('.')?
            .split_once('.')?;
        Some(Self {
            signed,
            kid,
            payload,
            signature: text::decode_array(signature)?,
        })
    }
}

fn signed_bytes(purpose: &str, signed: &str) -> Vec<u8> {
    [purpose.as_bytes(), &[0], signed.as_bytes()].concat()
}

#[cfg(test)]
mod tests;
