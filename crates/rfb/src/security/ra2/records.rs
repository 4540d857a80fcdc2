//! The records of RSA-AES: a length, what is encrypted with AES in EAX mode,
//! and a tag of 16 bytes. The nonce counts the records of a direction,
//! little-endian; the length is authenticated.

use aes::{Aes128, Aes256};
use bytes::{Buf as _, Bytes, BytesMut};
use eax::Eax;
use eax::aead::generic_array::GenericArray;
use eax::aead::{AeadInPlace as _, KeyInit as _};

use super::super::error::LayerError;

/// Length of a record's length, in bytes.
const LENGTH_BYTES: usize = 2;
/// Length of a tag, in bytes.
const TAG_BYTES: usize = 16;
/// Most that is put into one record, in bytes; TigerVNC writes no longer ones.
const PLAIN_BYTES_MAX: usize = 8192;

/// Both directions.
pub struct Records {
    outgoing: Direction,
    incoming: Direction,
    /// What came of a record that is not complete.
    wire: BytesMut,
    output: BytesMut,
}

struct Direction {
    cipher: Cipher,
    sent: u128,
}

enum Cipher {
    Aes128(Box<Eax<Aes128>>),
    Aes256(Box<Eax<Aes256>>),
}

impl Records {
    /// Records with keys of 16 or 32 bytes, which are the first of the given
    /// digests.
    pub(in crate::security) fn new(outgoing: &[u8], incoming: &[u8], key_bytes: usize) -> Self {
        Self {
            outgoing: Direction::new(outgoing, key_bytes),
            incoming: Direction::new(incoming, key_bytes),
            wire: BytesMut::new(),
            output: BytesMut::new(),
        }
    }

    pub(crate) fn handle_input(
        &mut self,
        wire: &[u8],
        plain: &mut BytesMut,
    ) -> Result<(), LayerError> {
        self.wire.extend_from_slice(wire);
        while let Some(length) = self.wire.first_chunk::<LENGTH_BYTES>().copied() {
            let content = usize::from(u16::from_be_bytes(length));
            if self.wire.len() < LENGTH_BYTES + content + TAG_BYTES {
                break;
            }
            self.wire.advance(LENGTH_BYTES);
            let mut record = self.wire.split_to(content);
            let tag = self.wire.split_to(TAG_BYTES);
            self.incoming.open(&length, &mut record, &tag)?;
            plain.extend_from_slice(&record);
        }
        Ok(())
    }

    pub(crate) fn seal(&mut self, plain: &[u8]) -> Result<(), LayerError> {
        for part in plain.chunks(PLAIN_BYTES_MAX) {
            let failed = LayerError::TooMuch("a record is too long");
            let length = u16::try_from(part.len()).map_err(|_| failed)?.to_be_bytes();
            let mut record = part.to_vec();
            let tag = self.outgoing.seal(&length, &mut record)?;
            self.output.extend_from_slice(&length);
            self.output.extend_from_slice(&record);
            self.output.extend_from_slice(&tag);
        }
        Ok(())
    }

    pub(crate) fn poll_output(&mut self) -> Option<Bytes> {
        let output = self.output.split().freeze();
        (!output.is_empty()).then_some(output)
    }
}

impl Direction {
    fn new(digest: &[u8], key_bytes: usize) -> Self {
        let key = digest.get(..key_bytes).unwrap_or(digest);
        let cipher = if key_bytes == 32 {
            Cipher::Aes256(Box::new(Eax::new(GenericArray::from_slice(key))))
        } else {
            Cipher::Aes128(Box::new(Eax::new(GenericArray::from_slice(key))))
        };
        Self { cipher, sent: 0 }
    }

    fn seal(&mut self, length: &[u8], record: &mut [u8]) -> Result<[u8; TAG_BYTES], LayerError> {
        let nonce = self.next_nonce();
        let nonce = GenericArray::from_slice(&nonce);
        let tag = match &self.cipher {
            Cipher::Aes128(cipher) => cipher.encrypt_in_place_detached(nonce, length, record),
            Cipher::Aes256(cipher) => cipher.encrypt_in_place_detached(nonce, length, record),
        };
        tag.map(Into::into)
            .map_err(|_| LayerError::TooMuch("a record is too long"))
    }

    fn open(&mut self, length: &[u8], record: &mut [u8], tag: &[u8]) -> Result<(), LayerError> {
        let nonce = self.next_nonce();
        let nonce = GenericArray::from_slice(&nonce);
        let tag = GenericArray::from_slice(tag);
        match &self.cipher {
            Cipher::Aes128(cipher) => cipher.decrypt_in_place_detached(nonce, length, record, tag),
            Cipher::Aes256(cipher) => cipher.decrypt_in_place_detached(nonce, length, record, tag),
        }
        .map_err(|_| LayerError::Tampered)
    }

    fn next_nonce(&mut self) -> [u8; 16] {
        let nonce = self.sent.to_le_bytes();
        self.sent = self.sent.wrapping_add(1);
        nonce
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn pair(key_bytes: usize) -> (Records, Records) {
        let (a, b) = ([1; 32], [2; 32]);
        (
            Records::new(&a, &b, key_bytes),
            Records::new(&b, &a, key_bytes),
        )
    }

    #[test]
    fn what_is_sealed_is_opened_at_the_other_side() {
        for key_bytes in [16, 32] {
            let (mut ours, mut theirs) = pair(key_bytes);
            let text = vec![7; 3 * PLAIN_BYTES_MAX + 5];
            ours.seal(&text).unwrap();
            ours.seal(b"more").unwrap();
            let wire = ours.poll_output().unwrap();
            let mut plain = BytesMut::new();
            for byte in &wire {
                theirs.handle_input(&[*byte], &mut plain).unwrap();
            }
            assert_eq!(plain, [&text[..], b"more"].concat());
            assert_eq!(ours.poll_output(), None);
        }
    }

    #[test]
    fn a_changed_dropped_or_repeated_record_is_found() {
        let (mut ours, _) = pair(16);
        ours.seal(b"first").unwrap();
        let first = ours.poll_output().unwrap();
        ours.seal(b"second").unwrap();
        let second = ours.poll_output().unwrap();
        for position in 0..first.len() {
            let mut changed = first.to_vec();
            changed[position] ^= 1;
            // A longer length makes it wait: more follows.
            changed.extend([0; 300]);
            let (_, mut theirs) = pair(16);
            let result = theirs.handle_input(&changed, &mut BytesMut::new());
            assert!(result.is_err() || position < LENGTH_BYTES, "{position}");
        }
        for wire in [
            [&second[..], &first].concat(),
            [&first[..], &first].concat(),
        ] {
            let (_, mut theirs) = pair(16);
            let result = theirs.handle_input(&wire, &mut BytesMut::new());
            assert_eq!(result, Err(LayerError::Tampered));
        }
    }

    #[test]
    fn the_mode_is_eax() {
        // "The EAX Mode of Operation" (Bellare, Rogaway, Wagner), appendix.
        let key = [
            0x91, 0x94, 0x5d, 0x3f, 0x4d, 0xcb, 0xee, 0x0b, 0xf4, 0x5e, 0xf5, 0x22, 0x55, 0xf0,
            0x95, 0xa4,
        ];
        let nonce = [
            0xbe, 0xca, 0xf0, 0x43, 0xb0, 0xa2, 0x3d, 0x84, 0x31, 0x94, 0xba, 0x97, 0x2c, 0x66,
            0xde, 0xbd,
        ];
        let header = [0xfa, 0x3b, 0xfd, 0x48, 0x06, 0xeb, 0x53, 0xfa];
        let mut direction = Direction::new(&key, 16);
        direction.sent = u128::from_le_bytes(nonce);
        let mut message = [0xf7, 0xfb];
        let tag = direction.seal(&header, &mut message).unwrap();
        assert_eq!(message, [0x19, 0xdd]);
        let expected = [
            0x5c, 0x4c, 0x93, 0x31, 0x04, 0x9d, 0x0b, 0xda, 0xb0, 0x27, 0x74, 0x08, 0xf6, 0x79,
            0x67, 0xe5,
        ];
        assert_eq!(tag, expected);
    }
}
