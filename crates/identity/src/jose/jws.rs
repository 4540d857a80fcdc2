//! Tokens in compact form (RFC 7515, section 7.1).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Algorithm, JwkSet};
use crate::text::from_base64url;

/// Longest token in bytes.
const TOKEN_LENGTH_MAX: usize = 64 * 1024;

/// Why a token is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// Not three parts of base64url with JSON in the first two.
    #[error("not a signed token")]
    Malformed,
    /// `none`, a shared key, or one that is not known here.
    #[error("the signature algorithm is not taken")]
    Algorithm,
    /// The header demands something that is not understood (`crit`).
    #[error("the token demands what is not understood")]
    Critical,
    /// The issuer has no such key; it may have a new one.
    #[error("no key of the issuer fits the token")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
}

#[derive(Deserialize)]
struct Header {
    alg: Value,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    crit: Option<Value>,
}

/// A token whose signature has not been checked: it says nothing yet.
#[derive(Debug, Clone)]
pub struct Jws<'a> {
    algorithm: Algorithm,
    key_id: Option<String>,
    kind: Option<String>,
    signed: &'a str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// A token that the issuer did sign. What it says is still to be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// How it was signed.
    pub algorithm: Algorithm,
    /// `typ` of its header.
    pub kind: Option<String>,
    /// What it says.
    pub claims: Map<String, Value>,
}

impl<'a> Jws<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`JoseError::Malformed`], [`JoseError::Algorithm`],
    /// [`JoseError::Critical`].
    pub fn parse(token: &'a str) -> Result<Self, JoseError> {
        if token.len() > TOKEN_LENGTH_MAX {
            return Err(JoseError::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JoseError::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(JoseError::Malformed)?;
        let bytes = |text: &str| from_base64url(text).ok_or(JoseError::Malformed);
        let header: Header =
            serde_json::from_slice(&bytes(header)?).map_err(|_| JoseError::Malformed)?;
        if header.crit.is_some() {
            return Err(JoseError::Critical);
        }
        Ok(Self {
            algorithm: serde_json::from_value(header.alg).map_err(|_| JoseError::Algorithm)?,
            key_id: header.kid,
            kind: header.typ,
            signed,
            payload: bytes(payload)?,
            signature: bytes(signature)?,
        })
    }

    /// Checks the signature with the keys of the issuer.
    ///
    /// # Errors
    /// [`JoseError::UnknownKey`], [`JoseError::BadSignature`],
    /// [`JoseError::Malformed`].
    pub fn verify(&self, keys: &JwkSet) -> Result<Verified, JoseError> {
        let mut error = JoseError::UnknownKey;
        for key in keys.candidates(self.algorithm, self.key_id.as_deref()) {
            if key.verifies(self.algorithm, self.signed.as_bytes(), &self.signature) {
                let claims =
                    serde_json::from_slice(&self.payload).map_err(|_| JoseError::Malformed)?;
                return Ok(Verified {
                    algorithm: self.algorithm,
                    kind: self.kind.clone(),
                    claims,
                });
            }
            error = JoseError::BadSignature;
        }
        Err(error)
    }
}
