//! An authenticator in software: one ES256 credential, as a browser and a
//! security key would make and use it. What it says can be tampered with.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::{SystemRandom, fill};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use causeway_identity::text::base64url;
use serde_json::{Value, json};

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;

/// A passkey with everything that a test may want to be wrong about it.
pub(crate) struct Authenticator {
    key: EcdsaKeyPair,
    pub id: Vec<u8>,
    pub user_handle: Option<Vec<u8>>,
    pub rp_id: String,
    pub origin: String,
    pub flags: u8,
    pub sign_count: u32,
    pub cross_origin: bool,
    pub ceremony: Option<&'static str>,
}

impl Authenticator {
    /// A passkey for `rp_id`, used on a page of `origin`.
    pub(crate) fn new(rp_id: &str, origin: &str) -> Self {
        let mut id = vec![0; 24];
        fill(&mut id).unwrap();
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id,
            user_handle: None,
            rp_id: rp_id.to_owned(),
            origin: origin.to_owned(),
            flags: USER_PRESENT | USER_VERIFIED,
            sign_count: 0,
            cross_origin: false,
            ceremony: None,
        }
    }

    /// Answers `PublicKeyCredentialCreationOptionsJSON`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().unwrap_or_default();
        self.user_handle = causeway_identity::text::from_base64url(handle);
        let client_data = self.client_data("webauthn.create", &options["challenge"]);
        let mut data = self.data(self.flags | HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        data.extend(self.cose_key());
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt");
        object.push(0x64);
        object.extend(b"none");
        object.push(0x67);
        object.extend(b"attStmt");
        object.push(0xa0);
        object.push(0x68);
        object.extend(b"authData");
        object.push(0x59);
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        json!({
            "id": base64url(&self.id), "rawId": base64url(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": base64url(client_data),
                "attestationObject": base64url(object),
                "transports": ["internal", "carrier-pigeon"],
            },
            "clientExtensionResults": {},
        })
    }

    /// Answers `PublicKeyCredentialRequestOptionsJSON`.
    pub(crate) fn assert(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", &options["challenge"]);
        let data = self.data(self.flags);
        let mut message = data.clone();
        message.extend(digest(&SHA256, &client_data).as_ref());
        let signature = self.key.sign(&SystemRandom::new(), &message).unwrap();
        json!({
            "id": base64url(&self.id), "rawId": base64url(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": base64url(client_data),
                "authenticatorData": base64url(data),
                "signature": base64url(signature.as_ref()),
                "userHandle": self.user_handle.as_ref().map(base64url),
            },
            "clientExtensionResults": {},
        })
    }

    /// Says that nobody's PIN or finger was checked.
    pub(crate) fn without_verification(&mut self) {
        self.flags &= !USER_VERIFIED;
    }

    /// Says that nobody touched it.
    pub(crate) fn without_presence(&mut self) {
        self.flags &= !USER_PRESENT;
    }

    fn client_data(&self, ceremony: &str, challenge: &Value) -> Vec<u8> {
        let ceremony = self.ceremony.unwrap_or(ceremony);
        json!({
            "type": ceremony, "challenge": challenge, "origin": self.origin,
            "crossOrigin": self.cross_origin,
        })
        .to_string()
        .into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.sign_count.to_be_bytes());
        data
    }

    fn cose_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut key = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
        key.extend(&point[1..33]);
        key.extend([0x22, 0x58, 0x20]);
        key.extend(&point[33..]);
        key
    }
}
