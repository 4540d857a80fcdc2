//! A fingerprint of a run of pixels.
//!
//! It tells whether pixels changed without keeping the old ones. Sixty-four
//! bits: two runs that differ are taken for equal once in 2^64. It is not keyed:
//! who could make a collision could as well draw what he likes.

use crate::framebuffer::PIXEL_BYTES;

/// What no run of pixels has: nothing is known of it.
pub(crate) const UNKNOWN: u64 = 0;

/// The fourth byte of a pixel means nothing, so it counts for nothing.
const MEANT: u64 = 0x00ff_ffff_00ff_ffff;
/// Odd numbers without a pattern, as wyhash has them.
const KEYS: [u64; 4] = [
    0xa076_1d64_78bd_642f,
    0xe703_7ed1_a0b4_28db,
    0x8ebc_6af0_9c88_c6e3,
    0x5899_65cc_7537_4cc3,
];

/// The fingerprint of some pixels; never [`UNKNOWN`].
pub(crate) fn fingerprint(pixels: &[u8]) -> u64 {
    let (words, rest) = pixels.as_chunks::<8>();
    let (blocks, words) = words.as_chunks::<4>();
    let mut lanes = [KEYS[0], KEYS[1]];
    for [a, b, c, d] in blocks {
        lanes[0] = fold(word(*a) ^ KEYS[2], word(*b) ^ lanes[0]);
        lanes[1] = fold(word(*c) ^ KEYS[3], word(*d) ^ lanes[1]);
    }
    for a in words {
        lanes[0] = fold(word(*a) ^ KEYS[2], lanes[0]);
    }
    if let Some(pixel) = rest.first_chunk::<PIXEL_BYTES>() {
        let value = u64::from(u32::from_le_bytes(*pixel)) & MEANT;
        lanes[1] = fold(value ^ KEYS[3], lanes[1]);
    }
    fold(lanes[0] ^ pixels.len() as u64, lanes[1] ^ KEYS[2]).max(1)
}

const fn word(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes) & MEANT
}

/// Both halves of the product, so that every bit counts.
#[allow(clippy::cast_possible_truncation)]
const fn fold(a: u64, b: u64) -> u64 {
    let product = (a as u128) * (b as u128);
    (product as u64) ^ ((product >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meant_byte_counts_and_the_fourth_does_not() {
        for length in [1, 2, 3, 7, 8, 9, 17, 64] {
            let pixels: Vec<u8> = (0..length * 4).map(|at: u32| at.to_le_bytes()[0]).collect();
            let base = fingerprint(&pixels);
            assert_ne!(base, UNKNOWN);
            for at in 0..pixels.len() {
                let mut other = pixels.clone();
                other[at] ^= 0x10;
                assert_eq!(fingerprint(&other) == base, at % 4 == 3, "{length}: {at}");
            }
        }
    }
}
