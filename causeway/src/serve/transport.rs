//! Plain on loopback, TLS everywhere else, unless somebody insists.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::cli::{ListenAddress, TlsArgs};

/// How bytes travel on a listener.
#[derive(Clone)]
pub(crate) enum Transport {
    /// HTTP and WebSocket as they are.
    Plain,
    /// HTTPS and secure WebSocket.
    Tls(Arc<ServerConfig>),
}

/// Why there is no transport for an address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransportError {
    #[error(
        "{flag} {address} can be reached by others, and plain HTTP would show them passwords: \
         give --tls-cert and --tls-key, or listen on 127.0.0.1, or say --insecure if something \
         in front of it speaks TLS",
        address = address.0
    )]
    NeedsTls {
        flag: &'static str,
        address: ListenAddress,
    },
    #[error("cannot read the certificate chain {}", path.display())]
    Certificate {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    #[error("no certificate in {}", path.display())]
    NoCertificate { path: PathBuf },
    #[error("cannot read the private key {}", path.display())]
    Key {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    #[error("certificate and private key do not fit together")]
    Pair(#[source] rustls::Error),
}

impl Transport {
    /// The transport for each of `addresses`, named by their flags.
    ///
    /// # Errors
    /// When an address that others can reach would be served without TLS, or
    /// the certificate or key cannot be used.
    pub(crate) fn for_addresses(
        addresses: &[(&'static str, ListenAddress)],
        tls: &TlsArgs,
    ) -> Result<Self, TransportError> {
        if let (Some(certificate), Some(key)) = (&tls.tls_cert, &tls.tls_key) {
            return Ok(Self::Tls(Arc::new(server_config(certificate, key)?)));
        }
        let exposed = addresses.iter().find(|(_, address)| !address.is_loopback());
        match exposed {
            Some(&(flag, address)) if !tls.insecure => {
                Err(TransportError::NeedsTls { flag, address })
            }
            Some(_) | None => Ok(Self::Plain),
        }
    }

    /// Certificate and key, when it is TLS.
    pub(crate) fn tls(&self) -> Option<Arc<ServerConfig>> {
        match self {
            Self::Plain => None,
            Self::Tls(config) => Some(Arc::clone(config)),
        }
    }

    /// The scheme of web pages over it.
    pub(crate) const fn http_scheme(&self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Tls(_) => "https",
        }
    }

    /// The scheme of websockets over it.
    pub(crate) const fn websocket_scheme(&self) -> &'static str {
        match self {
            Self::Plain => "ws",
            Self::Tls(_) => "wss",
        }
    }
}

fn server_config(certificate: &Path, key: &Path) -> Result<ServerConfig, TransportError> {
    let chain: Vec<_> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|source| TransportError::Certificate {
            path: certificate.into(),
            source,
        })?;
    if chain.is_empty() {
        return Err(TransportError::NoCertificate {
            path: certificate.into(),
        });
    }
    let key = PrivateKeyDer::from_pem_file(key).map_err(|source| TransportError::Key {
        path: key.into(),
        source,
    })?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(TransportError::Pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_TLS: TlsArgs = TlsArgs {
        tls_cert: None,
        tls_key: None,
        insecure: false,
    };

    fn check(address: &str, tls: &TlsArgs) -> Result<&'static str, String> {
        let address = address.parse().unwrap();
        Transport::for_addresses(&[("--listen", address)], tls)
            .map(|transport| transport.http_scheme())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn loopback_is_plain() {
        assert_eq!(check("127.0.0.1:0", &NO_TLS), Ok("http"));
        assert_eq!(check("[::1]:0", &NO_TLS), Ok("http"));
    }

    #[test]
    fn an_exposed_address_wants_tls_and_says_what_to_do() {
        let error = check("0.0.0.0:8080", &NO_TLS).unwrap_err();
        assert!(error.contains("--listen 0.0.0.0:8080"), "{error}");
        assert!(error.contains("--tls-cert"), "{error}");
        assert!(error.contains("--insecure"), "{error}");
    }

    #[test]
    fn insecure_is_believed() {
        let insecure = TlsArgs {
            insecure: true,
            ..NO_TLS
        };
        assert_eq!(check("0.0.0.0:8080", &insecure), Ok("http"));
    }

    #[test]
    fn a_missing_certificate_is_named() {
        let tls = TlsArgs {
            tls_cert: Some("/nowhere/cert.pem".into()),
            tls_key: Some("/nowhere/key.pem".into()),
            insecure: false,
        };
        let error = check("0.0.0.0:8080", &tls).unwrap_err();
        assert!(error.contains("/nowhere/cert.pem"), "{error}");
    }
}
