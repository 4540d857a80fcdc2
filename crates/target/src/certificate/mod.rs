//! Decides whether a target with a certificate is the machine that it should
//! be, and secures connections to it with TLS.
//!
//! In this order: `ignore-cert` trusts everything; fingerprints that the
//! settings pin are the only ones that count; what the node's platform trusts
//! for the target's name is trusted; a certificate that the control plane
//! remembers for the endpoint is the only other one; and where nothing is
//! remembered, the first one is trusted, once the control plane has it in
//! writing, unless the setting `cert-tofu` says no.
//!
//! What is remembered is the target's own certificate, not what signed it:
//! the certificates of VNC and RDP servers are mostly signed by themselves. A
//! renewed certificate with the same key is the same machine.

mod der;
mod platform;
mod signature;
mod tls;
mod verifier;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use causeway_fleet::HostKey;
use causeway_model::settings::{CertificatePin, CertificateSettings};
use causeway_wire::message::Step;

use crate::failure::{Failure, FailureCode};

pub use der::{public_key, public_key_info};
pub use tls::{HANDSHAKE_DEADLINE, secure};
pub use verifier::Judgement;

/// What a remembered certificate is called among an endpoint's host keys.
pub const ALGORITHM: &str = "x509";
/// Longest certificate that is remembered, in bytes of DER; more than any
/// sensible one, less than what the control plane takes.
pub const CERTIFICATE_BYTES_MAX: usize = 12 * 1024;

/// What is known of a target's certificate before the target is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificatePolicy {
    hostname: String,
    settings: CertificateSettings,
    remembered: Vec<HostKey>,
}

/// What a presented certificate means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the machine.
    Trusted,
    /// Nothing is known yet: remember this before any secret is told.
    FirstUse(HostKey),
    /// It is not the machine, or nothing says that it is.
    Refused(Refusal),
}

/// Why a certificate is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One of the `Certificate…` codes.
    pub code: FailureCode,
    /// Fingerprints that were expected.
    pub expected: Vec<String>,
    /// Fingerprint of what was presented.
    pub presented: String,
    /// Why the platform does not trust it, for the person.
    pub reason: Option<String>,
}

impl CertificatePolicy {
    /// The policy for the machine `hostname`, of whose remembered host keys
    /// only certificates count.
    #[must_use]
    pub fn new(hostname: &str, settings: CertificateSettings, remembered: &[HostKey]) -> Self {
        let certificates = remembered.iter().filter(|key| key.algorithm == ALGORITHM);
        Self {
            hostname: hostname.to_owned(),
            settings,
            remembered: certificates.cloned().collect(),
        }
    }

    /// Judges the certificate `leaf` (DER) that the target presented.
    /// `platform` says whether the platform trusts it for the target's name.
    pub fn judge(&self, leaf: &[u8], platform: impl FnOnce() -> Result<(), String>) -> Verdict {
        if self.settings.ignore {
            return Verdict::Trusted;
        }
        let presented = fingerprint(leaf);
        let refused = |code, expected, reason| {
            Verdict::Refused(Refusal {
                code,
                expected,
                presented: presented.clone(),
                reason,
            })
        };
        if !self.settings.pins.is_empty() {
            let pins = self.settings.pins.iter().map(CertificatePin::fingerprint);
            let pins: Vec<String> = pins.collect();
            if pins.contains(&presented) {
                return Verdict::Trusted;
            }
            return refused(FailureCode::CertificateMismatch, pins, None);
        }
        let reason = match platform() {
            Ok(()) => return Verdict::Trusted,
            Err(reason) => Some(reason),
        };
        if !self.settings.trust_on_first_use {
            return refused(FailureCode::CertificateUntrusted, Vec::new(), reason);
        }
        if self.remembered.is_empty() {
            if leaf.len() > CERTIFICATE_BYTES_MAX {
                let reason = Some("the certificate is too large to be remembered".to_owned());
                return refused(FailureCode::CertificateUntrusted, Vec::new(), reason);
            }
            return Verdict::FirstUse(describe(leaf));
        }
        if self.remembered.iter().any(|known| is_same(known, leaf)) {
            return Verdict::Trusted;
        }
        let known = self
            .remembered
            .iter()
            .map(|known| known.fingerprint.clone());
        refused(FailureCode::CertificateChanged, known.collect(), reason)
    }
}

impl Refusal {
    /// The failure, with both fingerprints.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let mut failure = Failure::new(self.code, Step::VerifyHost)
            .with("presented_fingerprint", &self.presented)
            .with("presented_algorithm", ALGORITHM);
        if !self.expected.is_empty() {
            failure = failure.with("expected_fingerprint", self.expected.join(" "));
        }
        match &self.reason {
            Some(reason) => failure.with("reason", reason),
            None => failure,
        }
    }
}

/// Whether what is remembered is this certificate, or another one of the same
/// key.
fn is_same(known: &HostKey, leaf: &[u8]) -> bool {
    let Ok(known) = STANDARD.decode(&known.key) else {
        return false;
    };
    known == leaf || public_key_info(&known).is_some_and(|key| Some(key) == public_key_info(leaf))
}

/// A certificate as the control plane remembers it.
#[must_use]
pub fn describe(leaf: &[u8]) -> HostKey {
    HostKey {
        algorithm: ALGORITHM.to_owned(),
        key: STANDARD.encode(leaf),
        fingerprint: fingerprint(leaf),
    }
}

/// `SHA256:` and the hash of a certificate's DER, base64 without padding.
fn fingerprint(leaf: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, leaf);
    format!("SHA256:{}", STANDARD_NO_PAD.encode(digest))
}

#[cfg(test)]
mod tests;
