//! Whether a target holds the key of a certificate that rustls does not read:
//! of X.509 version 1, with an unknown critical extension, or with an RSA key
//! of 1024 bits. A person may trust such a certificate; that the target has
//! its key must hold nevertheless.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA384, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls::{DigitallySignedStruct, SignatureScheme};

use super::der;

/// Whether `signed` is the signature of `message` by the certificate's key.
pub(super) fn is_valid(message: &[u8], certificate: &[u8], signed: &DigitallySignedStruct) -> bool {
    let (Some(algorithm), Some(key)) =
        (algorithm(signed.scheme), der::public_key_info(certificate))
    else {
        return false;
    };
    UnparsedPublicKey::new(algorithm, key)
        .verify(message, signed.signature())
        .is_ok()
}

fn algorithm(scheme: SignatureScheme) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match scheme {
        SignatureScheme::RSA_PKCS1_SHA256 => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        SignatureScheme::RSA_PKCS1_SHA384 => &RSA_PKCS1_2048_8192_SHA384,
        SignatureScheme::RSA_PKCS1_SHA512 => &RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        SignatureScheme::RSA_PSS_SHA256 => &RSA_PSS_2048_8192_SHA256,
        SignatureScheme::RSA_PSS_SHA384 => &RSA_PSS_2048_8192_SHA384,
        SignatureScheme::RSA_PSS_SHA512 => &RSA_PSS_2048_8192_SHA512,
        SignatureScheme::ECDSA_NISTP256_SHA256 => &ECDSA_P256_SHA256_ASN1,
        SignatureScheme::ECDSA_NISTP384_SHA384 => &ECDSA_P384_SHA384_ASN1,
        SignatureScheme::ECDSA_NISTP521_SHA512 => &ECDSA_P521_SHA512_ASN1,
        SignatureScheme::ED25519 => &ED25519,
        _ => return None,
    })
}
