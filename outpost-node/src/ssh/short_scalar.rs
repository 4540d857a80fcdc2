//! P-256 keys in OpenSSH form whose private scalar is shorter than 32 bytes.
//!
//! The scalar is an `mpint` (RFC 4251 section 5), which has no leading zeros:
//! one key in 256 is a byte short. `ssh-key` takes none below 32 bytes and
//! calls such a key malformed, so its scalar is filled up here and the key is
//! read again, in the clear.
//!
//! Format: OpenSSH's PROTOCOL.key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::{Cipher, Kdf};
use zeroize::Zeroizing;

const MAGIC: &[u8] = b"openssh-key-v1\0";
const KEY_TYPE: &[u8] = b"ecdsa-sha2-nistp256";
const SCALAR_BYTES: usize = 32;
/// The block that a key in the clear is padded to, in bytes.
const BLOCK_BYTES: usize = 8;

/// Reads such a key; `kdf` tells how it is encrypted, if it is. `None` when it
/// is something else, or the passphrase is wrong.
pub(super) fn read(text: &str, kdf: &Kdf, passphrase: Option<&str>) -> Option<PrivateKey> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('-'));
    let bytes = Zeroizing::new(STANDARD.decode(lines.collect::<String>()).ok()?);
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let cipher = Cipher::new(str::from_utf8(string(&mut rest)?).ok()?).ok()?;
    let (_kdf_name, _kdf_options) = (string(&mut rest)?, string(&mut rest)?);
    let keys = take(&mut rest, 4)?;
    let public = string(&mut rest)?;
    let mut private = Zeroizing::new(string(&mut rest)?.to_vec());
    if cipher.is_some() {
        let (key, iv) = kdf.derive_key_and_iv(cipher, passphrase?).ok()?;
        let tag = match cipher.has_tag() {
            true => Some(rest.try_into().ok()?),
            false => None,
        };
        cipher.decrypt(&key, &iv, &mut private, tag).ok()?;
    }
    let private = filled_up(&private)?;

    let mut whole = Zeroizing::new(MAGIC.to_vec());
    for part in [b"none".as_slice(), b"none", b""] {
        put_string(&mut whole, part);
    }
    whole.extend_from_slice(keys);
    put_string(&mut whole, public);
    put_string(&mut whole, &private);
    PrivateKey::from_bytes(&whole).ok()
}

/// The private part with a scalar of full length, and its padding anew.
fn filled_up(private: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut rest = private;
    let checks = take(&mut rest, 8)?;
    if checks[..4] != checks[4..] {
        return None;
    }
    let (key_type, curve) = (string(&mut rest)?, string(&mut rest)?);
    let (point, scalar) = (string(&mut rest)?, string(&mut rest)?);
    let comment = string(&mut rest)?;
    if key_type != KEY_TYPE || scalar.len() >= SCALAR_BYTES {
        return None;
    }
    let mut full = Zeroizing::new([0; SCALAR_BYTES]);
    full[SCALAR_BYTES - scalar.len()..].copy_from_slice(scalar);

    let mut filled = Zeroizing::new(Vec::with_capacity(private.len() + 2 * SCALAR_BYTES));
    filled.extend_from_slice(checks);
    for part in [key_type, curve, point, full.as_slice(), comment] {
        put_string(&mut filled, part);
    }
    let padding = (1..).take(filled.len().next_multiple_of(BLOCK_BYTES) - filled.len());
    filled.extend(padding);
    Some(filled)
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn string<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u32::from_be_bytes(take(rest, 4)?.try_into().ok()?);
    take(rest, usize::try_from(length).ok()?)
}

fn put_string(into: &mut Vec<u8>, part: &[u8]) {
    // No part is longer than the key's text, which is bounded.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    into.extend_from_slice(&length.to_be_bytes());
    into.extend_from_slice(part);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use causeway_model::secret::Secret;
    use causeway_model::settings::SshKey;
    use russh::keys::ssh_key::HashAlg;

    use super::super::private_key;

    const FINGERPRINT: &str = "SHA256:2wjafqtVf8XZT9OsyLJELM12bTIxhYEc6TMU4/hhJes";

    fn check(text: &str, passphrase: Option<&str>) {
        let key = SshKey {
            private_key: Secret::from(text),
            passphrase: passphrase.map(Secret::from),
            certificate: None,
        };
        let key = private_key::read(&key).unwrap().key;
        let fingerprint = key.fingerprint(HashAlg::Sha256).to_string();
        assert_eq!(fingerprint, FINGERPRINT);
    }

    #[test]
    fn a_key_with_a_short_scalar_is_read() {
        check(include_str!("testdata/short_scalar"), None);
    }

    #[test]
    fn an_encrypted_key_with_a_short_scalar_is_read() {
        let passphrase = Some("open sesame");
        check(include_str!("testdata/short_scalar_aes256_ctr"), passphrase);
        check(include_str!("testdata/short_scalar_aes256_gcm"), passphrase);
    }
}
