//! TLS 1.3 between members: each side shows its raw Ed25519 public key (RFC
//! 7250) instead of a certificate, so there is no X.509 to parse and no
//! authority to trust but the key itself.
//!
//! The client accepts exactly one key. The server accepts any Ed25519 key and
//! leaves it to its caller ([`peer_key`]) to ask for a pass that names it.
//! Sessions are never resumed: each handshake proves both keys anew.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, Error,
    PeerIncompatible, ServerConfig, SignatureScheme,
};

use crate::key::{PUBLIC_KEY_LEN, SigningKey, VerifyingKey};

/// Why no TLS configuration could be made; our own fault, never a peer's.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no TLS configuration could be made")]
pub struct TlsConfigError(#[from] Error);

/// The side that dials: shows `own` and accepts nobody but `peer`.
///
/// # Errors
/// When the provider lacks TLS 1.3 or Ed25519.
pub fn client_config(
    own: &SigningKey,
    peer: VerifyingKey,
    alpn: &[u8],
) -> Result<ClientConfig, TlsConfigError> {
    let identity = AlwaysResolvesClientRawPublicKeys::new(certified_key(own)?);
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(ExactKey(peer)))
        .with_client_cert_resolver(Arc::new(identity));
    config.alpn_protocols = vec![alpn.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The side that listens: shows `own` and accepts whoever holds an Ed25519 key.
///
/// # Errors
/// When the provider lacks TLS 1.3 or Ed25519.
pub fn server_config(own: &SigningKey, alpn: &[u8]) -> Result<ServerConfig, TlsConfigError> {
    let identity = AlwaysResolvesServerRawPublicKeys::new(certified_key(own)?);
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_client_cert_verifier(Arc::new(AnyKey))
        .with_cert_resolver(Arc::new(identity));
    config.alpn_protocols = vec![alpn.to_vec()];
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// The key that a peer has proven in a finished handshake.
#[must_use]
pub fn peer_key(certificates: &[CertificateDer<'_>]) -> Option<VerifyingKey> {
    match certificates {
        [only] => from_spki(only),
        _ => None,
    }
}

/// `SubjectPublicKeyInfo` of an Ed25519 key up to the key itself: SEQUENCE {
/// SEQUENCE { OID 1.3.101.112 }, BIT STRING } (RFC 8410 section 4).
const SPKI_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

fn to_spki(key: &VerifyingKey) -> Vec<u8> {
    [&SPKI_PREFIX[..], key.as_bytes()].concat()
}

fn from_spki(der: &[u8]) -> Option<VerifyingKey> {
    let key: [u8; PUBLIC_KEY_LEN] = der.strip_prefix(&SPKI_PREFIX)?.try_into().ok()?;
    Some(VerifyingKey::from_bytes(key))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn certified_key(own: &SigningKey) -> Result<Arc<CertifiedKey>, TlsConfigError> {
    let pkcs8 = own.to_pkcs8();
    let key = aws_lc_rs::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(pkcs8.as_slice()))?;
    let shown = CertificateDer::from(to_spki(&own.verifying_key()));
    Ok(Arc::new(CertifiedKey::new(vec![shown], key)))
}

fn read_key(shown: &CertificateDer<'_>) -> Result<VerifyingKey, Error> {
    from_spki(shown).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))
}

fn check_signature(
    message: &[u8],
    shown: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, Error> {
    if signed.scheme == SignatureScheme::ED25519
        && read_key(shown)?.verifies(message, signed.signature())
    {
        return Ok(HandshakeSignatureValid::assertion());
    }
    Err(Error::InvalidCertificate(CertificateError::BadSignature))
}

fn no_tls12() -> Error {
    Error::PeerIncompatible(PeerIncompatible::Tls12NotOffered)
}

/// Accepts one key.
#[derive(Debug)]
struct ExactKey(VerifyingKey);

impl ServerCertVerifier for ExactKey {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if read_key(shown)? == self.0 {
            return Ok(ServerCertVerified::assertion());
        }
        Err(Error::InvalidCertificate(
            CertificateError::ApplicationVerificationFailure,
        ))
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// Accepts every Ed25519 key that its bearer can sign with.
#[derive(Debug)]
struct AnyKey;

impl ClientCertVerifier for AnyKey {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        read_key(shown).map(|_| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _shown: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(no_tls12())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        check_signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io;

    use super::*;
    use rustls::{ClientConnection, ServerConnection};

    /// Runs a handshake in memory; the key that the server saw.
    fn handshake(
        own: &SigningKey,
        peer: VerifyingKey,
        server: &SigningKey,
    ) -> io::Result<VerifyingKey> {
        let client = client_config(own, peer, b"test").unwrap();
        let server = server_config(server, b"test").unwrap();
        let name = ServerName::try_from("causeway").unwrap();
        let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
        let mut server = ServerConnection::new(Arc::new(server)).unwrap();
        while client.is_handshaking() || server.is_handshaking() {
            carry(
                |out| client.write_tls(out),
                |mut read| server.read_tls(&mut read),
            )?;
            server.process_new_packets().map_err(io::Error::other)?;
            carry(
                |out| server.write_tls(out),
                |mut read| client.read_tls(&mut read),
            )?;
            client.process_new_packets().map_err(io::Error::other)?;
        }
        Ok(peer_key(server.peer_certificates().unwrap()).unwrap())
    }

    fn carry(
        write: impl FnOnce(&mut Vec<u8>) -> io::Result<usize>,
        read: impl FnOnce(&[u8]) -> io::Result<usize>,
    ) -> io::Result<()> {
        let mut bytes = Vec::new();
        write(&mut bytes)?;
        read(&bytes).map(|_| ())
    }

    #[test]
    fn both_sides_prove_their_keys() {
        let (node, edge) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let seen = handshake(&node, edge.verifying_key(), &edge).unwrap();
        assert_eq!(seen, node.verifying_key());
    }

    #[test]
    fn another_key_than_the_pinned_one_is_refused() {
        let (node, edge) = (
            SigningKey::generate().unwrap(),
            SigningKey::generate().unwrap(),
        );
        let expected = SigningKey::generate().unwrap().verifying_key();
        assert!(handshake(&node, expected, &edge).is_err());
    }

    #[test]
    fn only_an_ed25519_key_reads_as_one() {
        let key = SigningKey::generate().unwrap().verifying_key();
        let spki = to_spki(&key);
        assert_eq!(from_spki(&spki), Some(key));
        assert_eq!(from_spki(&spki[1..]), None);
        assert_eq!(from_spki(&[&spki[..], &[0]].concat()), None);
        assert_eq!(from_spki(&[]), None);
    }
}
