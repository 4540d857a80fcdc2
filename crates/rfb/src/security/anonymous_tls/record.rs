//! Records (RFC 5246 section 6.2), and their encryption with AES-GCM
//! (RFC 5288).

use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce};
use bytes::{Buf as _, BufMut as _, BytesMut};

use super::super::error::LayerError;

/// TLS 1.2.
pub(super) const VERSION: [u8; 2] = [3, 3];
/// Length of a record's header, in bytes.
const HEADER_BYTES: usize = 5;
/// Most that a record says, in bytes (section 6.2.1).
const PLAIN_BYTES_MAX: usize = 1 << 14;
/// Longest record, in bytes (section 6.2.3).
const RECORD_BYTES_MAX: usize = PLAIN_BYTES_MAX + 2048;
/// Length of the nonce's part that is sent, in bytes.
const EXPLICIT_NONCE_BYTES: usize = 8;
/// Length of a tag, in bytes.
const TAG_BYTES: usize = 16;
/// Records without any content that are taken in a row.
const EMPTY_RECORDS_MAX: u32 = 32;

/// What a record carries (section 6.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContentType {
    ChangeCipherSpec,
    Alert,
    Handshake,
    ApplicationData,
}

/// A direction's key and the part of its nonces that is not sent.
pub(super) struct RecordKey {
    pub(super) key: LessSafeKey,
    pub(super) salt: [u8; 4],
}

/// The records that we send.
#[derive(Default)]
pub(super) struct Sending {
    key: Option<RecordKey>,
    sequence: u64,
}

/// The records that come.
#[derive(Default)]
pub(super) struct Receiving {
    key: Option<RecordKey>,
    sequence: u64,
    empty_in_a_row: u32,
}

impl ContentType {
    const fn code(self) -> u8 {
        match self {
            Self::ChangeCipherSpec => 20,
            Self::Alert => 21,
            Self::Handshake => 22,
            Self::ApplicationData => 23,
        }
    }

    const fn of_code(code: u8) -> Option<Self> {
        match code {
            20 => Some(Self::ChangeCipherSpec),
            21 => Some(Self::Alert),
            22 => Some(Self::Handshake),
            23 => Some(Self::ApplicationData),
            _ => None,
        }
    }
}

/// Writes a record that is not encrypted; `content` fits into one.
pub(super) fn write_plain(output: &mut BytesMut, content_type: ContentType, content: &[u8]) {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    output.put_u8(content_type.code());
    output.put_slice(&VERSION);
    output.put_u16(length);
    output.put_slice(content);
}

impl Sending {
    /// From now on records are encrypted.
    pub(super) fn begin(&mut self, key: RecordKey) {
        self.key = Some(key);
        self.sequence = 0;
    }

    /// Writes `plain` as encrypted records.
    pub(super) fn seal(
        &mut self,
        output: &mut BytesMut,
        content_type: ContentType,
        plain: &[u8],
    ) -> Result<(), LayerError> {
        let key = self
            .key
            .as_ref()
            .ok_or(LayerError::Protocol("no key yet"))?;
        for part in plain.chunks(PLAIN_BYTES_MAX) {
            // The sequence number never comes twice, which is all that is
            // asked of the nonce's part (RFC 5288, section 3).
            let explicit = self.sequence.to_be_bytes();
            let aad = authenticated(self.sequence, content_type, part.len())?;
            let mut record = part.to_vec();
            let tag = key
                .key
                .seal_in_place_separate_tag(key.nonce(explicit), Aad::from(aad), &mut record)
                .map_err(|_| LayerError::TooMuch("a record is too long"))?;
            self.sequence = next(self.sequence)?;
            let mut whole = BytesMut::with_capacity(record.len() + 24);
            whole.put_slice(&explicit);
            whole.put_slice(&record);
            whole.put_slice(tag.as_ref());
            write_plain(output, content_type, &whole);
        }
        Ok(())
    }
}

impl Receiving {
    /// From now on records are encrypted.
    pub(super) fn begin(&mut self, key: RecordKey) {
        self.key = Some(key);
        self.sequence = 0;
    }

    /// Takes the next whole record from `wire`.
    pub(super) fn next_record(
        &mut self,
        wire: &mut BytesMut,
    ) -> Result<Option<(ContentType, BytesMut)>, LayerError> {
        let Some(&[content_type, major, _, high, low]) = wire.first_chunk() else {
            return Ok(None);
        };
        let content_type = ContentType::of_code(content_type)
            .filter(|_| major == VERSION[0])
            .ok_or(LayerError::Protocol("what came is no TLS"))?;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > RECORD_BYTES_MAX {
            return Err(LayerError::TooMuch("a record is too long"));
        }
        if wire.len() < HEADER_BYTES + length {
            return Ok(None);
        }
        wire.advance(HEADER_BYTES);
        let record = wire.split_to(length);
        let content = self.open(content_type, record)?;
        if content.is_empty() {
            self.empty_in_a_row += 1;
            if self.empty_in_a_row > EMPTY_RECORDS_MAX {
                return Err(LayerError::TooMuch("nothing, over and over"));
            }
        } else {
            self.empty_in_a_row = 0;
        }
        Ok(Some((content_type, content)))
    }

    fn open(
        &mut self,
        content_type: ContentType,
        mut record: BytesMut,
    ) -> Result<BytesMut, LayerError> {
        let Some(key) = &self.key else {
            return Ok(record);
        };
        let length = record.len().checked_sub(EXPLICIT_NONCE_BYTES + TAG_BYTES);
        let length = length.ok_or(LayerError::Protocol("a record is too short"))?;
        let explicit = record.split_to(EXPLICIT_NONCE_BYTES);
        let mut nonce = [0; EXPLICIT_NONCE_BYTES];
        nonce.copy_from_slice(&explicit);
        let aad = authenticated(self.sequence, content_type, length)?;
        key.key
            .open_in_place(key.nonce(nonce), Aad::from(aad), &mut record)
            .map_err(|_| LayerError::Tampered)?;
        self.sequence = next(self.sequence)?;
        record.truncate(length);
        if record.len() > PLAIN_BYTES_MAX {
            return Err(LayerError::TooMuch("a record is too long"));
        }
        Ok(record)
    }
}

impl RecordKey {
    fn nonce(&self, explicit: [u8; EXPLICIT_NONCE_BYTES]) -> Nonce {
        let mut nonce = [0; 12];
        nonce[..4].copy_from_slice(&self.salt);
        nonce[4..].copy_from_slice(&explicit);
        Nonce::assume_unique_for_key(nonce)
    }
}

/// What is authenticated besides the content (section 6.2.3.3).
fn authenticated(
    sequence: u64,
    content_type: ContentType,
    length: usize,
) -> Result<[u8; 13], LayerError> {
    let length = u16::try_from(length).map_err(|_| LayerError::TooMuch("a record is too long"))?;
    let mut data = [0; 13];
    data[..8].copy_from_slice(&sequence.to_be_bytes());
    data[8] = content_type.code();
    data[9..11].copy_from_slice(&VERSION);
    data[11..].copy_from_slice(&length.to_be_bytes());
    Ok(data)
}

fn next(sequence: u64) -> Result<u64, LayerError> {
    sequence
        .checked_add(1)
        .ok_or(LayerError::TooMuch("more records than a key is good for"))
}
