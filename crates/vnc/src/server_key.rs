//! Whether the RSA key of RA2 is the server's: judged as a certificate is,
//! but that no authority ever vouches for it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use causeway_fleet::HostKey;
use causeway_model::settings::{CertificatePin, CertificateSettings};
use causeway_rfb::security::ServerKey;
use causeway_target::failure::{Failure, FailureCode};
use causeway_target::opening::{OpenEvent, begin, remember};
use causeway_wire::message::Step;
use tokio::sync::mpsc;

/// What a remembered key is called among an endpoint's host keys.
const ALGORITHM: &str = "ra2-rsa";

/// Has the key remembered when it is seen for the first time.
///
/// # Errors
/// When it is another one than pinned or remembered, and when nothing is known
/// and nothing may be remembered.
pub(crate) async fn verify(
    key: &ServerKey,
    settings: &CertificateSettings,
    remembered: &[HostKey],
    events: &mpsc::Sender<OpenEvent>,
) -> Result<(), Failure> {
    begin(events, Step::VerifyHost).await;
    if settings.ignore {
        return Ok(());
    }
    let presented = describe(key);
    let refused = |code, expected: &[String]| {
        let failure = Failure::new(code, Step::VerifyHost)
            .with("presented_fingerprint", &presented.fingerprint)
            .with("presented_algorithm", ALGORITHM);
        if expected.is_empty() {
            return failure;
        }
        failure.with("expected_fingerprint", expected.join(" "))
    };
    if !settings.pins.is_empty() {
        let pins = settings.pins.iter().map(CertificatePin::fingerprint);
        let pins: Vec<String> = pins.collect();
        if pins.contains(&presented.fingerprint) {
            return Ok(());
        }
        return Err(refused(FailureCode::HostKeyMismatch, &pins));
    }
    if !settings.trust_on_first_use {
        return Err(refused(FailureCode::CertificateUntrusted, &[]));
    }
    let known = remembered
        .iter()
        .filter(|known| known.algorithm == ALGORITHM);
    let known: Vec<String> = known.map(|known| known.fingerprint.clone()).collect();
    if known.is_empty() {
        return remember(events, presented).await;
    }
    if known.contains(&presented.fingerprint) {
        return Ok(());
    }
    Err(refused(FailureCode::HostKeyChanged, &known))
}

/// A key as the control plane remembers it.
fn describe(key: &ServerKey) -> HostKey {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, key.as_bytes());
    HostKey {
        algorithm: ALGORITHM.to_owned(),
        key: STANDARD.encode(key.as_bytes()),
        fingerprint: format!("SHA256:{}", STANDARD_NO_PAD.encode(digest)),
    }
}
