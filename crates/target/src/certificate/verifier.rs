//! A policy as the verifier of a TLS handshake.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, IpAddr, Ipv4Addr, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, SignatureScheme};

use super::{CertificatePolicy, Verdict, signature};
use crate::failure::{Failure, FailureCode};
use causeway_wire::message::Step;

/// What a handshake found; known once it is over.
#[derive(Debug, Clone, Default)]
pub struct Judgement(Arc<OnceLock<Verdict>>);

impl Judgement {
    /// The verdict. Without one the target has shown no certificate.
    #[must_use]
    pub fn verdict(&self) -> Option<&Verdict> {
        self.0.get()
    }
}

impl CertificatePolicy {
    /// A configuration for one handshake, and where its verdict is found.
    ///
    /// The handshake itself fails when the verdict is [`Verdict::Refused`]. On
    /// [`Verdict::FirstUse`] it succeeds: it is for the caller to remember the
    /// certificate before any secret is told.
    ///
    /// # Errors
    /// When TLS cannot be set up at all.
    pub async fn client_config(&self) -> Result<(ClientConfig, Judgement), Failure> {
        self.client_config_over(super::platform::verifier().await)
    }

    pub(super) fn client_config_over(
        &self,
        platform: Option<Arc<WebPkiServerVerifier>>,
    ) -> Result<(ClientConfig, Judgement), Failure> {
        let judgement = Judgement::default();
        let provider = Arc::new(default_provider());
        let verifier = Verifier {
            policy: self.clone(),
            platform,
            provider: Arc::clone(&provider),
            judgement: judgement.clone(),
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::new(FailureCode::Internal, Step::Handshake).because(error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        // A resumed session shows no certificate to judge.
        config.resumption = Resumption::disabled();
        config.enable_sni = self.is_dns_name();
        Ok((config, judgement))
    }

    /// The target's name as TLS knows it. A name that is none in DNS is never
    /// sent and never matches a certificate.
    #[must_use]
    pub fn server_name(&self) -> ServerName<'static> {
        ServerName::try_from(self.hostname.clone())
            .unwrap_or(ServerName::IpAddress(IpAddr::V4(Ipv4Addr::from([0; 4]))))
    }

    fn is_dns_name(&self) -> bool {
        matches!(self.server_name(), ServerName::DnsName(_))
    }
}

struct Verifier {
    policy: CertificatePolicy,
    platform: Option<Arc<WebPkiServerVerifier>>,
    provider: Arc<CryptoProvider>,
    judgement: Judgement,
}

impl Verifier {
    /// The platform's own judgement, in words when it is bad.
    fn ask_platform(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<(), String> {
        let Some(platform) = &self.platform else {
            return Err("the outpost's platform has no trusted authorities".to_owned());
        };
        platform
            .verify_server_cert(leaf, intermediates, name, ocsp, now)
            .map(|_| ())
            .map_err(|error| words(&error))
    }

    /// Whoever decided to trust the certificate, the target must hold its key.
    fn check_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
        by_rustls: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        let error = match by_rustls {
            Ok(valid) => return Ok(valid),
            Err(error) => error,
        };
        if self.policy.settings.ignore || signature::is_valid(message, certificate, signed) {
            return Ok(HandshakeSignatureValid::assertion());
        }
        Err(error)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.policy.judge(end_entity, || {
            self.ask_platform(end_entity, intermediates, server_name, ocsp_response, now)
        });
        let verdict = self.judgement.0.get_or_init(|| verdict);
        match verdict {
            Verdict::Trusted | Verdict::FirstUse(_) => Ok(ServerCertVerified::assertion()),
            Verdict::Refused(_) => Err(Error::InvalidCertificate(
                CertificateError::ApplicationVerificationFailure,
            )),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let by_rustls = verify_tls12_signature(message, cert, dss, algorithms);
        self.check_signature(message, cert, dss, by_rustls)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let by_rustls = verify_tls13_signature(message, cert, dss, algorithms);
        self.check_signature(message, cert, dss, by_rustls)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

const UNKNOWN_ISSUER: &str =
    "it is signed by itself or by an authority that the outpost does not know";

/// Why the platform does not trust a certificate, for a person.
fn words(error: &Error) -> String {
    let Error::InvalidCertificate(error) = error else {
        return error.to_string();
    };
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet"
        }
        CertificateError::UnknownIssuer => UNKNOWN_ISSUER,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name than the target's"
        }
        CertificateError::Revoked => "it is revoked",
        // A certificate for signing others that is shown as a server's own,
        // as `openssl req -x509` makes them: webpki's error has no name here.
        CertificateError::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            UNKNOWN_ISSUER
        }
        other => return other.to_string(),
    }
    .to_owned()
}
