//! Decrypts private keys in the PEM form of old OpenSSL (`Proc-Type:
//! 4,ENCRYPTED`, RFC 1421 section 4.6), as `ssh-keygen -m PEM` still writes it.
//!
//! The key is `EVP_BytesToKey` of OpenSSL with MD5 and one round: weak by
//! today's measure, which is why such a key is only ever read.

use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, Algorithm, DecryptionContext, PaddedBlockDecryptingKey,
    UnboundCipherKey,
};
use aws_lc_rs::iv::FixedLength;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Why a text could not be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    #[error("malformed PEM")]
    Malformed,
    #[error("unsupported cipher")]
    UnsupportedCipher,
    #[error("wrong passphrase")]
    WrongPassphrase,
}

/// Turns an encrypted PEM text into the same text in the clear.
pub(super) fn decrypt(text: &str, passphrase: &str) -> Result<Zeroizing<String>, Error> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begin = lines
        .iter()
        .position(|line| line.starts_with("-----BEGIN "))
        .ok_or(Error::Malformed)?;
    let label = lines[begin]
        .strip_prefix("-----BEGIN ")
        .and_then(|rest| rest.strip_suffix("-----"))
        .ok_or(Error::Malformed)?;
    let body = &lines[begin + 1..];
    let info = body
        .iter()
        .find_map(|line| line.strip_prefix("DEK-Info:"))
        .ok_or(Error::Malformed)?;
    let (cipher, iv) = read_info(info)?;
    let base64: String = body
        .iter()
        .take_while(|line| !line.starts_with("-----END "))
        .filter(|line| !line.contains(':'))
        .copied()
        .collect();
    let mut der = Zeroizing::new(STANDARD.decode(base64).map_err(|_| Error::Malformed)?);

    let key = derive_key(passphrase, &iv, cipher_key_bytes(cipher));
    let key = UnboundCipherKey::new(cipher, &key).map_err(|_| Error::UnsupportedCipher)?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(|_| Error::UnsupportedCipher)?;
    let context = DecryptionContext::Iv128(FixedLength::from(iv));
    let plain = key
        .decrypt(&mut der, context)
        .map_err(|_| Error::WrongPassphrase)?;
    let base64 = Zeroizing::new(STANDARD.encode(plain));
    Ok(Zeroizing::new(format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        base64.as_str()
    )))
}

fn read_info(info: &str) -> Result<(&'static Algorithm, [u8; 16]), Error> {
    let (cipher, iv) = info.trim().split_once(',').ok_or(Error::Malformed)?;
    let cipher = match cipher {
        "AES-128-CBC" => &AES_128,
        "AES-192-CBC" => &AES_192,
        "AES-256-CBC" => &AES_256,
        _ => return Err(Error::UnsupportedCipher),
    };
    let mut bytes = [0; 16];
    hex::decode_to_slice(iv.trim(), &mut bytes).map_err(|_| Error::Malformed)?;
    Ok((cipher, bytes))
}

fn cipher_key_bytes(cipher: &'static Algorithm) -> usize {
    if cipher == &AES_128 {
        16
    } else if cipher == &AES_192 {
        24
    } else {
        32
    }
}

/// `EVP_BytesToKey`: MD5 over the digest before, the passphrase and the salt,
/// which is the first half of the IV.
fn derive_key(passphrase: &str, iv: &[u8; 16], bytes: usize) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(bytes + 16));
    let mut digest: Option<[u8; 16]> = None;
    while key.len() < bytes {
        let mut md5 = md5::Context::new();
        if let Some(digest) = digest {
            md5.consume(digest);
        }
        md5.consume(passphrase);
        md5.consume(&iv[..8]);
        let next = md5.finalize().0;
        key.extend_from_slice(&next);
        digest = Some(next);
    }
    key.truncate(bytes);
    key
}
