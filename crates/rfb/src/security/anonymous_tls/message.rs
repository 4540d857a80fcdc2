//! Messages of the handshake (RFC 5246 section 7.4).

use super::super::error::LayerError;
use super::super::reader::Reader;
use super::record::VERSION;

/// Length of a message's header, in bytes: its type and its length.
pub(super) const HEADER_BYTES: usize = 4;
/// Length of a random number, in bytes.
pub(super) const RANDOM_BYTES: usize = 32;
/// Length of what proves that a side knows the keys, in bytes.
pub(super) const VERIFY_DATA_BYTES: usize = 12;

const EXTENSION_SUPPORTED_GROUPS: u16 = 10;
const EXTENSION_EXTENDED_MASTER_SECRET: u16 = 23;
const EXTENSION_RENEGOTIATION_INFO: u16 = 0xff01;
/// ffdhe2048, ffdhe3072, ffdhe4096 (RFC 7919): a server that knows them takes
/// one of them rather than a group of its own.
const GROUPS: [u16; 3] = [0x0100, 0x0101, 0x0102];

/// A cipher suite that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CipherSuite {
    /// `TLS_DH_anon_WITH_AES_128_GCM_SHA256`
    Aes128,
    /// `TLS_DH_anon_WITH_AES_256_GCM_SHA384`
    Aes256,
}

/// What a server sends.
#[derive(Debug)]
pub(super) enum Message {
    HelloRequest,
    ServerHello(ServerHello),
    ServerKeyExchange(ServerKeyExchange),
    ServerHelloDone,
    Finished([u8; VERIFY_DATA_BYTES]),
}

/// What the server chose.
#[derive(Debug)]
pub(super) struct ServerHello {
    pub(super) random: [u8; RANDOM_BYTES],
    pub(super) suite: CipherSuite,
    /// The master secret is bound to the handshake (RFC 7627).
    pub(super) extended_master_secret: bool,
}

/// The server's group and key (section 7.4.3).
#[derive(Debug)]
pub(super) struct ServerKeyExchange {
    pub(super) prime: Vec<u8>,
    pub(super) generator: Vec<u8>,
    pub(super) public: Vec<u8>,
}

impl CipherSuite {
    const ALL: [Self; 2] = [Self::Aes128, Self::Aes256];

    const fn code(self) -> u16 {
        match self {
            Self::Aes128 => 0x00a6,
            Self::Aes256 => 0x00a7,
        }
    }
}

/// `ClientHello`, with its header.
pub(super) fn client_hello(random: &[u8; RANDOM_BYTES]) -> Vec<u8> {
    let suites: Vec<u8> = CipherSuite::ALL
        .iter()
        .flat_map(|suite| suite.code().to_be_bytes())
        .collect();
    let groups: Vec<u8> = GROUPS
        .iter()
        .flat_map(|group| group.to_be_bytes())
        .collect();
    let extensions = [
        extension(EXTENSION_RENEGOTIATION_INFO, &[0]),
        extension(EXTENSION_EXTENDED_MASTER_SECRET, &[]),
        extension(EXTENSION_SUPPORTED_GROUPS, &counted(&groups)),
    ]
    .concat();
    let body = [
        &VERSION[..],
        random,
        // No session to resume.
        &[0],
        &counted(&suites),
        // No compression.
        &[1, 0],
        &counted(&extensions),
    ]
    .concat();
    message(1, &body)
}

/// `ClientKeyExchange`, with its header.
pub(super) fn client_key_exchange(public: &[u8]) -> Result<Vec<u8>, LayerError> {
    if public.len() > usize::from(u16::MAX) {
        return Err(LayerError::TooMuch("the group is too large"));
    }
    Ok(message(16, &counted(public)))
}

/// `Finished`, with its header.
pub(super) fn finished(verify_data: &[u8; VERIFY_DATA_BYTES]) -> Vec<u8> {
    message(20, verify_data)
}

impl Message {
    /// Reads a whole message with its header.
    pub(super) fn read(whole: &[u8]) -> Result<Self, LayerError> {
        let wrong = LayerError::Protocol("a message of the handshake cannot be read");
        let (header, body) = whole.split_at_checked(HEADER_BYTES).ok_or(wrong)?;
        let mut reader = Reader::new(body);
        let message = match header[0] {
            0 => Some(Self::HelloRequest),
            2 => read_server_hello(&mut reader)?.map(Self::ServerHello),
            12 => read_server_key_exchange(&mut reader).map(Self::ServerKeyExchange),
            14 => Some(Self::ServerHelloDone),
            20 => reader.array().map(Self::Finished),
            11 | 13 => {
                return Err(LayerError::Protocol("a certificate where none belongs"));
            }
            _ => None,
        };
        message.filter(|_| reader.rest().is_empty()).ok_or(wrong)
    }
}

fn read_server_hello(reader: &mut Reader<'_>) -> Result<Option<ServerHello>, LayerError> {
    let Some((version, random, suite, compression)) = read_choices(reader) else {
        return Ok(None);
    };
    if version != VERSION {
        return Err(LayerError::Protocol("another version than TLS 1.2"));
    }
    let chosen = CipherSuite::ALL
        .into_iter()
        .find(|known| known.code() == suite);
    let (Some(suite), 0) = (chosen, compression) else {
        return Err(LayerError::Protocol("a cipher suite that was not offered"));
    };
    let mut hello = ServerHello {
        random,
        suite,
        extended_master_secret: false,
    };
    if reader.rest().is_empty() {
        return Ok(Some(hello));
    }
    let Some(length) = reader.u16() else {
        return Ok(None);
    };
    let Some(extensions) = reader.bytes(usize::from(length)) else {
        return Ok(None);
    };
    let mut extensions = Reader::new(extensions);
    while let Some(kind) = extensions.u16() {
        let Some(length) = extensions.u16() else {
            return Ok(None);
        };
        if extensions.bytes(usize::from(length)).is_none() {
            return Ok(None);
        }
        hello.extended_master_secret |= kind == EXTENSION_EXTENDED_MASTER_SECRET;
    }
    Ok(Some(hello))
}

type Choices = ([u8; 2], [u8; RANDOM_BYTES], u16, u8);

/// Version, random, cipher suite and compression of a `ServerHello`.
fn read_choices(reader: &mut Reader<'_>) -> Option<Choices> {
    let (version, random) = (reader.array()?, reader.array()?);
    let session = reader.u8()?;
    reader.bytes(usize::from(session))?;
    Some((version, random, reader.u16()?, reader.u8()?))
}

fn read_server_key_exchange(reader: &mut Reader<'_>) -> Option<ServerKeyExchange> {
    let mut number = || {
        let length = reader.u16()?;
        reader.bytes(usize::from(length)).map(<[u8]>::to_vec)
    };
    Some(ServerKeyExchange {
        prime: number()?,
        generator: number()?,
        public: number()?,
    })
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn extension(kind: u16, content: &[u8]) -> Vec<u8> {
    [&kind.to_be_bytes()[..], &counted(content)].concat()
}

/// With its length before it, in two bytes.
fn counted(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], content].concat()
}
