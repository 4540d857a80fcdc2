//! Decides whether a target is the machine that it should be.
//!
//! A key pinned by the setting `host-key` is the only one that counts; else
//! the keys that the control plane remembers for the endpoint; else the first
//! key seen is trusted, once the control plane has it in writing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causeway_fleet::HostKey;
use causeway_model::settings::PinnedHostKey;
use causeway_target::failure::{Failure, FailureCode};
use causeway_wire::message::Step;
use russh::keys::PublicKeyBase64 as _;
use russh::keys::ssh_key::{Algorithm, HashAlg, PublicKey};

/// What is known of a target before it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostKeyPolicy {
    /// Only these, from the setting `host-key`.
    Pinned(Vec<Pin>),
    /// Only these, remembered from before; never empty.
    Remembered(Vec<HostKey>),
    /// The first key seen is trusted and remembered.
    FirstUse,
}

/// One key that the settings name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// SSH name of the algorithm, when the setting tells the whole key.
    pub algorithm: Option<String>,
    /// `SHA256:…`
    pub fingerprint: String,
}

/// What a presented key means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is the machine.
    Trusted,
    /// Nothing is known yet: remember this key before any secret is told.
    FirstUse(HostKey),
    /// It is not the machine.
    Refused {
        /// [`FailureCode::HostKeyChanged`] or [`FailureCode::HostKeyMismatch`].
        code: FailureCode,
        /// Fingerprints that were expected.
        expected: Vec<String>,
        /// The key that was presented.
        presented: HostKey,
    },
}

impl HostKeyPolicy {
    /// Chooses what binds: the setting, what is remembered, or nothing yet.
    ///
    /// # Errors
    /// When a pin cannot be read: it must never be lost silently.
    pub fn new(pins: &[PinnedHostKey], remembered: Vec<HostKey>) -> Result<Self, Failure> {
        if !pins.is_empty() {
            return pins
                .iter()
                .map(read_pin)
                .collect::<Option<_>>()
                .map(Self::Pinned)
                .ok_or_else(|| Failure::new(FailureCode::HostKeyInvalid, Step::VerifyHost));
        }
        if remembered.is_empty() {
            return Ok(Self::FirstUse);
        }
        Ok(Self::Remembered(remembered))
    }

    /// Judges the key that the target presented and proved to hold.
    #[must_use]
    pub fn judge(&self, presented: &PublicKey) -> Verdict {
        let presented = describe(presented);
        let (code, expected): (_, Vec<&str>) = match self {
            Self::FirstUse => return Verdict::FirstUse(presented),
            Self::Pinned(pins) => (
                FailureCode::HostKeyMismatch,
                pins.iter().map(|pin| pin.fingerprint.as_str()).collect(),
            ),
            Self::Remembered(keys) => (
                FailureCode::HostKeyChanged,
                keys.iter().map(|key| key.fingerprint.as_str()).collect(),
            ),
        };
        if expected.contains(&presented.fingerprint.as_str()) {
            return Verdict::Trusted;
        }
        Verdict::Refused {
            code,
            expected: expected.into_iter().map(str::to_owned).collect(),
            presented,
        }
    }

    /// The host key algorithms to offer, best first: those of known keys come
    /// before all others, so that a target with several keys presents the one
    /// that is known.
    #[must_use]
    pub fn preferred_algorithms(&self, supported: &[Algorithm]) -> Vec<Algorithm> {
        let known: Vec<&str> = match self {
            Self::FirstUse => Vec::new(),
            Self::Pinned(pins) => pins
                .iter()
                .filter_map(|pin| pin.algorithm.as_deref())
                .collect(),
            Self::Remembered(keys) => keys.iter().map(|key| key.algorithm.as_str()).collect(),
        };
        let is_known = |algorithm: &&Algorithm| known.contains(&key_type(algorithm).as_str());
        let (mut first, then): (Vec<_>, Vec<_>) = supported.iter().partition(is_known);
        first.extend(then);
        first.into_iter().cloned().collect()
    }
}

impl Verdict {
    /// The failure of a refusal, with both fingerprints.
    #[must_use]
    pub fn failure(&self) -> Option<Failure> {
        let Self::Refused {
            code,
            expected,
            presented,
        } = self
        else {
            return None;
        };
        Some(
            Failure::new(*code, Step::VerifyHost)
                .with("expected_fingerprint", expected.join(" "))
                .with("presented_fingerprint", &presented.fingerprint)
                .with("presented_algorithm", &presented.algorithm),
        )
    }
}

/// The name in a key of this algorithm: RSA keys are all `ssh-rsa`, whatever
/// hash they sign with.
fn key_type(algorithm: &Algorithm) -> String {
    match algorithm {
        Algorithm::Rsa { .. } => Algorithm::Rsa { hash: None }.to_string(),
        other => other.to_string(),
    }
}

fn read_pin(pin: &PinnedHostKey) -> Option<Pin> {
    match pin {
        PinnedHostKey::Fingerprint(fingerprint) => Some(Pin {
            algorithm: None,
            fingerprint: fingerprint.clone(),
        }),
        PinnedHostKey::Key { base64, .. } => {
            let blob = STANDARD.decode(base64).ok()?;
            let key = describe(&russh::keys::key::parse_public_key(&blob).ok()?);
            Some(Pin {
                algorithm: Some(key.algorithm),
                fingerprint: key.fingerprint,
            })
        }
    }
}

/// A key as the control plane remembers it.
fn describe(key: &PublicKey) -> HostKey {
    HostKey {
        algorithm: key.algorithm().to_string(),
        key: key.public_key_base64(),
        fingerprint: key.fingerprint(HashAlg::Sha256).to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use russh::keys::ssh_key::EcdsaCurve;

    use super::*;

    const ED25519: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK2pr+Bfus1hvPof4Wb/plZCzSbqadHH0u+/f4ODtKnE";
    const OTHER: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    fn key(text: &str) -> PublicKey {
        PublicKey::from_openssh(text).unwrap()
    }

    fn pin(text: &str) -> PinnedHostKey {
        let (algorithm, base64) = text.split_once(' ').unwrap();
        PinnedHostKey::Key {
            algorithm: algorithm.to_owned(),
            base64: base64.to_owned(),
        }
    }

    fn policy(pins: &[PinnedHostKey], remembered: Vec<HostKey>) -> HostKeyPolicy {
        HostKeyPolicy::new(pins, remembered).unwrap()
    }

    #[test]
    fn a_pin_is_a_key_or_a_fingerprint() {
        let fingerprint = PinnedHostKey::Fingerprint(describe(&key(ED25519)).fingerprint);
        for pins in [
            vec![pin(ED25519)],
            vec![fingerprint],
            vec![pin(OTHER), pin(ED25519)],
        ] {
            let remembered = vec![describe(&key(OTHER))];
            let verdict = policy(&pins, remembered).judge(&key(ED25519));
            assert_eq!(verdict, Verdict::Trusted, "{pins:?}");
        }
    }

    #[test]
    fn a_pin_that_cannot_be_read_is_never_ignored() {
        let failure = HostKeyPolicy::new(&[pin("ssh-ed25519 AAAA")], vec![]).unwrap_err();
        assert_eq!(failure.code, FailureCode::HostKeyInvalid);
    }

    #[test]
    fn another_key_than_pinned_or_remembered_is_refused_with_both_fingerprints() {
        let known = describe(&key(ED25519));
        let other = describe(&key(OTHER));
        let remembered = policy(&[], vec![known.clone()]);
        assert_eq!(remembered.judge(&key(ED25519)), Verdict::Trusted);
        for (policy, code) in [
            (remembered, FailureCode::HostKeyChanged),
            (
                policy(&[pin(ED25519)], vec![]),
                FailureCode::HostKeyMismatch,
            ),
        ] {
            let failure = policy.judge(&key(OTHER)).failure().unwrap();
            assert_eq!(failure.code, code);
            assert_eq!(failure.details["expected_fingerprint"], known.fingerprint);
            assert_eq!(failure.details["presented_fingerprint"], other.fingerprint);
        }
    }

    #[test]
    fn the_first_key_is_to_be_remembered() {
        let Verdict::FirstUse(seen) = policy(&[], vec![]).judge(&key(ED25519)) else {
            panic!("not the first use");
        };
        assert_eq!(seen.algorithm, "ssh-ed25519");
        assert_eq!(format!("ssh-ed25519 {}", seen.key), ED25519);
        assert!(seen.fingerprint.starts_with("SHA256:"));
    }

    #[test]
    fn algorithms_of_known_keys_are_offered_first() {
        let rsa = |hash| Algorithm::Rsa { hash: Some(hash) };
        let ecdsa = Algorithm::Ecdsa {
            curve: EcdsaCurve::NistP256,
        };
        let supported = [
            Algorithm::Ed25519,
            ecdsa.clone(),
            rsa(HashAlg::Sha512),
            rsa(HashAlg::Sha256),
        ];
        let remembered = |algorithm: &str| {
            HostKeyPolicy::Remembered(vec![HostKey {
                algorithm: algorithm.to_owned(),
                fingerprint: String::new(),
                key: String::new(),
            }])
        };
        assert_eq!(
            remembered("ssh-rsa").preferred_algorithms(&supported),
            [
                rsa(HashAlg::Sha512),
                rsa(HashAlg::Sha256),
                Algorithm::Ed25519,
                ecdsa
            ]
        );
        assert_eq!(
            HostKeyPolicy::FirstUse.preferred_algorithms(&supported),
            supported
        );
    }
}
