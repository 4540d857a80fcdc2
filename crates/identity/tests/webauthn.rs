//! Registration and assertion, with an authenticator in software that can be
//! wrong about everything.
#![allow(clippy::unwrap_used, missing_docs, unreachable_pub)]

mod authenticator;

use authenticator::Authenticator;
use causeway_identity::text::base64url;
use causeway_identity::webauthn::{
    Credential, RelyingParty, UserVerification, WebauthnError, assert, register,
};
use serde_json::{Value, json};

const CHALLENGE: [u8; 32] = [7; 32];
const RP_ID: &str = "causeway.example";
const ORIGIN: &str = "https://causeway.example";

fn options() -> Value {
    json!({"challenge": base64url(CHALLENGE), "user": {"id": "AAAA"}})
}

fn origins() -> Vec<String> {
    vec![ORIGIN.to_owned()]
}

fn party(origins: &[String]) -> RelyingParty<'_> {
    RelyingParty { id: RP_ID, origins }
}

fn registered(authenticator: &mut Authenticator) -> Result<Credential, WebauthnError> {
    let answer = authenticator.create(&options());
    let answer = serde_json::from_value(answer).unwrap();
    register(&party(&origins()), &CHALLENGE, &answer)
}

fn asserted(
    authenticator: &mut Authenticator,
    credential: &Credential,
    verification: UserVerification,
) -> Result<u32, WebauthnError> {
    let answer = serde_json::from_value(authenticator.assert(&options())).unwrap();
    let asserted = assert(
        &party(&origins()),
        &CHALLENGE,
        credential,
        &answer,
        verification,
    )?;
    Ok(asserted.sign_count)
}

#[test]
fn a_credential_is_registered_and_used() {
    let mut authenticator = Authenticator::new(RP_ID, ORIGIN);
    let credential = registered(&mut authenticator).unwrap();
    assert_eq!(credential.id.0, authenticator.id);
    assert_eq!(credential.transports, ["internal"]);
    let used = asserted(&mut authenticator, &credential, UserVerification::Required);
    assert_eq!(used, Ok(0));
    let kept = serde_json::to_string(&credential).unwrap();
    let read: Credential = serde_json::from_str(&kept).unwrap();
    assert_eq!(read, credential);
}

#[test]
fn what_is_wrong_with_an_answer_is_found() {
    type Tamper = fn(&mut Authenticator);
    let cases: [(Tamper, WebauthnError); 7] = [
        (
            |a| a.rp_id = "evil.example".to_owned(),
            WebauthnError::OtherParty,
        ),
        (
            |a| a.origin = "https://evil.example".to_owned(),
            WebauthnError::OtherOrigin,
        ),
        (
            |a| a.origin = format!("{ORIGIN}:8443"),
            WebauthnError::OtherOrigin,
        ),
        (|a| a.cross_origin = true, WebauthnError::OtherOrigin),
        (
            |a| a.ceremony = Some("payment.get"),
            WebauthnError::Malformed("client data"),
        ),
        (Authenticator::without_presence, WebauthnError::NotPresent),
        // Backed up without being able to be.
        (
            |a| a.flags |= 1 << 4,
            WebauthnError::Malformed("authenticator data"),
        ),
    ];
    for (tamper, error) in cases {
        let mut fresh = Authenticator::new(RP_ID, ORIGIN);
        tamper(&mut fresh);
        assert_eq!(registered(&mut fresh), Err(error));
        let mut known = Authenticator::new(RP_ID, ORIGIN);
        let credential = registered(&mut known).unwrap();
        tamper(&mut known);
        let used = asserted(&mut known, &credential, UserVerification::Discouraged);
        assert_eq!(used, Err(error));
    }
}

#[test]
fn ceremonies_and_challenges_are_not_mixed_up() {
    let mut authenticator = Authenticator::new(RP_ID, ORIGIN);
    let credential = registered(&mut authenticator).unwrap();
    authenticator.ceremony = Some("webauthn.create");
    let used = asserted(&mut authenticator, &credential, UserVerification::Required);
    assert_eq!(used, Err(WebauthnError::OtherCeremony));
    authenticator.ceremony = None;
    let answer = serde_json::from_value(authenticator.assert(&options())).unwrap();
    let other = [8; 32];
    let used = assert(
        &party(&origins()),
        &other,
        &credential,
        &answer,
        UserVerification::Required,
    );
    assert_eq!(used, Err(WebauthnError::OtherChallenge));
}

#[test]
fn a_signature_is_one_credentials_own() {
    let mut mine = Authenticator::new(RP_ID, ORIGIN);
    let mut theirs = Authenticator::new(RP_ID, ORIGIN);
    let credential = registered(&mut mine).unwrap();
    registered(&mut theirs).unwrap();
    let used = asserted(&mut theirs, &credential, UserVerification::Required);
    assert_eq!(used, Err(WebauthnError::OtherCredential));
    theirs.id.clone_from(&mine.id);
    let used = asserted(&mut theirs, &credential, UserVerification::Required);
    assert_eq!(used, Err(WebauthnError::BadSignature));
}

#[test]
fn who_must_be_verified_is() {
    let mut authenticator = Authenticator::new(RP_ID, ORIGIN);
    let credential = registered(&mut authenticator).unwrap();
    authenticator.without_verification();
    let used = asserted(&mut authenticator, &credential, UserVerification::Required);
    assert_eq!(used, Err(WebauthnError::NotVerified));
    let used = asserted(
        &mut authenticator,
        &credential,
        UserVerification::Discouraged,
    );
    assert_eq!(used, Ok(0));
}

#[test]
fn a_counter_only_grows() {
    let mut authenticator = Authenticator::new(RP_ID, ORIGIN);
    authenticator.sign_count = 5;
    let mut credential = registered(&mut authenticator).unwrap();
    for (count, expected) in [
        (5, Err(WebauthnError::CounterWentBack)),
        (4, Err(WebauthnError::CounterWentBack)),
        (0, Err(WebauthnError::CounterWentBack)),
        (6, Ok(6)),
    ] {
        authenticator.sign_count = count;
        let used = asserted(&mut authenticator, &credential, UserVerification::Required);
        assert_eq!(used, expected, "{count}");
    }
    credential.sign_count = 6;
    authenticator.sign_count = 6;
    let used = asserted(&mut authenticator, &credential, UserVerification::Required);
    assert_eq!(used, Err(WebauthnError::CounterWentBack));
}

/// Every byte of an attestation object turned over: never a panic, and never
/// another credential than the one that was made.
#[test]
fn damaged_attestations_never_panic() {
    let mut authenticator = Authenticator::new(RP_ID, ORIGIN);
    let whole = authenticator.create(&options());
    let text = whole["response"]["attestationObject"].as_str().unwrap();
    let bytes = causeway_identity::text::from_base64url(text).unwrap();
    for index in 0..bytes.len() {
        for damaged in [flip(&bytes, index), bytes[..index].to_vec()] {
            let mut answer = whole.clone();
            answer["response"]["attestationObject"] = json!(base64url(damaged));
            let answer = serde_json::from_value(answer).unwrap();
            if let Ok(credential) = register(&party(&origins()), &CHALLENGE, &answer) {
                assert_eq!(credential.id.0, authenticator.id);
            }
        }
    }
}

fn flip(bytes: &[u8], index: usize) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    damaged[index] ^= 0xff;
    damaged
}
