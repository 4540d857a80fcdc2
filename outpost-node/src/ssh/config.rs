//! How this node speaks SSH: algorithms and buffer sizes.

use std::borrow::Cow;

use russh::client::Config;
use russh::keys::ssh_key::{Algorithm, EcdsaCurve, HashAlg};
use russh::{Preferred, SshId, cipher, compression};

use super::host_key::HostKeyPolicy;

/// SSH window of the session channel, in bytes: what a flood may have on its
/// way to the node. russh refills it as soon as the node has read, so it
/// bounds latency (what a Ctrl-C has to wait for), not memory.
const WINDOW_BYTES: u32 = 256 * 1024;
/// Largest SSH packet asked for, in bytes.
const PACKET_BYTES_MAX: u32 = 32 * 1024;
/// Messages that russh may hold for the session before it stops.
const CHANNEL_MESSAGES_MAX: usize = 16;

/// AES-GCM has hardware on every server; it is twice as fast as ChaCha20
/// there. CTR with a MAC is for what knows neither.
const CIPHERS: &[cipher::Name] = &[
    cipher::AES_256_GCM,
    cipher::AES_128_GCM,
    cipher::CHACHA20_POLY1305,
    cipher::AES_256_CTR,
    cipher::AES_192_CTR,
    cipher::AES_128_CTR,
];

/// No `ssh-rsa`: its SHA-1 signatures can be forged.
const HOST_KEYS: &[Algorithm] = &[
    Algorithm::Ed25519,
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP256,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP384,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP521,
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha512),
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha256),
    },
];

/// The configuration towards one target. Deadlines and keep-alive are the
/// session's own: russh's would fire while the node reads nothing on purpose.
pub(super) fn client_config(host_keys: &HostKeyPolicy) -> Config {
    Config {
        client_id: SshId::Standard(Cow::Borrowed(concat!(
            "SSH-2.0-Causeway_",
            env!("CARGO_PKG_VERSION")
        ))),
        window_size: WINDOW_BYTES,
        maximum_packet_size: PACKET_BYTES_MAX,
        channel_buffer_size: CHANNEL_MESSAGES_MAX,
        preferred: Preferred {
            key: Cow::Owned(host_keys.preferred_algorithms(HOST_KEYS)),
            cipher: Cow::Borrowed(CIPHERS),
            compression: Cow::Borrowed(&[compression::NONE]),
            ..Preferred::DEFAULT
        },
        inactivity_timeout: None,
        keepalive_interval: None,
        nodelay: true,
        ..Config::default()
    }
}
