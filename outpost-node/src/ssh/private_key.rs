//! Reads private keys and user certificates as people have them.
//!
//! OpenSSH, and PKCS#1, PKCS#8 and SEC1 in PEM form; plain or encrypted. The
//! settings have tidied the text already. Decryption is slow by design, so the way in for the
//! rest of the node is [`load`], off the asynchronous threads.

use std::sync::Arc;
use std::time::Duration;

use causeway_model::secret::Secret;
use causeway_model::settings::SshKey;
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use russh::keys::ssh_key::{Certificate, Kdf};
use russh::keys::{Error as KeyError, PrivateKey, decode_secret_key};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{encrypted_pkcs8, legacy_pem, short_scalar};

/// How long decrypting a key may take.
pub(super) const DECRYPT_DEADLINE: Duration = Duration::from_secs(20);
/// A private key's text, in bytes. RSA keys of 16384 bits take 12 KiB.
const KEY_BYTES_MAX: usize = 32 * 1024;
/// Rounds of bcrypt that an OpenSSH key may ask for; `ssh-keygen` uses 16 to
/// 24, and each costs about 20 ms.
const BCRYPT_ROUNDS_MAX: u32 = 256;
/// Keys decrypted at once by one node.
static DECRYPTING: Semaphore = Semaphore::const_new(2);

/// A private key and what vouches for it.
#[derive(Clone)]
pub(super) struct Identity {
    /// The key.
    pub key: Arc<PrivateKey>,
    /// An OpenSSH user certificate of the key.
    pub certificate: Option<Certificate>,
}

/// Reads an identity, off the asynchronous threads.
///
/// # Errors
/// When the key or certificate cannot be read, or the passphrase is wrong.
pub(super) async fn load(key: SshKey) -> Result<Identity, Failure> {
    let reading = async {
        let permit = DECRYPTING.acquire().await.map_err(internal)?;
        tokio::task::spawn_blocking(move || {
            let identity = read(&key);
            drop(permit);
            identity
        })
        .await
        .map_err(internal)?
    };
    timeout(DECRYPT_DEADLINE, reading)
        .await
        .map_err(|_| invalid(FailureCode::PrivateKeyInvalid).with("deadline", "decrypt"))?
}

/// Reads an identity, as long as it takes.
///
/// # Errors
/// As [`load`].
pub(super) fn read(key: &SshKey) -> Result<Identity, Failure> {
    let passphrase = key.passphrase.as_ref().map(Secret::expose);
    let private = read_private_key(
        key.private_key.expose(),
        passphrase.filter(|text| !text.is_empty()),
    )?;
    let certificate = match &key.certificate {
        Some(text) => Some(read_certificate(text, &private)?),
        None => None,
    };
    Ok(Identity {
        key: Arc::new(private),
        certificate,
    })
}

/// Whether the key is of no use without a passphrase.
#[must_use]
pub(super) fn needs_passphrase(private_key: &Secret) -> bool {
    let text = private_key.expose();
    match form(text) {
        Form::OpenSsh => PrivateKey::from_openssh(text).is_ok_and(|key| key.is_encrypted()),
        Form::EncryptedPkcs8 | Form::EncryptedLegacyPem => true,
        Form::Pem => false,
    }
}

/// How the key's text is encrypted, as its first lines tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    OpenSsh,
    Pem,
    EncryptedPkcs8,
    EncryptedLegacyPem,
}

fn read_private_key(text: &str, passphrase: Option<&str>) -> Result<PrivateKey, Failure> {
    if text.len() > KEY_BYTES_MAX {
        return Err(invalid(FailureCode::PrivateKeyInvalid).with("bytes", text.len()));
    }
    match form(text) {
        Form::OpenSsh => read_openssh(text, passphrase),
        Form::Pem => decode_secret_key(text, None).map_err(unreadable),
        Form::EncryptedPkcs8 => {
            let passphrase = passphrase.ok_or_else(passphrase_wrong)?;
            let plain =
                encrypted_pkcs8::decrypt(text, passphrase).map_err(|error| match error {
                    encrypted_pkcs8::Error::WrongPassphrase => passphrase_wrong(),
                    encrypted_pkcs8::Error::Malformed
                    | encrypted_pkcs8::Error::Unsupported
                    | encrypted_pkcs8::Error::TooCostly => {
                        invalid(FailureCode::PrivateKeyInvalid).because(error)
                    }
                })?;
            decode_secret_key(&plain, None).map_err(unreadable)
        }
        Form::EncryptedLegacyPem => {
            let passphrase = passphrase.ok_or_else(passphrase_wrong)?;
            let plain = legacy_pem::decrypt(text, passphrase).map_err(|error| match error {
                legacy_pem::Error::WrongPassphrase => passphrase_wrong(),
                legacy_pem::Error::Malformed | legacy_pem::Error::UnsupportedCipher => {
                    invalid(FailureCode::PrivateKeyInvalid).because(error)
                }
            })?;
            // One wrong passphrase in 256 leaves padding that looks right.
            decode_secret_key(&plain, None).map_err(|_| passphrase_wrong())
        }
    }
}

fn read_openssh(text: &str, passphrase: Option<&str>) -> Result<PrivateKey, Failure> {
    let key = match PrivateKey::from_openssh(text) {
        Ok(key) => key,
        Err(error) => {
            return short_scalar::read(text, &Kdf::None, None)
                .ok_or_else(|| invalid(FailureCode::PrivateKeyInvalid).because(error));
        }
    };
    if !key.is_encrypted() {
        return Ok(key);
    }
    if let Kdf::Bcrypt { rounds, .. } = key.kdf()
        && *rounds > BCRYPT_ROUNDS_MAX
    {
        return Err(invalid(FailureCode::PrivateKeyInvalid).with("bcrypt_rounds", rounds));
    }
    let passphrase = passphrase.ok_or_else(passphrase_wrong)?;
    key.decrypt(passphrase).or_else(|error| {
        short_scalar::read(text, key.kdf(), Some(passphrase))
            .ok_or_else(|| passphrase_wrong().because(error))
    })
}

fn read_certificate(text: &str, key: &PrivateKey) -> Result<Certificate, Failure> {
    let refused = || invalid(FailureCode::CertificateInvalid);
    let certificate = Certificate::from_openssh(text).map_err(|error| refused().because(error))?;
    if certificate.public_key() != key.public_key().key_data() {
        return Err(refused().with("reason", "the certificate is of another key"));
    }
    Ok(certificate)
}

fn form(text: &str) -> Form {
    if text.contains("-----BEGIN OPENSSH PRIVATE KEY-----") {
        Form::OpenSsh
    } else if text.contains(encrypted_pkcs8::BEGIN) {
        Form::EncryptedPkcs8
    } else if text.contains("\nProc-Type: 4,ENCRYPTED") {
        Form::EncryptedLegacyPem
    } else {
        Form::Pem
    }
}

const fn invalid(code: FailureCode) -> Failure {
    Failure::new(code, Step::Authenticate)
}

const fn passphrase_wrong() -> Failure {
    invalid(FailureCode::PrivateKeyPassphraseWrong)
}

fn unreadable(error: KeyError) -> Failure {
    invalid(FailureCode::PrivateKeyInvalid).because(error)
}

fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    invalid(FailureCode::Internal).because(error)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use causeway_tests::garble::garbled;
    use causeway_tests::sshd::{KeyForm, KeyKind, KeyPair};

    use super::*;

    /// How often each key is garbled.
    const GARBLED: u64 = 200;

    fn encrypted() -> String {
        let key = KeyPair::generate_as(KeyKind::Ed25519, KeyForm::OpenSsh, "open sesame");
        key.unwrap().private_text().unwrap()
    }

    /// The same key, but it wants this many rounds of bcrypt: the number
    /// behind the name, the length of the options, and the salt.
    fn with_rounds(text: &str, rounds: u32) -> String {
        let lines = text.lines().filter(|line| !line.starts_with('-'));
        let mut bytes = STANDARD.decode(lines.collect::<String>()).unwrap();
        let options = bytes
            .windows(6)
            .rposition(|name| name == b"bcrypt")
            .unwrap()
            + 6;
        let at = options + 4 + 4 + 16;
        bytes[at..at + 4].copy_from_slice(&rounds.to_be_bytes());
        let lines: Vec<_> = STANDARD.encode(bytes).into_bytes();
        let lines: Vec<_> = lines
            .chunks(70)
            .map(|line| str::from_utf8(line).unwrap())
            .collect();
        format!(
            "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
            lines.join("\n")
        )
    }

    fn check(private_key: &str, passphrase: Option<&str>, expected: FailureCode) {
        let key = SshKey {
            private_key: Secret::from(private_key),
            passphrase: passphrase.map(Secret::from),
            certificate: None,
        };
        let failure = read(&key).err().map(|failure| failure.code);
        assert_eq!(failure, Some(expected));
    }

    #[test]
    fn a_key_that_takes_forever_is_refused() {
        let text = with_rounds(&encrypted(), u32::MAX);
        check(&text, Some("open sesame"), FailureCode::PrivateKeyInvalid);
    }

    #[test]
    fn a_missing_passphrase_is_a_wrong_one() {
        let text = encrypted();
        check(&text, None, FailureCode::PrivateKeyPassphraseWrong);
        check(&text, Some(""), FailureCode::PrivateKeyPassphraseWrong);
        assert!(needs_passphrase(&Secret::from(text.as_str())));
    }

    /// Of keys that are nearly right, none makes us panic or costs much.
    #[test]
    fn garbled_keys_never_panic() {
        let plain = [
            (KeyKind::Ed25519, KeyForm::OpenSsh, ""),
            (KeyKind::EcdsaP256, KeyForm::OpenSsh, ""),
            (KeyKind::EcdsaP256, KeyForm::Pem, ""),
            (KeyKind::EcdsaP256, KeyForm::Pkcs8, ""),
            (KeyKind::Rsa, KeyForm::OpenSsh, ""),
            (KeyKind::Rsa, KeyForm::Pem, ""),
            (KeyKind::EcdsaP256, KeyForm::Pem, "open sesame"),
            (KeyKind::EcdsaP256, KeyForm::Pkcs8, "open sesame"),
        ];
        for (kind, form, passphrase) in plain {
            let key = KeyPair::generate_as(kind, form, passphrase).unwrap();
            let text = key.private_text().unwrap();
            let good = SshKey {
                private_key: Secret::from(text.as_str()),
                passphrase: Some(Secret::from(passphrase)),
                certificate: None,
            };
            read(&good).unwrap();
            for seed in 0..GARBLED {
                let garbled = match seed % 2 {
                    0 => String::from_utf8_lossy(&garbled(text.as_bytes(), seed)).into_owned(),
                    _ => with_garbled_body(&text, seed),
                };
                let _ = read(&SshKey {
                    private_key: Secret::from(garbled.as_str()),
                    ..good.clone()
                });
            }
        }
    }

    /// The same frame around bytes that are nearly right.
    fn with_garbled_body(text: &str, seed: u64) -> String {
        let is_body = |line: &&str| !line.is_empty() && !line.contains(['-', ':']);
        let body: String = text.lines().filter(is_body).collect();
        let bytes = garbled(&STANDARD.decode(body).unwrap(), seed);
        let mut lines: Vec<_> = text.lines().filter(|line| !is_body(line)).collect();
        let encoded = STANDARD.encode(bytes);
        lines.insert(lines.len() - 1, &encoded);
        lines.join("\n") + "\n"
    }

    #[test]
    fn what_is_too_long_is_not_read() {
        let text = "x".repeat(KEY_BYTES_MAX + 1);
        check(&text, None, FailureCode::PrivateKeyInvalid);
    }
}
