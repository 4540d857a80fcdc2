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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const IV: [u8; 16] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];

    /// `openssl enc -aes-256-cbc -md md5 -S 0102030405060708 -P`.
    #[test]
    fn keys_are_derived_as_openssl_does() {
        let known = "1c01be527e26bd423247d0c24bc1824023aea59be5aa4ed618f0a7330b6cf75b";
        for bytes in [16, 24, 32] {
            let key = derive_key("open sesame", &IV, bytes);
            assert_eq!(hex::encode(&*key), known[..2 * bytes]);
        }
    }

    fn encrypted(cipher: &'static Algorithm, name: &str, der: &[u8]) -> String {
        use aws_lc_rs::cipher::{EncryptionContext, PaddedBlockEncryptingKey};
        let key = derive_key("open sesame", &IV, cipher_key_bytes(cipher));
        let key = UnboundCipherKey::new(cipher, &key).unwrap();
        let key = PaddedBlockEncryptingKey::cbc_pkcs7(key).unwrap();
        let mut bytes = der.to_vec();
        let context = EncryptionContext::Iv128(FixedLength::from(IV));
        key.less_safe_encrypt(&mut bytes, context).unwrap();
        let (iv, base64) = (hex::encode_upper(IV), STANDARD.encode(bytes));
        format!(
            "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
             DEK-Info: {name},{iv}\n\n{base64}\n-----END EC PRIVATE KEY-----\n"
        )
    }

    #[test]
    fn every_aes_is_decrypted() {
        for (cipher, name) in [
            (&AES_128, "AES-128-CBC"),
            (&AES_192, "AES-192-CBC"),
            (&AES_256, "AES-256-CBC"),
        ] {
            let text = encrypted(cipher, name, b"any DER");
            let plain = decrypt(&text, "open sesame").unwrap();
            let expected = format!(
                "-----BEGIN EC PRIVATE KEY-----\n{}\n-----END EC PRIVATE KEY-----\n",
                STANDARD.encode("any DER")
            );
            assert_eq!(*plain, expected, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_decrypted_says_why() {
        let check = |text: &str, expected: Error| {
            assert_eq!(
                decrypt(text, "open sesame").unwrap_err(),
                expected,
                "{text}"
            );
        };
        let good = encrypted(&AES_128, "AES-128-CBC", b"any DER");
        check(
            &good.replace("AES-128-CBC", "DES-EDE3-CBC"),
            Error::UnsupportedCipher,
        );
        check(&good.replace("-CBC,01", "-CBC,0x"), Error::Malformed);
        check(&good.replace("DEK-Info", "Other"), Error::Malformed);
        check("", Error::Malformed);
        check("-----BEGIN ", Error::Malformed);
        let half = encrypted(&AES_128, "AES-128-CBC", b"").replace("==\n-----END", "\n-----END");
        check(&half, Error::Malformed);
    }
}
