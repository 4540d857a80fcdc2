//! What a target may make us keep: bounds on everything that its PDUs would
//! have put together from pieces, looked at before anything is decoded. Also
//! tells what kind of update a fast-path PDU begins with. Holds numbers only.

use ironrdp_pdu::Action;

use crate::wire::Pdu;

/// Longest fast-path update, all its fragments together, in bytes. More than
/// an 8K screen that does not compress at all would be sent in one update.
const UPDATE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Longest message of a static channel, all its chunks together, in bytes.
const CHANNEL_MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Longest message of a dynamic channel, all its blocks together, in bytes.
const DYNAMIC_MESSAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// `CHANNEL_FLAG_FIRST` (MS-RDPBCGR 2.2.6.1.1).
const CHANNEL_FLAG_FIRST: u32 = 0x01;
/// `CHANNEL_PACKET_COMPRESSED` (MS-RDPBCGR 2.2.6.1.1): never negotiated here.
const CHANNEL_PACKET_COMPRESSED: u32 = 0x0020_0000;
/// `DYNVC_DATA_FIRST` and its compressed sibling (MS-RDPEDYC 2.2.3).
const DYNAMIC_DATA_FIRST: [u8; 2] = [0x02, 0x06];

/// A target wants more kept than anything sensible needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TooMuch {
    #[error("an update of more than {UPDATE_BYTES_MAX} bytes")]
    Update,
    #[error("a channel message of {0} bytes")]
    ChannelMessage(u32),
    #[error("a dynamic channel message of {0} bytes")]
    DynamicMessage(u32),
    #[error("a compressed channel message that was never agreed on")]
    Compressed,
}

/// What a fast-path PDU begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstUpdate {
    /// Bitmaps (MS-RDPBCGR 2.2.9.1.2.1.2).
    Bitmap,
    /// Surface commands (MS-RDPBCGR 2.2.9.1.2.1.10).
    Surface,
    /// Pointers, palettes and what means nothing here.
    Other,
}

/// Watches one connection.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    update_bytes: usize,
    dynamic_channel: Option<u16>,
}

impl Guard {
    /// Watches a connection whose dynamic channels travel in the static
    /// channel with this id.
    pub(crate) const fn new(dynamic_channel: Option<u16>) -> Self {
        Self {
            update_bytes: 0,
            dynamic_channel,
        }
    }

    /// Lets a PDU pass.
    ///
    /// # Errors
    /// When it would have too much kept.
    pub(crate) fn admit(&mut self, pdu: &Pdu, io_channel: u16) -> Result<(), TooMuch> {
        match pdu.action {
            Action::FastPath => self.admit_updates(&pdu.bytes),
            Action::X224 => self.admit_channel(&pdu.bytes, io_channel),
        }
    }

    fn admit_updates(&mut self, bytes: &[u8]) -> Result<(), TooMuch> {
        for update in Updates::of(bytes) {
            match update.fragmentation {
                // Single, last: whatever was begun is over.
                0 | 1 => self.update_bytes = 0,
                // First begins anew.
                2 => self.update_bytes = update.bytes,
                _ => self.update_bytes += update.bytes,
            }
            if self.update_bytes > UPDATE_BYTES_MAX {
                return Err(TooMuch::Update);
            }
        }
        Ok(())
    }

    fn admit_channel(&self, bytes: &[u8], io_channel: u16) -> Result<(), TooMuch> {
        let Some(data) = ironrdp_pdu::mcs::decode_send_data_indication(bytes).ok() else {
            return Ok(());
        };
        if data.channel_id == io_channel {
            return Ok(());
        }
        let Some((header, chunk)) = data.user_data.split_first_chunk::<8>() else {
            return Ok(());
        };
        let [a, b, c, d, e, f, g, h] = *header;
        let length = u32::from_le_bytes([a, b, c, d]);
        let flags = u32::from_le_bytes([e, f, g, h]);
        if flags & CHANNEL_PACKET_COMPRESSED != 0 {
            return Err(TooMuch::Compressed);
        }
        let is_dynamic = self.dynamic_channel == Some(data.channel_id);
        if length as usize > CHANNEL_MESSAGE_BYTES_MAX {
            return Err(TooMuch::ChannelMessage(length));
        }
        match dynamic_length(chunk) {
            Some(length)
                if is_dynamic
                    && flags & CHANNEL_FLAG_FIRST != 0
                    && length as usize > DYNAMIC_MESSAGE_BYTES_MAX =>
            {
                Err(TooMuch::DynamicMessage(length))
            }
            _ => Ok(()),
        }
    }
}

/// The length that the first block of a dynamic channel's message announces
/// (MS-RDPEDYC 2.2.3.1).
fn dynamic_length(chunk: &[u8]) -> Option<u32> {
    let (header, rest) = chunk.split_first()?;
    if !DYNAMIC_DATA_FIRST.contains(&(header >> 4)) {
        return None;
    }
    let size_of = |bits: u8| match bits & 0b11 {
        0 => 1,
        1 => 2,
        _ => 4,
    };
    let length = rest.get(size_of(*header)..)?.get(..size_of(header >> 2))?;
    Some(
        length
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte)),
    )
}

/// What a fast-path PDU begins with.
pub(crate) fn first_update(bytes: &[u8]) -> FirstUpdate {
    match Updates::of(bytes).next().map(|update| update.code) {
        Some(0x1) => FirstUpdate::Bitmap,
        Some(0x4) => FirstUpdate::Surface,
        _ => FirstUpdate::Other,
    }
}

/// The updates of one fast-path PDU (MS-RDPBCGR 2.2.9.1.2.1), as far as their
/// headers can be read.
struct Updates<'a> {
    rest: &'a [u8],
}

struct Update {
    code: u8,
    fragmentation: u8,
    bytes: usize,
}

impl<'a> Updates<'a> {
    fn of(pdu: &'a [u8]) -> Self {
        let header = match pdu.get(1) {
            Some(length) if length & 0x80 != 0 => 3,
            _ => 2,
        };
        Self {
            rest: pdu.get(header..).unwrap_or_default(),
        }
    }
}

impl Iterator for Updates<'_> {
    type Item = Update;

    fn next(&mut self) -> Option<Update> {
        let (header, mut rest) = self.rest.split_first()?;
        if header >> 6 == 2 {
            rest = rest.get(1..)?;
        }
        let (size, rest) = rest.split_first_chunk::<2>()?;
        let bytes = usize::from(u16::from_le_bytes(*size));
        self.rest = rest.get(bytes..).unwrap_or_default();
        Some(Update {
            code: header & 0x0f,
            fragmentation: header >> 4 & 0b11,
            bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bytes::Bytes;

    use super::*;

    fn fast_path(updates: &[(u8, u8, usize)]) -> Pdu {
        let mut body = Vec::new();
        for (code, fragmentation, bytes) in updates {
            body.push(code | fragmentation << 4);
            body.extend(u16::try_from(*bytes).unwrap().to_le_bytes());
            body.resize(body.len() + bytes, 0);
        }
        let length = u16::try_from(body.len() + 3).unwrap() | 0x8000;
        let mut pdu = vec![0];
        pdu.extend(length.to_be_bytes());
        pdu.extend(body);
        Pdu {
            action: Action::FastPath,
            bytes: Bytes::from(pdu),
            received_at: None,
        }
    }

    #[test]
    fn an_update_without_end_is_stopped() {
        let mut guard = Guard::new(None);
        guard.admit(&fast_path(&[(4, 2, 16_000)]), 1003).unwrap();
        let next = fast_path(&[(4, 3, 16_000)]);
        let admitted = (0..10_000).take_while(|_| guard.admit(&next, 1003).is_ok());
        let bytes = (admitted.count() + 1) * 16_000;
        assert!((UPDATE_BYTES_MAX - 16_000..=UPDATE_BYTES_MAX).contains(&bytes));
    }

    #[test]
    fn updates_that_end_may_go_on_for_ever() {
        let mut guard = Guard::new(None);
        for _ in 0..10_000 {
            guard.admit(&fast_path(&[(4, 2, 16_000)]), 1003).unwrap();
            guard
                .admit(&fast_path(&[(4, 1, 8_000), (1, 0, 100)]), 1003)
                .unwrap();
        }
    }

    #[test]
    fn a_pdu_is_known_by_its_first_update() {
        assert_eq!(
            first_update(&fast_path(&[(4, 0, 9)]).bytes),
            FirstUpdate::Surface
        );
        assert_eq!(
            first_update(&fast_path(&[(1, 0, 9)]).bytes),
            FirstUpdate::Bitmap
        );
        assert_eq!(
            first_update(&fast_path(&[(5, 0, 0)]).bytes),
            FirstUpdate::Other
        );
        assert_eq!(first_update(&[]), FirstUpdate::Other);
    }

    #[test]
    fn a_dynamic_message_says_how_long_it_is() {
        assert_eq!(dynamic_length(&[0x24, 7, 0x34, 0x12]), Some(0x1234));
        assert_eq!(dynamic_length(&[0x29, 7, 0, 1, 0, 0, 1]), Some(0x0100_0001));
        assert_eq!(dynamic_length(&[0x30, 7, 1, 2]), None);
        assert_eq!(dynamic_length(&[0x29, 7]), None);
    }
}
