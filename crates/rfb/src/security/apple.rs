//! Apple's Diffie-Hellman authentication (rfbproto, "Diffie-Hellman
//! Authentication", type 30).
//!
//! Name and password are encrypted with AES-128 in ECB mode, the key being
//! the MD5 of the shared secret. What follows is not encrypted.

use aes::Aes128;
use cipher::{Block, BlockEncrypt, KeyInit};
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use super::credentials::Wanted;
use super::diffie_hellman::{Group, PRIVATE_BYTES};
use super::error::SecurityError;
use super::method::{Context, Progress};
use super::reader::Reader;

/// Room for a name or a password with its final NUL, in bytes.
const FIELD_BYTES: usize = 64;
/// Longest prime and key, in bytes.
const KEY_BYTES_MAX: usize = 512;
/// Bits that a prime has at least. Apple's has 1024.
const PRIME_BITS_MIN: usize = 512;

/// Answers the server's key.
pub(super) fn advance(
    reader: &mut Reader<'_>,
    context: &mut Context<'_>,
) -> Result<Option<Progress>, SecurityError> {
    let mut ahead = reader.clone();
    let Some((generator, prime, public)) = read(&mut ahead)? else {
        return Ok(None);
    };
    if !context.knows(Wanted::BOTH) {
        return Ok(None);
    }
    *reader = ahead;
    let group = Group::new(prime, &generator, PRIME_BITS_MIN).ok_or(
        SecurityError::Cryptography("the prime of the key agreement is of no use"),
    )?;
    let mut private = Zeroizing::new([0; PRIVATE_BYTES]);
    context.fill(&mut *private);
    let secret = group
        .shared(public, &*private, prime.len())
        .ok_or(SecurityError::Cryptography("the target's key is of no use"))?;
    let sealed = seal(&secret, context)?;
    context.output.extend_from_slice(&sealed);
    context.output.extend(group.public(&*private, prime.len()));
    Ok(Some(Progress::Finished))
}

/// Generator, prime and the server's key.
type Parameters<'a> = ([u8; 2], &'a [u8], &'a [u8]);

fn read<'a>(reader: &mut Reader<'a>) -> Result<Option<Parameters<'a>>, SecurityError> {
    let (Some(generator), Some(length)) = (reader.array(), reader.u16()) else {
        return Ok(None);
    };
    let length = usize::from(length);
    if length == 0 || length > KEY_BYTES_MAX {
        return Err(SecurityError::Protocol("the length of the key cannot be"));
    }
    let (Some(prime), Some(public)) = (reader.bytes(length), reader.bytes(length)) else {
        return Ok(None);
    };
    Ok(Some((generator, prime, public)))
}

fn seal(secret: &[u8], context: &mut Context<'_>) -> Result<[u8; 2 * FIELD_BYTES], SecurityError> {
    let mut fields = Zeroizing::new([0; 2 * FIELD_BYTES]);
    // What stands behind the texts is random: the mode repeats what repeats.
    context.fill(&mut *fields);
    let (username, password) = fields.split_at_mut(FIELD_BYTES);
    write_text(username, context.credentials.username(), "user name")?;
    write_text(password, context.credentials.password(), "password")?;
    let key = Zeroizing::new(<[u8; 16]>::from(Md5::digest(secret)));
    let cipher = Aes128::new(&(*key).into());
    let mut sealed = *fields;
    for block in sealed.chunks_exact_mut(16) {
        cipher.encrypt_block(Block::<Aes128>::from_mut_slice(block));
    }
    Ok(sealed)
}

/// Puts a text and its final NUL at the beginning of a field.
pub(super) fn write_text(
    field: &mut [u8],
    text: &str,
    what: &'static str,
) -> Result<(), SecurityError> {
    let bytes_max = field.len().saturating_sub(1);
    if text.len() > bytes_max {
        return Err(SecurityError::CredentialsTooLong { what, bytes_max });
    }
    field[..text.len()].copy_from_slice(text.as_bytes());
    field[text.len()] = 0;
    Ok(())
}
