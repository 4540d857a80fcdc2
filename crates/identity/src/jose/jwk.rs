//! Public keys as JSON (RFC 7517).

use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use super::Algorithm;
use crate::text::Base64Url;

/// Most keys of a set.
const KEYS_MAX: usize = 64;

/// A text that is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Not `{"keys": [...]}`.
    #[error("not a JWK set")]
    Malformed,
    /// Too many keys.
    #[error("more than {KEYS_MAX} keys")]
    TooMany,
}

/// The keys of an issuer that can verify signatures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JwkSet(Vec<Jwk>);

/// One key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Jwk {
    key_id: Option<String>,
    /// The one algorithm that the key may be used with, if its issuer said so.
    algorithm: Option<Algorithm>,
    key: PublicKey,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum PublicKey {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    P521(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct KeyDocument {
    #[serde(default)]
    kid: Option<String>,
    #[serde(default)]
    r#use: Option<String>,
    #[serde(default)]
    key_ops: Option<Vec<String>>,
    #[serde(default)]
    alg: Option<Value>,
    #[serde(flatten)]
    key: KeyParameters,
}

#[derive(Deserialize)]
#[serde(tag = "kty")]
enum KeyParameters {
    #[serde(rename = "RSA")]
    Rsa { n: Base64Url, e: Base64Url },
    #[serde(rename = "EC")]
    EllipticCurve {
        crv: String,
        x: Base64Url,
        y: Base64Url,
    },
    #[serde(rename = "OKP")]
    OctetKeyPair { crv: String, x: Base64Url },
}

impl JwkSet {
    /// Reads a set. Keys that are not for signatures, or of a kind that is not
    /// known here, are passed over (RFC 7517, section 5).
    ///
    /// # Errors
    /// [`JwkSetError`].
    pub fn parse(json: &[u8]) -> Result<Self, JwkSetError> {
        let document: Document =
            serde_json::from_slice(json).map_err(|_| JwkSetError::Malformed)?;
        if document.keys.len() > KEYS_MAX {
            return Err(JwkSetError::TooMany);
        }
        Ok(Self(
            document.keys.into_iter().filter_map(Jwk::read).collect(),
        ))
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys that a token of this header may be signed with.
    pub(super) fn candidates(
        &self,
        algorithm: Algorithm,
        key_id: Option<&str>,
    ) -> impl Iterator<Item = &Jwk> {
        self.0
            .iter()
            .filter(move |jwk| key_id.is_none_or(|id| jwk.key_id.as_deref() == Some(id)))
            .filter(move |jwk| jwk.algorithm.is_none_or(|only| only == algorithm))
            .filter(move |jwk| jwk.key.fits(algorithm))
    }
}

impl Jwk {
    fn read(value: Value) -> Option<Self> {
        let document: KeyDocument = serde_json::from_value(value).ok()?;
        let for_signatures = document.r#use.is_none_or(|usage| usage == "sig")
            && document
                .key_ops
                .is_none_or(|acts| acts.iter().any(|act| act == "verify"));
        let algorithm = match document.alg {
            None => None,
            // A key for an algorithm that is not taken is no key.
            Some(name) => Some(serde_json::from_value(name).ok()?),
        };
        let key = PublicKey::of(document.key)?;
        for_signatures.then_some(Self {
            key_id: document.kid,
            algorithm,
            key,
        })
    }

    pub(super) fn verifies(&self, algorithm: Algorithm, message: &[u8], tag: &[u8]) -> bool {
        self.key.verifies(algorithm, message, tag).is_ok()
    }
}

impl PublicKey {
    fn of(parameters: KeyParameters) -> Option<Self> {
        match parameters {
            KeyParameters::Rsa { n, e } => Some(Self::Rsa { n: n.0, e: e.0 }),
            KeyParameters::EllipticCurve { crv, x, y } => {
                let (length, make): (usize, fn(Vec<u8>) -> Self) = match crv.as_str() {
                    "P-256" => (32, Self::P256),
                    "P-384" => (48, Self::P384),
                    "P-521" => (66, Self::P521),
                    _ => return None,
                };
                let is_whole = x.0.len() == length && y.0.len() == length;
                is_whole.then(|| make([&[4], x.0.as_slice(), y.0.as_slice()].concat()))
            }
            KeyParameters::OctetKeyPair { crv, x } => {
                (crv == "Ed25519" && x.0.len() == 32).then_some(Self::Ed25519(x.0))
            }
        }
    }

    const fn fits(&self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => matches!(self, Self::Rsa { .. }),
            Algorithm::Es256 => matches!(self, Self::P256(_)),
            Algorithm::Es384 => matches!(self, Self::P384(_)),
            Algorithm::Es512 => matches!(self, Self::P521(_)),
            Algorithm::EdDsa => matches!(self, Self::Ed25519(_)),
        }
    }

    fn verifies(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        tag: &[u8],
    ) -> Result<(), aws_lc_rs::error::Unspecified> {
        let unparsed = |way: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(way, key).verify(message, tag)
        };
        match self {
            Self::Rsa { n, e } => {
                let way = match algorithm {
                    Algorithm::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
                    Algorithm::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
                    Algorithm::Ps384 => &RSA_PSS_2048_8192_SHA384,
                    Algorithm::Ps512 => &RSA_PSS_2048_8192_SHA512,
                    Algorithm::Es256 | Algorithm::Es384 | Algorithm::Es512 | Algorithm::EdDsa => {
                        return Err(aws_lc_rs::error::Unspecified);
                    }
                };
                RsaPublicKeyComponents { n, e }.verify(way, message, tag)
            }
            Self::P256(point) => unparsed(&ECDSA_P256_SHA256_FIXED, point),
            Self::P384(point) => unparsed(&ECDSA_P384_SHA384_FIXED, point),
            Self::P521(point) => unparsed(&ECDSA_P521_SHA512_FIXED, point),
            Self::Ed25519(key) => unparsed(&ED25519, key),
        }
    }
}
