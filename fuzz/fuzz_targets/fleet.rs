//! What members and the control plane send each other: signatures of requests,
//! proofs of roles, bodies both ways, problem documents. Nothing panics, no
//! signature is taken, and what is understood is written and read again as the
//! same.
#![no_main]

use std::sync::LazyLock;

use causeway_fleet::{
    Claim, Claimed, EnrolRequest, Enrolled, Heartbeat, HeartbeatAnswer, Problem, Report,
    ReportAnswer, RoleProof,
};
use causeway_trust::{RequestSignature, SignedParts, SigningKey, VerifyingKey};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

static KEY: LazyLock<VerifyingKey> =
    LazyLock::new(|| SigningKey::generate().expect("a key").verifying_key());

fn body<T: DeserializeOwned + Serialize>(text: &str) {
    if let Ok(body) = serde_json::from_str::<T>(text) {
        let written = serde_json::to_string(&body).expect("it is JSON");
        let read = serde_json::from_str::<T>(&written).expect("as it was written");
        assert_eq!(serde_json::to_string(&read).expect("it is JSON"), written);
    }
}

fuzz_target!(|text: &str| {
    if let Ok(signature) = RequestSignature::parse(text) {
        let parts = SignedParts {
            method: "POST",
            path: "/api/v1/fleet/claim",
            body: text.as_bytes(),
        };
        let verified = signature.verify(&KEY, &parts, Timestamp::UNIX_EPOCH);
        assert!(verified.is_err());
    }
    if let Some(proof) = RoleProof::from_token(text) {
        assert_eq!(RoleProof::from_token(&proof.to_token()), Some(proof));
    }
    body::<EnrolRequest>(text);
    body::<Enrolled>(text);
    body::<Heartbeat>(text);
    body::<HeartbeatAnswer>(text);
    body::<Claim>(text);
    body::<Claimed>(text);
    body::<Report>(text);
    body::<ReportAnswer>(text);
    body::<Problem>(text);
});
