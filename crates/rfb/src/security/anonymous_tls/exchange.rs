//! Key agreement and key derivation (RFC 5246 sections 5, 6.3, 7.4.9 and 8.1).

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Algorithm, LessSafeKey, UnboundKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{self, SHA256, SHA384};
use aws_lc_rs::tls_prf::{self, P_SHA256, P_SHA384};
use zeroize::Zeroizing;

use super::super::diffie_hellman::Group;
use super::super::error::LayerError;
use super::message::{
    CipherSuite, RANDOM_BYTES, ServerHello, ServerKeyExchange, VERIFY_DATA_BYTES,
};
use super::record::RecordKey;

/// Fewest bits of the server's prime.
const PRIME_BITS_MIN: usize = 1024;
/// Length of the master secret, in bytes.
const MASTER_SECRET_BYTES: usize = 48;
/// Length of the part of the nonces that is not sent, in bytes.
const SALT_BYTES: usize = 4;

/// All messages of the handshake so far.
#[derive(Default)]
pub(super) struct Transcript(Vec<u8>);

impl Transcript {
    /// A whole message; each of them is bounded, and so is their number.
    pub(super) fn add(&mut self, message: &[u8]) {
        self.0.extend_from_slice(message);
    }

    fn hash(&self, suite: CipherSuite) -> digest::Digest {
        let algorithm = match suite {
            CipherSuite::Aes128 => &SHA256,
            CipherSuite::Aes256 => &SHA384,
        };
        digest::digest(algorithm, &self.0)
    }
}

/// Our public key, and the secret that both sides know now.
pub(super) fn agree(
    server: &ServerKeyExchange,
    private: &[u8],
) -> Result<(Vec<u8>, Zeroizing<Vec<u8>>), LayerError> {
    let group = Group::new(&server.prime, &server.generator, PRIME_BITS_MIN);
    let group = group.ok_or(LayerError::Protocol("the group is of no use"))?;
    let length = group.length();
    let secret = group.shared(&server.public, private, length);
    let secret = secret.ok_or(LayerError::Protocol("the target's key is of no use"))?;
    // Leading zeros are no part of the secret (section 8.1.2).
    let zeros = secret.iter().take_while(|byte| **byte == 0).count();
    let secret = Zeroizing::new(secret[zeros..].to_vec());
    Ok((group.public(private, length), secret))
}

/// What both sides derived from the secret.
pub(super) struct Keys {
    suite: CipherSuite,
    master_secret: Zeroizing<Vec<u8>>,
    block: Zeroizing<Vec<u8>>,
}

impl Keys {
    /// `transcript` holds everything up to and with `ClientKeyExchange`.
    pub(super) fn derive(
        secret: &[u8],
        client_random: &[u8; RANDOM_BYTES],
        hello: &ServerHello,
        transcript: &Transcript,
    ) -> Result<Self, LayerError> {
        let suite = hello.suite;
        let randoms = [&client_random[..], &hello.random].concat();
        let master_secret = if hello.extended_master_secret {
            let hash = transcript.hash(suite);
            let label = b"extended master secret";
            derive(suite, secret, label, hash.as_ref(), MASTER_SECRET_BYTES)?
        } else {
            derive(
                suite,
                secret,
                b"master secret",
                &randoms,
                MASTER_SECRET_BYTES,
            )?
        };
        let randoms = [&hello.random[..], client_random].concat();
        let length = 2 * (key_bytes(suite) + SALT_BYTES);
        let block = derive(suite, &master_secret, b"key expansion", &randoms, length)?;
        Ok(Self {
            suite,
            master_secret,
            block,
        })
    }

    /// The key that we seal with.
    pub(super) fn sealing(&self) -> Result<RecordKey, LayerError> {
        self.record_key(0)
    }

    /// The key that the server seals with.
    pub(super) fn opening(&self) -> Result<RecordKey, LayerError> {
        self.record_key(1)
    }

    /// What proves that we know the keys.
    pub(super) fn clients(
        &self,
        transcript: &Transcript,
    ) -> Result<[u8; VERIFY_DATA_BYTES], LayerError> {
        self.verify_data(b"client finished", transcript)
    }

    /// Whether that proves that the server knows the keys.
    pub(super) fn is_servers(
        &self,
        transcript: &Transcript,
        verify_data: &[u8; VERIFY_DATA_BYTES],
    ) -> bool {
        self.verify_data(b"server finished", transcript)
            .is_ok_and(|expected| verify_slices_are_equal(&expected, verify_data).is_ok())
    }

    fn verify_data(
        &self,
        label: &[u8],
        transcript: &Transcript,
    ) -> Result<[u8; VERIFY_DATA_BYTES], LayerError> {
        let hash = transcript.hash(self.suite);
        let secret = &self.master_secret;
        let data = derive(self.suite, secret, label, hash.as_ref(), VERIFY_DATA_BYTES)?;
        <[u8; VERIFY_DATA_BYTES]>::try_from(&data[..]).map_err(|_| UNDERIVABLE)
    }

    /// The key block holds both keys, then both salts (section 6.3).
    fn record_key(&self, side: usize) -> Result<RecordKey, LayerError> {
        let key_bytes = key_bytes(self.suite);
        let (keys, salts) = self.block.split_at(2 * key_bytes);
        let key = UnboundKey::new(
            algorithm(self.suite),
            &keys[side * key_bytes..][..key_bytes],
        )
        .map_err(|_| UNDERIVABLE)?;
        let mut salt = [0; SALT_BYTES];
        salt.copy_from_slice(&salts[side * SALT_BYTES..][..SALT_BYTES]);
        Ok(RecordKey {
            key: LessSafeKey::new(key),
            salt,
        })
    }
}

const UNDERIVABLE: LayerError = LayerError::Protocol("no keys can be derived");

fn algorithm(suite: CipherSuite) -> &'static Algorithm {
    match suite {
        CipherSuite::Aes128 => &AES_128_GCM,
        CipherSuite::Aes256 => &AES_256_GCM,
    }
}

fn key_bytes(suite: CipherSuite) -> usize {
    algorithm(suite).key_len()
}

/// The pseudorandom function (section 5).
fn derive(
    suite: CipherSuite,
    secret: &[u8],
    label: &[u8],
    seed: &[u8],
    length: usize,
) -> Result<Zeroizing<Vec<u8>>, LayerError> {
    let prf = match suite {
        CipherSuite::Aes128 => &P_SHA256,
        CipherSuite::Aes256 => &P_SHA384,
    };
    let derived = tls_prf::Secret::new(prf, secret)
        .and_then(|secret| secret.derive(label, seed, length))
        .map_err(|_| UNDERIVABLE)?;
    Ok(Zeroizing::new(derived.as_ref().to_vec()))
}
