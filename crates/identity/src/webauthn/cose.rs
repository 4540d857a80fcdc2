//! Public keys of authenticators as COSE keys (RFC 9052, section 7; RFC 9053).

use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};

use super::cbor::{CborError, Reader};

/// COSE's numbers of the algorithms that are taken, the best first.
pub const ALGORITHMS: [i64; 3] = [ES256, EDDSA, RS256];

const ES256: i64 = -7;
const EDDSA: i64 = -8;
const RS256: i64 = -257;

const KEY_TYPE: i64 = 1;
const ALGORITHM: i64 = 3;
const OCTET_KEY_PAIR: i64 = 1;
const ELLIPTIC_CURVE: i64 = 2;
const RSA: i64 = 3;
const P256: i64 = 1;
const CURVE_ED25519: i64 = 6;
/// Longest modulus in bytes: 4096 bits.
const MODULUS_LENGTH_MAX: usize = 512;
/// Entries that a key may have.
const ENTRIES_MAX: u64 = 16;

/// The public key of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PublicKey {
    /// ECDSA on P-256 with SHA-256: the uncompressed point.
    Es256([u8; 65]),
    /// Ed25519.
    Ed25519([u8; 32]),
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256 { modulus: Vec<u8>, exponent: Vec<u8> },
}

/// What stands at the labels -1, -2 and -3.
#[derive(Default)]
struct Parameters<'a> {
    key_type: Option<i64>,
    algorithm: Option<i64>,
    curve: Option<i64>,
    minus_1: Option<&'a [u8]>,
    minus_2: Option<&'a [u8]>,
    minus_3: Option<&'a [u8]>,
}

impl PublicKey {
    /// Reads a key from the beginning of what `reader` holds.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        let entries = reader.map()?;
        if entries > ENTRIES_MAX {
            return Err(CborError);
        }
        let mut found = Parameters::default();
        for _ in 0..entries {
            found.read_entry(reader)?;
        }
        found.key().ok_or(CborError)
    }

    /// Whether `signature` is this key's over `message`.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let unparsed = |algorithm: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(algorithm, key).verify(message, signature)
        };
        match self {
            Self::Es256(point) => unparsed(&ECDSA_P256_SHA256_ASN1, point),
            Self::Ed25519(key) => unparsed(&ED25519, key),
            Self::Rs256 { modulus, exponent } => RsaPublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature),
        }
        .is_ok()
    }
}

impl<'a> Parameters<'a> {
    fn read_entry(&mut self, reader: &mut Reader<'a>) -> Result<(), CborError> {
        match reader.int()? {
            KEY_TYPE => self.key_type = Some(reader.int()?),
            ALGORITHM => self.algorithm = Some(reader.int()?),
            // A curve's number, or an RSA key's modulus.
            -1 => match reader.clone().int() {
                Ok(_) => self.curve = Some(reader.int()?),
                Err(_) => self.minus_1 = Some(reader.bytes()?),
            },
            -2 => self.minus_2 = Some(reader.bytes()?),
            -3 => self.minus_3 = Some(reader.bytes()?),
            _ => reader.skip()?,
        }
        Ok(())
    }

    fn key(&self) -> Option<PublicKey> {
        match (self.key_type?, self.algorithm?) {
            (ELLIPTIC_CURVE, ES256) if self.curve == Some(P256) => {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(self.minus_2.filter(|x| x.len() == 32)?);
                point[33..].copy_from_slice(self.minus_3.filter(|y| y.len() == 32)?);
                Some(PublicKey::Es256(point))
            }
            (OCTET_KEY_PAIR, EDDSA) if self.curve == Some(CURVE_ED25519) => {
                self.minus_2?.try_into().ok().map(PublicKey::Ed25519)
            }
            (RSA, RS256) => {
                let modulus = self.minus_1.filter(|n| n.len() <= MODULUS_LENGTH_MAX)?;
                let exponent = self.minus_2.filter(|e| e.len() <= 8)?;
                Some(PublicKey::Rs256 {
                    modulus: modulus.to_vec(),
                    exponent: exponent.to_vec(),
                })
            }
            _ => None,
        }
    }
}
