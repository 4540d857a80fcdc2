//! Keys of the provider, and tokens signed with them.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use causeway_identity::text::base64url;
use serde_json::{Value, json};

/// A key on P-256.
#[derive(Clone)]
pub(crate) struct Key {
    id: String,
    pair: Arc<EcdsaKeyPair>,
}

impl Key {
    pub(crate) fn generate(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            pair: Arc::new(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()),
        }
    }

    /// The public key as JSON.
    pub(crate) fn jwk(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": base64url(&point[1..33]), "y": base64url(&point[33..]),
        })
    }

    /// A token in compact form. `header` may say another algorithm or key than
    /// it is signed with.
    pub(crate) fn sign(&self, mut header: Value, claims: Value) -> String {
        for (name, value) in [("alg", "ES256"), ("kid", self.id.as_str())] {
            if header[name].is_null() {
                header[name] = json!(value);
            }
        }
        let (header, claims) = (header.to_string(), claims.to_string());
        let signed = format!("{}.{}", base64url(header), base64url(claims));
        let tag = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .unwrap();
        format!("{signed}.{}", base64url(tag.as_ref()))
    }
}
