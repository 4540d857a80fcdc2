//! The RSA keys of both sides.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize, Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::KeyPair as _;
use num_bigint_dig::BigUint;
use zeroize::Zeroizing;

use super::super::error::SecurityError;
use super::super::reader::Reader;

/// Fewest bits of a server's key; TigerVNC takes no smaller ones either.
const BITS_MIN: u32 = 1024;
/// Most bits of a server's key.
const BITS_MAX: u32 = 8192;
/// Most bits of a public exponent: a larger one only costs time.
const EXPONENT_BITS_MAX: usize = 64;
/// Fewest random bytes of a padding (RFC 8017, section 7.2.1).
const PADDING_BYTES_MIN: usize = 8;

/// An RSA key as the server showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKey {
    /// Number of bits, modulus, exponent, as on the wire.
    encoded: Vec<u8>,
    modulus: BigUint,
    exponent: BigUint,
}

impl ServerKey {
    /// The key as it was on the wire: the number of its bits in four bytes,
    /// modulus and exponent, both as long as the modulus.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.encoded
    }

    pub(in crate::security) fn read(
        reader: &mut Reader<'_>,
    ) -> Result<Option<Self>, SecurityError> {
        let mut ahead = reader.clone();
        let Some(bits) = ahead.u32() else {
            return Ok(None);
        };
        if !(BITS_MIN..=BITS_MAX).contains(&bits) {
            return Err(SecurityError::Cryptography(
                "the size of the target's key cannot be",
            ));
        }
        let length = usize::try_from(bits.div_ceil(8)).unwrap_or(usize::MAX);
        let (Some(modulus), Some(exponent)) = (ahead.bytes(length), ahead.bytes(length)) else {
            return Ok(None);
        };
        *reader = ahead;
        let key = Self {
            encoded: [&bits.to_be_bytes(), modulus, exponent].concat(),
            modulus: BigUint::from_bytes_be(modulus),
            exponent: BigUint::from_bytes_be(exponent),
        };
        let one = BigUint::from(1_u8);
        let is_odd = |number: &BigUint| number % 2_u8 == one;
        let is_key = key.modulus.bits().div_ceil(8) == length
            && is_odd(&key.modulus)
            && is_odd(&key.exponent)
            && key.exponent > one
            && key.exponent.bits() <= EXPONENT_BITS_MAX;
        if !is_key {
            return Err(SecurityError::Cryptography("the target's key is of no use"));
        }
        Ok(Some(key))
    }

    /// Encrypts a short message (RSAES-PKCS1-v1_5, RFC 8017 section 7.2.1).
    pub(in crate::security) fn encrypt(
        &self,
        message: &[u8],
        mut fill: impl FnMut(&mut [u8]),
    ) -> Result<Vec<u8>, SecurityError> {
        let length = self.modulus.bits().div_ceil(8);
        let padding_length = length
            .checked_sub(message.len() + 3)
            .filter(|count| *count >= PADDING_BYTES_MIN)
            .ok_or(SecurityError::Cryptography("the target's key is too short"))?;
        let mut block = Zeroizing::new(vec![0, 2]);
        for _ in 0..padding_length {
            let mut byte = [0];
            while byte == [0] {
                fill(&mut byte);
            }
            block.extend(byte);
        }
        block.push(0);
        block.extend_from_slice(message);
        let number = BigUint::from_bytes_be(&block);
        let sealed = number.modpow(&self.exponent, &self.modulus).to_bytes_be();
        let mut padded = vec![0; length.saturating_sub(sealed.len())];
        padded.extend(sealed);
        Ok(padded)
    }
}

/// Our RSA key, for one connection.
pub struct ClientKey {
    private: Pkcs1PrivateDecryptingKey,
    public: Vec<u8>,
    bytes: usize,
}

impl ClientKey {
    /// Makes a key of 2048 bits. This draws random numbers and takes a tenth
    /// of a second: nothing for a thread that serves sockets.
    ///
    /// # Errors
    /// When the library makes none.
    pub fn generate() -> Result<Self, SecurityError> {
        let failed = |_| SecurityError::Cryptography("no key can be made");
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(failed)?;
        Self::from_pkcs8(der.as_ref())
    }

    /// Takes a key in PKCS #8.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SecurityError> {
        let failed = SecurityError::Cryptography("the key cannot be used");
        let pair = KeyPair::from_pkcs8(pkcs8).map_err(|_| failed.clone())?;
        let modulus = pair.public_key().modulus();
        let modulus = modulus.big_endian_without_leading_zero().to_vec();
        let exponent = pair.public_key().exponent();
        let exponent = exponent.big_endian_without_leading_zero();
        let bytes = modulus.len();
        let bits = u32::try_from(bytes * 8).map_err(|_| failed.clone())?;
        let leading = vec![0; bytes.saturating_sub(exponent.len())];
        let private = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| failed.clone())?;
        Ok(Self {
            private: Pkcs1PrivateDecryptingKey::new(private).map_err(|_| failed)?,
            public: [&bits.to_be_bytes(), &modulus[..], &leading, exponent].concat(),
            bytes,
        })
    }

    /// Number of bits, modulus and exponent, as on the wire.
    pub(in crate::security) fn public(&self) -> &[u8] {
        &self.public
    }

    /// Bytes of the modulus.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(in crate::security) fn decrypt(
        &self,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SecurityError> {
        let mut buffer = Zeroizing::new(vec![0; self.private.min_output_size()]);
        let message = self
            .private
            .decrypt(sealed, &mut buffer)
            .map_err(|_| SecurityError::Cryptography("the random number cannot be read"))?;
        Ok(Zeroizing::new(message.to_vec()))
    }
}

impl std::fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientKey(..)")
    }
}
