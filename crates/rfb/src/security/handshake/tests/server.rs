//! Servers' sides of what no server at hand speaks.

use std::fmt;

use aes::Aes128;
use bytes::BytesMut;
use cipher::{Block, BlockDecrypt as _, BlockEncrypt as _, KeyInit as _};
use des::Des;
use md5::{Digest as _, Md5};
use num_bigint_dig::BigUint;
use sha1::Sha1;
use sha2::Sha256;

use super::super::*;
use crate::security::LayerError;
use crate::security::ra2::ClientKey as RsaKey;
use crate::security::ra2::Records;

/// A prime of 1024 bits (RFC 2409, section 6.2), as Apple uses.
const OAKLEY_2: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF";

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|byte| *byte == 0).unwrap();
    String::from_utf8(field[..end].to_vec()).unwrap()
}

fn reversed_des(key: &[u8]) -> Des {
    let mut reversed = [0; 8];
    for (to, from) in reversed.iter_mut().zip(key) {
        *to = from.reverse_bits();
    }
    Des::new(&reversed.into())
}

pub(super) fn vnc_response(challenge: &[u8], password: &str) -> Vec<u8> {
    let mut response = challenge.to_vec();
    for block in response.chunks_exact_mut(8) {
        reversed_des(password.as_bytes()).encrypt_block(Block::<Des>::from_mut_slice(block));
    }
    response
}

pub(super) struct Apple {
    prime: BigUint,
    private: BigUint,
}

pub(super) fn apple() -> Apple {
    Apple {
        prime: BigUint::parse_bytes(OAKLEY_2.as_bytes(), 16).unwrap(),
        private: BigUint::from_bytes_be(&[0x5a; 64]),
    }
}

impl Apple {
    pub(super) fn hello(&self) -> Vec<u8> {
        let public = BigUint::from(2_u8).modpow(&self.private, &self.prime);
        let mut hello = vec![0, 2, 0, 128];
        hello.extend(self.prime.to_bytes_be());
        let public = public.to_bytes_be();
        hello.extend(vec![0; 128 - public.len()]);
        hello.extend(public);
        hello
    }

    pub(super) fn read(&self, answer: &[u8]) -> (String, String) {
        let (sealed, public) = answer.split_at(128);
        assert_eq!(public.len(), 128);
        let secret = BigUint::from_bytes_be(public).modpow(&self.private, &self.prime);
        let secret = secret.to_bytes_be();
        let padded = [&vec![0; 128 - secret.len()], &secret[..]].concat();
        let cipher = Aes128::new(&Md5::digest(padded));
        let mut fields = sealed.to_vec();
        for block in fields.chunks_exact_mut(16) {
            cipher.decrypt_block(Block::<Aes128>::from_mut_slice(block));
        }
        (text(&fields[..64]), text(&fields[64..]))
    }
}

pub(super) struct UltraVnc;

impl UltraVnc {
    const PRIME: u64 = u64::MAX - 58;
    const PRIVATE: u64 = 0x1234_5678_9abc_def1;

    fn power(base: u64) -> u64 {
        let big = BigUint::from(base).modpow(&Self::PRIVATE.into(), &Self::PRIME.into());
        big.to_bytes_be()
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }

    pub(super) fn hello(&self) -> Vec<u8> {
        let numbers = [7, Self::PRIME, Self::power(7)];
        numbers
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect()
    }

    pub(super) fn read(&self, answer: &[u8]) -> (String, String) {
        assert_eq!(answer.len(), 8 + 256 + 64);
        let public = u64::from_be_bytes(answer[..8].try_into().unwrap());
        let key = Self::power(public).to_be_bytes();
        let decrypt = |sealed: &[u8]| {
            let mut before = key.to_vec();
            let mut plain = Vec::new();
            for block in sealed.chunks_exact(8) {
                let mut open = block.to_vec();
                reversed_des(&key).decrypt_block(Block::<Des>::from_mut_slice(&mut open));
                plain.extend(open.iter().zip(&before).map(|(a, b)| a ^ b));
                before = block.to_vec();
            }
            text(&plain)
        };
        (decrypt(&answer[8..264]), decrypt(&answer[264..]))
    }
}

/// A server that speaks RSA-AES.
pub(super) struct Server {
    number: u8,
    wants_username: bool,
    key: RsaKey,
    pub(super) lies_about_hash: bool,
    pub(super) changes_records: bool,
    heard: Vec<u8>,
}

/// How a session with [`Server`] ended too early.
#[derive(Debug)]
pub(super) enum Broken {
    Handshake(SecurityError),
    Layer(LayerError),
}

impl From<SecurityError> for Broken {
    fn from(error: SecurityError) -> Self {
        Self::Handshake(error)
    }
}

impl From<LayerError> for Broken {
    fn from(error: LayerError) -> Self {
        Self::Layer(error)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Server {
    pub(super) fn new(number: u8, wants_username: bool) -> Self {
        Self {
            number,
            wants_username,
            key: RsaKey::generate().unwrap(),
            lies_about_hash: false,
            changes_records: false,
            heard: Vec::new(),
        }
    }

    /// Name and password as the client told them.
    pub(super) fn read(&self) -> (String, String) {
        let name_length = usize::from(self.heard[0]);
        let (name, rest) = self.heard[1..].split_at(name_length);
        assert_eq!(usize::from(rest[0]), rest.len() - 1);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (text(name), text(&rest[1..]))
    }

    fn digest(&self, parts: &[&[u8]]) -> Vec<u8> {
        if self.number < 100 {
            Sha1::digest(parts.concat()).to_vec()
        } else {
            Sha256::digest(parts.concat()).to_vec()
        }
    }

    /// Serves a client to the result; says whether that was encrypted.
    pub(super) fn serve(&mut self, config: SecurityConfig) -> Result<bool, Broken> {
        let mut handshake = Handshake::new(config);
        let hello = [b"RFB 003.008\n\x01", &[self.number][..], self.key.public()].concat();
        assert_eq!(handshake.handle_input(&hello)?, hello.len());
        let Some(Step::VerifyServerKey(shown)) = handshake.poll_step() else {
            panic!("the key is not judged");
        };
        assert_eq!(shown.as_bytes(), self.key.public());
        assert_eq!(handshake.poll_output().unwrap().len(), 13);
        handshake.handle_server_key_trusted();
        handshake.handle_input(&[])?;
        assert!(matches!(handshake.poll_step(), Some(Step::NeedClientKey)));
        handshake.handle_client_key(RsaKey::generate().unwrap());
        handshake.handle_input(&[])?;

        let answer = handshake.poll_output().unwrap();
        let (client_key, rest) = answer.split_at(4 + 512);
        assert_eq!(rest[..2], [1, 0]);
        let client_random = self.key.decrypt(&rest[2..])?;
        let key_bytes = if self.number < 100 { 16 } else { 32 };
        assert_eq!(client_random.len(), key_bytes);
        let server_random = vec![0xa5; key_bytes];
        let client = ServerKey::read(&mut Reader::new(client_key))?.unwrap();
        let sealed = client.encrypt(&server_random, |bytes| bytes.fill(3))?;
        handshake.handle_input(&[&[1, 0], &sealed[..]].concat())?;
        let Some(Step::Layer(mut layer)) = handshake.poll_step() else {
            panic!("no layer");
        };
        handshake.handle_layered();
        handshake.handle_input(&[])?;

        let incoming = self.digest(&[&server_random, &client_random]);
        let outgoing = self.digest(&[&client_random, &server_random]);
        let mut records = Records::new(&outgoing, &incoming, key_bytes);
        let heard = exchange(&mut handshake, &mut layer, &mut records);
        assert_eq!(heard, self.digest(&[client_key, self.key.public()]));
        let mut hash = self.digest(&[self.key.public(), client_key]);
        if self.lies_about_hash {
            hash[0] ^= 1;
        }
        records.seal(&hash)?;
        records.seal(&[if self.wants_username { 1 } else { 2 }])?;
        let mut wire = records.poll_output().unwrap().to_vec();
        if self.changes_records {
            wire[5] ^= 1;
        }
        let mut plain = BytesMut::new();
        layer.handle_input(&wire, &mut plain)?;
        handshake.handle_input(&plain)?;
        self.heard = exchange(&mut handshake, &mut layer, &mut records);
        let step = handshake.poll_step();
        if let Some(Step::RemoveLayer) = step {
            handshake.handle_layered();
        }
        handshake.handle_input(&[0; 4])?;
        assert!(matches!(handshake.poll_step(), Some(Step::Done(_))));
        Ok(step.is_none())
    }
}

/// What the client says through its layer.
fn exchange(handshake: &mut Handshake, layer: &mut Layer, records: &mut Records) -> Vec<u8> {
    layer.seal(&handshake.poll_output().unwrap()).unwrap();
    let mut plain = BytesMut::new();
    let wire = layer.poll_output().unwrap();
    records.handle_input(&wire, &mut plain).unwrap();
    plain.to_vec()
}
