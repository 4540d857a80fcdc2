//! What a message that provides the clipboard carries: zlib over a length and
//! the text. Servers flush the stream and do not end it.

use bytes::Bytes;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use crate::error::RfbError;

/// Bytes that are inflated at a time.
const STEP_BYTES: usize = 16 * 1024;
/// Bytes that packing may add to a text that does not shrink.
const PACKING_BYTES: usize = 64 * 1024;
/// Bytes of a length.
const LENGTH_BYTES: usize = 4;

/// Bytes of text on the wire for `bytes_max` of ours: every line end may have
/// become two, and a zero ends it.
pub(crate) const fn text_bytes_max(bytes_max: usize) -> usize {
    bytes_max.saturating_mul(2).saturating_add(1)
}

/// Bytes of a message for `bytes_max` of text.
pub(crate) const fn packed_bytes_max(bytes_max: usize) -> usize {
    text_bytes_max(bytes_max).saturating_add(PACKING_BYTES)
}

/// The text of a message; none if there are more than `limit` bytes of it.
/// Never inflates more than that.
///
/// # Errors
/// [`RfbError::Clipboard`] if there is less than announced.
pub(crate) fn unpack(payload: &[u8], limit: usize) -> Result<Option<Vec<u8>>, RfbError> {
    let mut stream = Decompress::new(true);
    let mut length = [0; LENGTH_BYTES];
    let read = fill(&mut stream, payload, &mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > limit {
        return Ok(None);
    }
    let mut text = Vec::new();
    let mut rest = &payload[read..];
    while text.len() < length {
        let start = text.len();
        text.resize(length.min(start + STEP_BYTES), 0);
        let read = fill(&mut stream, rest, &mut text[start..])?;
        rest = &rest[read..];
    }
    Ok(Some(text))
}

/// Inflates until `output` is full; says how much was read.
fn fill(stream: &mut Decompress, input: &[u8], output: &mut [u8]) -> Result<usize, RfbError> {
    let before = (stream.total_in(), stream.total_out());
    let moved = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(0);
    loop {
        let read = moved(stream.total_in(), before.0);
        let written = moved(stream.total_out(), before.1);
        if written == output.len() {
            return Ok(read);
        }
        let so_far = (stream.total_in(), stream.total_out());
        stream
            .decompress(
                &input[read..],
                &mut output[written..],
                FlushDecompress::Sync,
            )
            .map_err(|_| RfbError::Clipboard)?;
        if so_far == (stream.total_in(), stream.total_out()) {
            return Err(RfbError::Clipboard);
        }
    }
}

/// A message's payload for `text`, which is as it goes over the wire. The
/// stream is flushed and not ended: libvncserver 0.9 takes the end of a stream
/// for an error, and closes the connection.
pub(crate) fn pack(text: &[u8]) -> Bytes {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut plain = Vec::with_capacity(LENGTH_BYTES + text.len());
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(text);
    let mut stream = Compress::new(Compression::fast(), true);
    let mut packed = Vec::with_capacity(plain.len() / 2 + 64);
    loop {
        let read = usize::try_from(stream.total_in()).unwrap_or(usize::MAX);
        let rest = plain.get(read..).unwrap_or_default();
        packed.reserve(STEP_BYTES);
        let outcome = stream.compress_vec(rest, &mut packed, FlushCompress::Sync);
        // All is out once there is room left. Compressing to memory that grows
        // has no way to fail.
        if outcome.is_err() || packed.len() < packed.capacity() {
            return Bytes::from(packed);
        }
    }
}
