//! UltraVNC's MS-Logon II (type 113).
//!
//! Diffie-Hellman with numbers of 64 bits, then name and password in DES-CBC
//! with the shared number as both key and initialisation vector. Anybody who
//! listens can find the number in a moment; it is spoken because Windows
//! machines offer nothing else.

use cipher::{Block, BlockEncrypt};
use des::Des;
use zeroize::Zeroizing;

use super::apple::write_text;
use super::credentials::Wanted;
use super::error::SecurityError;
use super::method::{Context, Progress};
use super::reader::Reader;
use super::vnc_auth::reversed_des;

/// Room for a name with its final NUL, in bytes.
const USERNAME_BYTES: usize = 256;
/// Room for a password with its final NUL, in bytes.
const PASSWORD_BYTES: usize = 64;

/// Answers the server's numbers.
pub(super) fn advance(
    reader: &mut Reader<'_>,
    context: &mut Context<'_>,
) -> Result<Option<Progress>, SecurityError> {
    let mut ahead = reader.clone();
    let numbers = (ahead.array(), ahead.array(), ahead.array());
    let (Some(generator), Some(modulus), Some(public)) = numbers else {
        return Ok(None);
    };
    if !context.knows(Wanted::BOTH) {
        return Ok(None);
    }
    *reader = ahead;
    let [generator, modulus, public] = [generator, modulus, public].map(u64::from_be_bytes);
    if modulus < 3 {
        return Err(SecurityError::Cryptography(
            "the prime of the key agreement is of no use",
        ));
    }
    let mut private = Zeroizing::new([0; 8]);
    context.fill(&mut *private);
    let private = u64::from_be_bytes(*private);
    let key = Zeroizing::new(power(public, private, modulus).to_be_bytes());

    let mut username = Zeroizing::new([0; USERNAME_BYTES]);
    let mut password = Zeroizing::new([0; PASSWORD_BYTES]);
    context.fill(&mut *username);
    context.fill(&mut *password);
    write_text(&mut *username, context.credentials.username(), "user name")?;
    write_text(&mut *password, context.credentials.password(), "password")?;
    encrypt(&mut *username, &key);
    encrypt(&mut *password, &key);
    let ours = power(generator, private, modulus).to_be_bytes();
    context.output.extend_from_slice(&ours);
    context.output.extend_from_slice(&*username);
    context.output.extend_from_slice(&*password);
    Ok(Some(Progress::Finished))
}

/// DES-CBC with VNC's reversed key, and the key as it is as the first vector.
fn encrypt(data: &mut [u8], key: &[u8; 8]) {
    let cipher = reversed_des(key);
    let mut before = *key;
    for block in data.chunks_exact_mut(8) {
        for (byte, before) in block.iter_mut().zip(before) {
            *byte ^= before;
        }
        cipher.encrypt_block(Block::<Des>::from_mut_slice(block));
        before.copy_from_slice(block);
    }
}

/// `base` to the `exponent`, modulo `modulus`, which is not 0.
fn power(base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let times = |a: u64, b: u64| {
        let product = u128::from(a) * u128::from(b) % u128::from(modulus);
        u64::try_from(product).unwrap_or(0)
    };
    let (mut result, mut base) = (1 % modulus, base % modulus);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_right_up_to_the_largest_modulus() {
        assert_eq!(power(3, 5, 7), 5);
        assert_eq!(power(u64::MAX, 0, 1), 0);
        // Fermat: 2^64 - 59 is a prime.
        assert_eq!(power(123_456_789, u64::MAX - 59, u64::MAX - 58), 1);
    }
}
