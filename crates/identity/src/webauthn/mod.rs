//! Passkeys and security keys: registration and assertion (Web Authentication
//! Level 2, sections 7.1 and 7.2).
//!
//! Attestation is not asked for and, where it comes anyway, not believed: the
//! key is taken as it is, and what kind of authenticator made it stays unknown.

mod authenticator_data;
mod cbor;
mod client_data;
mod cose;

pub use cose::ALGORITHMS;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::text::Base64Url;
use authenticator_data::AuthenticatorData;
use cbor::Reader;
use client_data::Ceremony;
use cose::PublicKey;

/// Length of a challenge in bytes.
pub const CHALLENGE_LENGTH: usize = 32;
/// Longest attestation object in bytes.
const ATTESTATION_LENGTH_MAX: usize = 64 * 1024;
/// Entries that an attestation object may have.
const ATTESTATION_ENTRIES_MAX: u64 = 8;

/// Who asks: a host name, and the origins of its pages.
#[derive(Debug, Clone, Copy)]
pub struct RelyingParty<'a> {
    /// The host name that credentials are bound to.
    pub id: &'a str,
    /// Origins that may answer: `https://causeway.example`.
    pub origins: &'a [String],
}

/// Why a credential or an assertion is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebauthnError {
    /// A part is not of its form.
    #[error("the {0} cannot be read")]
    Malformed(&'static str),
    /// An answer to a registration where an assertion was asked for, or the
    /// other way round.
    #[error("the answer is to another ceremony")]
    OtherCeremony,
    /// An answer to another challenge.
    #[error("the answer is to another challenge")]
    OtherChallenge,
    /// An answer from somebody else's page.
    #[error("the answer comes from another origin")]
    OtherOrigin,
    /// For another host name.
    #[error("the answer is for another host name")]
    OtherParty,
    /// Nobody touched the authenticator.
    #[error("nobody was present")]
    NotPresent,
    /// The authenticator did not check who its user is.
    #[error("the user was not verified")]
    NotVerified,
    /// Another credential than expected.
    #[error("the answer is another credential's")]
    OtherCredential,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// The counter did not grow: there may be a copy of the authenticator.
    #[error("the signature counter did not grow")]
    CounterWentBack,
}

/// What a browser answers to a registration (`RegistrationResponseJSON`).
#[derive(Debug, Clone, Deserialize)]
pub struct RegistrationResponse {
    /// The id of the new credential.
    #[serde(rename = "rawId")]
    pub raw_id: Base64Url,
    /// What the authenticator made.
    pub response: AttestationResponse,
}

/// The inner part of a [`RegistrationResponse`].
#[derive(Debug, Clone, Deserialize)]
pub struct AttestationResponse {
    /// What the browser says of the ceremony.
    #[serde(rename = "clientDataJSON")]
    pub client_data: Base64Url,
    /// What the authenticator says.
    #[serde(rename = "attestationObject")]
    pub attestation_object: Base64Url,
    /// How it can be reached.
    #[serde(default)]
    pub transports: Vec<String>,
}

/// What a browser answers to an assertion (`AuthenticationResponseJSON`).
#[derive(Debug, Clone, Deserialize)]
pub struct AssertionResponse {
    /// The id of the credential.
    #[serde(rename = "rawId")]
    pub raw_id: Base64Url,
    /// What the authenticator signed.
    pub response: SignedResponse,
}

/// The inner part of an [`AssertionResponse`].
#[derive(Debug, Clone, Deserialize)]
pub struct SignedResponse {
    /// What the browser says of the ceremony.
    #[serde(rename = "clientDataJSON")]
    pub client_data: Base64Url,
    /// What the authenticator says.
    #[serde(rename = "authenticatorData")]
    pub authenticator_data: Base64Url,
    /// Its signature over both.
    pub signature: Base64Url,
    /// Whose credential it says it is.
    #[serde(default, rename = "userHandle")]
    pub user_handle: Option<Base64Url>,
}

/// A credential as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id, drawn by the authenticator.
    pub id: Base64Url,
    /// Its public key as a COSE key.
    pub cose_key: Base64Url,
    /// The counter at its last use; 0 from an authenticator that has none.
    pub sign_count: u32,
    /// How it can be reached: `usb`, `internal`, `hybrid`, …
    #[serde(default)]
    pub transports: Vec<String>,
}

/// Whether the authenticator must check who its user is (PIN, fingerprint).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserVerification {
    /// It must: the credential is all that is asked for.
    Required,
    /// A touch is enough: the credential is a second factor.
    Discouraged,
}

/// What an assertion proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asserted {
    /// The counter, to be kept with the credential.
    pub sign_count: u32,
    /// Whether the authenticator checked who its user is (PIN, fingerprint).
    pub user_verified: bool,
}

/// Transports that are kept of a credential.
const TRANSPORTS: [&str; 6] = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

/// Takes a new credential (section 7.1).
///
/// # Errors
/// [`WebauthnError`].
pub fn register(
    party: &RelyingParty<'_>,
    challenge: &[u8],
    answer: &RegistrationResponse,
) -> Result<Credential, WebauthnError> {
    let response = &answer.response;
    client_data::check(party, Ceremony::Create, challenge, &response.client_data.0)?;
    let object = &response.attestation_object.0;
    let bytes =
        authenticator_data_of(object).ok_or(WebauthnError::Malformed("attestation object"))?;
    let data = parse(party, bytes)?;
    let credential = data
        .credential
        .ok_or(WebauthnError::Malformed("authenticator data"))?;
    if credential.id != answer.raw_id.0 {
        return Err(WebauthnError::OtherCredential);
    }
    let mut transports = response.transports.clone();
    transports.retain(|name| TRANSPORTS.contains(&name.as_str()));
    transports.sort();
    transports.dedup();
    Ok(Credential {
        id: Base64Url(credential.id.to_vec()),
        cose_key: Base64Url(credential.cose_key.to_vec()),
        sign_count: data.sign_count,
        transports,
    })
}

/// Checks an assertion of a credential (section 7.2).
///
/// # Errors
/// [`WebauthnError`].
pub fn assert(
    party: &RelyingParty<'_>,
    challenge: &[u8],
    credential: &Credential,
    answer: &AssertionResponse,
    verification: UserVerification,
) -> Result<Asserted, WebauthnError> {
    let response = &answer.response;
    if answer.raw_id != credential.id {
        return Err(WebauthnError::OtherCredential);
    }
    client_data::check(party, Ceremony::Get, challenge, &response.client_data.0)?;
    let data = parse(party, &response.authenticator_data.0)?;
    let key = PublicKey::read(&mut Reader::new(&credential.cose_key.0))
        .map_err(|_| WebauthnError::Malformed("kept key"))?;
    let mut message = response.authenticator_data.0.clone();
    message.extend_from_slice(sha256(&response.client_data.0).as_ref());
    if !key.verifies(&message, &response.signature.0) {
        return Err(WebauthnError::BadSignature);
    }
    if verification == UserVerification::Required && !data.user_verified() {
        return Err(WebauthnError::NotVerified);
    }
    let counts = data.sign_count != 0 || credential.sign_count != 0;
    if counts && data.sign_count <= credential.sign_count {
        return Err(WebauthnError::CounterWentBack);
    }
    Ok(Asserted {
        sign_count: data.sign_count,
        user_verified: data.user_verified(),
    })
}

/// What both ceremonies ask of an authenticator's data.
fn parse<'a>(
    party: &RelyingParty<'_>,
    bytes: &'a [u8],
) -> Result<AuthenticatorData<'a>, WebauthnError> {
    let data = AuthenticatorData::parse(bytes)
        .filter(AuthenticatorData::is_consistent)
        .ok_or(WebauthnError::Malformed("authenticator data"))?;
    if data.rp_id_hash != sha256(party.id.as_bytes()).as_ref() {
        return Err(WebauthnError::OtherParty);
    }
    if !data.user_present() {
        return Err(WebauthnError::NotPresent);
    }
    Ok(data)
}

/// `authData` of an attestation object: a map of `fmt`, `attStmt` and it
/// (section 6.5).
fn authenticator_data_of(object: &[u8]) -> Option<&[u8]> {
    if object.len() > ATTESTATION_LENGTH_MAX {
        return None;
    }
    let mut reader = Reader::new(object);
    let entries = reader.map().ok()?;
    if entries > ATTESTATION_ENTRIES_MAX {
        return None;
    }
    let mut data = None;
    for _ in 0..entries {
        match reader.text().ok()? {
            "authData" => data = Some(reader.bytes().ok()?),
            _ => reader.skip().ok()?,
        }
    }
    data.filter(|_| reader.rest().is_empty())
}

fn sha256(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA256, bytes)
}
