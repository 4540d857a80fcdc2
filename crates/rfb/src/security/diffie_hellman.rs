//! Diffie-Hellman over a prime that the server chose.

use num_bigint_dig::BigUint;
use zeroize::Zeroizing;

/// Length of our private exponents, in bytes: twice the strength of the
/// largest group that is taken, and then some.
pub(super) const PRIVATE_BYTES: usize = 64;
/// Most bits of a prime: more would only cost time.
const PRIME_BITS_MAX: usize = 4096;

/// What a server chose.
pub(super) struct Group {
    prime: BigUint,
    generator: BigUint,
}

impl Group {
    /// A group with a prime of at least `bits_min` bits; `None` when it is
    /// none to reckon in, or so large that it would only cost time.
    pub(super) fn new(prime: &[u8], generator: &[u8], bits_min: usize) -> Option<Self> {
        let prime = BigUint::from_bytes_be(prime);
        let generator = BigUint::from_bytes_be(generator);
        let one = BigUint::from(1_u8);
        let is_odd = &prime % 2_u8 == one;
        let fits = (bits_min..=PRIME_BITS_MAX).contains(&prime.bits());
        let generates = generator > one && generator < prime;
        (is_odd && fits && generates).then_some(Self { prime, generator })
    }

    /// What the other side is told of our `private` exponent, as long as
    /// `length` bytes.
    pub(super) fn public(&self, private: &[u8], length: usize) -> Vec<u8> {
        let private = BigUint::from_bytes_be(private);
        padded(&self.generator.modpow(&private, &self.prime), length)
    }

    /// The secret shared with who told `public`, as long as `length` bytes;
    /// `None` when that makes every secret the same.
    pub(super) fn shared(
        &self,
        public: &[u8],
        private: &[u8],
        length: usize,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let public = BigUint::from_bytes_be(public);
        let one = BigUint::from(1_u8);
        if public <= one || public >= &self.prime - &one {
            return None;
        }
        let private = BigUint::from_bytes_be(private);
        let secret = public.modpow(&private, &self.prime);
        Some(Zeroizing::new(padded(&secret, length)))
    }

    /// Bytes of the prime.
    pub(super) fn length(&self) -> usize {
        self.prime.bits().div_ceil(8)
    }
}

/// A number as exactly `length` bytes, big-endian; it has no more.
fn padded(number: &BigUint, length: usize) -> Vec<u8> {
    let digits = number.to_bytes_be();
    let mut bytes = vec![0; length.saturating_sub(digits.len())];
    bytes.extend(digits);
    bytes
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn both_sides_find_the_same_secret() {
        // 2^127 - 1 is a prime.
        let prime = [&[0x7f][..], &[0xff; 15]].concat();
        let group = Group::new(&prime, &[3], 64).unwrap();
        assert_eq!(group.length(), 16);
        let (ours, theirs) = ([7_u8; 8], [9_u8; 8]);
        let secret = group.shared(&group.public(&theirs, 16), &ours, 16).unwrap();
        let other = group.shared(&group.public(&ours, 16), &theirs, 16).unwrap();
        assert_eq!(secret, other);
        assert_eq!(secret.len(), 16);
    }

    #[test]
    fn groups_and_keys_without_worth_are_refused() {
        let prime = [&[0x7f][..], &[0xff; 15]].concat();
        assert!(Group::new(&prime, &[3], 1024).is_none(), "too small");
        assert!(Group::new(&[0xff; 513], &[3], 64).is_none(), "too large");
        assert!(Group::new(&[0xfe; 16], &[3], 64).is_none(), "even");
        assert!(Group::new(&prime, &[1], 64).is_none(), "generates nothing");
        assert!(Group::new(&[], &[], 0).is_none(), "nothing");
        let group = Group::new(&prime, &[3], 64).unwrap();
        let minus_one = [&prime[..15], &[0xfe]].concat();
        for public in [&[][..], &[0], &[1], &minus_one, &prime, &[0xff; 32]] {
            assert!(group.shared(public, &[5], 16).is_none(), "{public:?}");
        }
    }
}
