#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use causeway_model::settings::{CertificatePin, CertificateSettings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::platform::of_roots;
use super::*;

const NAME: &str = "web-01.example";

struct Server {
    certificate: CertificateDer<'static>,
    key: KeyPair,
}

fn self_signed() -> Server {
    of_key(KeyPair::generate().unwrap())
}

fn of_key(key: KeyPair) -> Server {
    let params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().der().clone();
    Server { certificate, key }
}

fn signed_by_authority() -> (Server, RootCertStore) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![NAME.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap().der().clone();
    let mut roots = RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    (Server { certificate, key }, roots)
}

fn first_use() -> CertificateSettings {
    CertificateSettings {
        trust_on_first_use: true,
        ..CertificateSettings::default()
    }
}

fn policy(
    hostname: &str,
    settings: CertificateSettings,
    remembered: &[HostKey],
) -> CertificatePolicy {
    CertificatePolicy::new(hostname, settings, remembered)
}

/// Shakes hands in memory; the verdict, and whether the handshake succeeded.
async fn shake(
    server: &Server,
    policy: &CertificatePolicy,
    roots: RootCertStore,
) -> (Verdict, bool) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::Pkcs8(server.key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![server.certificate.clone()], key)
        .unwrap();
    let (ours, theirs) = tokio::io::duplex(64 * 1024);
    let (config_ours, judgement) = policy.client_config_over(of_roots(roots)).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let connector = TlsConnector::from(Arc::new(config_ours));
    let (result, _) = tokio::join!(
        connector.connect(policy.server_name(), ours),
        acceptor.accept(theirs)
    );
    (judgement.verdict().unwrap().clone(), result.is_ok())
}

async fn check(
    server: &Server,
    policy: &CertificatePolicy,
    roots: RootCertStore,
    expected: Result<(), FailureCode>,
) -> Verdict {
    let (verdict, shaken) = shake(server, policy, roots).await;
    let found = match &verdict {
        Verdict::Trusted | Verdict::FirstUse(_) => Ok(()),
        Verdict::Refused(refusal) => Err(refusal.code),
    };
    assert_eq!(found, expected, "{verdict:?}");
    assert_eq!(shaken, expected.is_ok());
    verdict
}

#[tokio::test]
async fn what_the_platform_trusts_is_trusted_for_the_right_name_only() {
    let (server, roots) = signed_by_authority();
    let untrusting = CertificateSettings::default;
    let right = policy(NAME, untrusting(), &[]);
    check(&server, &right, roots.clone(), Ok(())).await;
    let other = policy("web-02.example", untrusting(), &[]);
    let refused = Err(FailureCode::CertificateUntrusted);
    let Verdict::Refused(refusal) = check(&server, &other, roots.clone(), refused).await else {
        panic!("not refused");
    };
    let failure = refusal.failure();
    assert!(failure.details["reason"].contains("another name"));
    assert!(failure.details["presented_fingerprint"].starts_with("SHA256:"));
    let unknown = RootCertStore::empty();
    check(&server, &right, unknown, refused).await;
    // What was remembered before the authority signed does not count then.
    let before = describe(&self_signed().certificate);
    let renewed = policy(NAME, first_use(), &[before]);
    check(&server, &renewed, roots, Ok(())).await;
}

#[tokio::test]
async fn the_first_certificate_is_to_be_remembered_and_no_other_is_taken_then() {
    let server = self_signed();
    let none = RootCertStore::empty;
    let first = policy(NAME, first_use(), &[]);
    let Verdict::FirstUse(seen) = check(&server, &first, none(), Ok(())).await else {
        panic!("not the first use");
    };
    assert_eq!(seen.algorithm, ALGORITHM);

    let ssh = HostKey {
        algorithm: "ssh-ed25519".to_owned(),
        key: "AAAA".to_owned(),
        fingerprint: "SHA256:AAAA".to_owned(),
    };
    let known = policy(NAME, first_use(), &[ssh, seen.clone()]);
    let verdict = check(&server, &known, none(), Ok(())).await;
    assert_eq!(verdict, Verdict::Trusted);

    let other = self_signed();
    let changed = Err(FailureCode::CertificateChanged);
    let Verdict::Refused(refusal) = check(&other, &known, none(), changed).await else {
        panic!("not refused");
    };
    let failure = refusal.failure();
    assert_eq!(failure.details["expected_fingerprint"], seen.fingerprint);
    assert_eq!(
        failure.details["presented_fingerprint"],
        fingerprint(&other.certificate)
    );

    let renewed = of_key(server.key);
    assert_ne!(renewed.certificate, server.certificate);
    check(&renewed, &known, none(), Ok(())).await;
}

#[tokio::test]
async fn a_pin_is_all_that_counts() {
    let (server, roots) = signed_by_authority();
    let pin =
        |server: &Server| vec![CertificatePin::parse(&fingerprint(&server.certificate)).unwrap()];
    let pinned = |pins| CertificateSettings {
        pins,
        ..first_use()
    };
    let right = policy("elsewhere", pinned(pin(&server)), &[]);
    check(&server, &right, RootCertStore::empty(), Ok(())).await;
    let wrong = policy(
        NAME,
        pinned(pin(&self_signed())),
        &[describe(&server.certificate)],
    );
    let refused = Err(FailureCode::CertificateMismatch);
    check(&server, &wrong, roots, refused).await;
}

#[tokio::test]
async fn ignoring_trusts_anything_and_nothing_else_does() {
    let server = self_signed();
    let none = RootCertStore::empty;
    let ignoring = CertificateSettings {
        ignore: true,
        ..CertificateSettings::default()
    };
    // An odd name of the target is no obstacle.
    check(&server, &policy("web 01", ignoring, &[]), none(), Ok(())).await;
    let refused = Err(FailureCode::CertificateUntrusted);
    let strict = policy(
        NAME,
        CertificateSettings::default(),
        &[describe(&server.certificate)],
    );
    check(&server, &strict, none(), refused).await;
}

#[test]
fn a_certificate_too_large_to_remember_is_not_trusted() {
    let verdict = policy(NAME, first_use(), &[])
        .judge(&vec![0; CERTIFICATE_BYTES_MAX + 1], || Err(String::new()));
    assert!(
        matches!(verdict, Verdict::Refused(refusal) if refusal.code == FailureCode::CertificateUntrusted)
    );
}
