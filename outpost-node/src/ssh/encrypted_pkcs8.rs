//! Decrypts private keys in PKCS#8 form (RFC 5958, RFC 8018), after a look at
//! what that would cost. The key itself says how much time and memory its
//! passphrase takes, and whoever writes a key could ask for more than a node
//! has: running out of memory would end it, and every session with it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pkcs8::pkcs5::{self, EncryptionScheme};
use pkcs8::{EncryptedPrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

/// The line that such a key begins with.
pub(super) const BEGIN: &str = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
const END: &str = "-----END ENCRYPTED PRIVATE KEY-----";

/// Rounds of PBKDF2; OpenSSL takes 2,048, the careful take a million. So many
/// take some seconds.
const PBKDF2_ROUNDS_MAX: u32 = 5_000_000;
/// Memory that scrypt may take, in bytes; OpenSSL takes 16 MiB.
const SCRYPT_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How often scrypt may go through it.
const SCRYPT_PASSES_MAX: u16 = 16;

/// Why a text could not be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("malformed PKCS#8")]
    Malformed,
    #[error("unsupported encryption")]
    Unsupported,
    #[error("the key asks for too much time or memory")]
    TooCostly,
    #[error("wrong passphrase")]
    WrongPassphrase,
}

/// Turns an encrypted PEM text into the same key in the clear.
pub(super) fn decrypt(text: &str, passphrase: &str) -> Result<Zeroizing<String>, Error> {
    let der = der(text).ok_or(Error::Malformed)?;
    let key = EncryptedPrivateKeyInfoRef::try_from(&*der).map_err(|_| Error::Malformed)?;
    if is_too_costly(&key.encryption_algorithm) {
        return Err(Error::TooCostly);
    }
    let plain: SecretDocument = key.decrypt(passphrase).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(
            pkcs5::Error::NoPbes1CryptSupport
            | pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs5::Error::AlgorithmParametersInvalid { .. },
        ) => Error::Unsupported,
        _ => Error::WrongPassphrase,
    })?;
    let base64 = Zeroizing::new(STANDARD.encode(plain.as_bytes()));
    Ok(Zeroizing::new(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        base64.as_str()
    )))
}

fn der(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once(BEGIN)?;
    let (body, _) = rest.split_once(END)?;
    let base64: String = body.split_whitespace().collect();
    STANDARD.decode(base64).ok()
}

fn is_too_costly(scheme: &EncryptionScheme) -> bool {
    // The first scheme (PBES1) has 65,535 rounds at most.
    let Some(parameters) = scheme.pbes2() else {
        return false;
    };
    if let Some(pbkdf2) = parameters.kdf.pbkdf2() {
        return pbkdf2.iteration_count > PBKDF2_ROUNDS_MAX;
    }
    parameters.kdf.scrypt().is_none_or(|scrypt| {
        // RFC 7914, section 2: N is a power of two above one.
        let bytes = scrypt
            .cost_parameter
            .checked_mul(128)
            .and_then(|bytes| bytes.checked_mul(scrypt.block_size.into()));
        scrypt.cost_parameter < 2
            || bytes.is_none_or(|bytes| bytes > SCRYPT_BYTES_MAX)
            || scrypt.parallelization > SCRYPT_PASSES_MAX
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use causeway_tests::sshd::{KeyForm, KeyKind, KeyPair};
    use pkcs8::der::Encode as _;
    use pkcs8::pkcs5::pbes2::{Kdf, Parameters, Pbkdf2Params, ScryptParams};

    use super::*;

    const PASSPHRASE: &str = "open sesame";

    fn encrypted() -> String {
        let key = KeyPair::generate_as(KeyKind::EcdsaP256, KeyForm::Pkcs8, PASSPHRASE);
        key.unwrap().private_text().unwrap()
    }

    fn pem(der: &[u8]) -> String {
        format!("{BEGIN}\n{}\n{END}\n", STANDARD.encode(der))
    }

    /// The same key, whose passphrase costs something else.
    fn costing(text: &str, kdf: Kdf) -> String {
        let der = der(text).unwrap();
        let mut key = EncryptedPrivateKeyInfoRef::try_from(&*der).unwrap();
        let encryption = key.encryption_algorithm.pbes2().unwrap().encryption;
        key.encryption_algorithm = Parameters { kdf, encryption }.into();
        pem(&key.to_der().unwrap())
    }

    fn pbkdf2(rounds: u32) -> Kdf {
        let mut parameters = Pbkdf2Params::hmac_sha256(1, b"salt of a key").unwrap();
        parameters.iteration_count = rounds;
        parameters.into()
    }

    fn scrypt(cost_parameter: u64, block_size: u16, parallelization: u16) -> Kdf {
        let salt = pkcs5::pbes2::Salt::new(b"salt of a key").unwrap();
        Kdf::Scrypt(ScryptParams {
            salt,
            cost_parameter,
            block_size,
            parallelization,
            key_length: None,
        })
    }

    #[test]
    fn a_key_is_decrypted_with_its_passphrase_alone() {
        let text = encrypted();
        let plain = decrypt(&text, PASSPHRASE).unwrap();
        assert!(plain.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert_eq!(decrypt(&text, "other"), Err(Error::WrongPassphrase));
        assert_eq!(decrypt("", PASSPHRASE), Err(Error::Malformed));
        let cut = text.replace("-----END", "-----");
        assert_eq!(decrypt(&cut, PASSPHRASE), Err(Error::Malformed));
    }

    #[test]
    fn a_key_that_takes_a_node_s_time_or_memory_is_refused() {
        let text = encrypted();
        for kdf in [
            pbkdf2(u32::MAX),
            pbkdf2(PBKDF2_ROUNDS_MAX + 1),
            // A tebibyte, and more than there are addresses.
            scrypt(1 << 30, 8, 1),
            scrypt(1 << 63, u16::MAX, 1),
            scrypt(1 << 14, 8, u16::MAX),
            // None at all is no cost that there is.
            scrypt(0, 8, 1),
        ] {
            let costly = costing(&text, kdf);
            assert_eq!(decrypt(&costly, PASSPHRASE), Err(Error::TooCostly));
        }
        for kdf in [pbkdf2(2), scrypt(2, 8, 1)] {
            let cheap = costing(&text, kdf);
            assert_eq!(decrypt(&cheap, PASSPHRASE), Err(Error::WrongPassphrase));
        }
    }
}
