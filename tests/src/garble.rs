//! Input that is nearly right: what readers of bytes from outside must bear where
//! no fuzz target reaches them. The same seed gives the same bytes.

/// `bytes` with up to four changes: a byte that is another, a piece that is
/// gone, or one that stands there twice.
#[must_use]
pub fn garbled(bytes: &[u8], seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    // Marsaglia's xorshift64.
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % limit.max(1) as u64).unwrap_or_default()
    };
    let mut bytes = bytes.to_vec();
    for _ in 0..=below(4) {
        let from = below(bytes.len());
        let to = (from + below(24)).min(bytes.len());
        match below(4) {
            0 => drop(bytes.drain(from..to)),
            1 => {
                let piece = bytes[from..to].to_vec();
                bytes.splice(to..to, piece);
            }
            2 => {
                let marks = b"\"{}[]:,\\0e.-\0\xff\xed ";
                if let Some(byte) = bytes.get_mut(from) {
                    *byte = marks[below(marks.len())];
                }
            }
            _ => {
                if let Some(byte) = bytes.get_mut(from) {
                    *byte ^= 1 << below(8);
                }
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_garbles_in_one_way_and_others_in_others() {
        let bytes = b"{\"a\": [1, 2, 3], \"b\": \"text\"}";
        let all: std::collections::BTreeSet<_> =
            (0..100).map(|seed| garbled(bytes, seed)).collect();
        assert!(all.len() > 90, "{} of 100 differ", all.len());
        assert_eq!(garbled(bytes, 7), garbled(bytes, 7));
        assert_eq!(garbled(b"", 7), b"");
    }
}
