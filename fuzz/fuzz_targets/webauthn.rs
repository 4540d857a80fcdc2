//! What browsers and authenticators answer: nothing panics, and a credential
//! that is taken can be kept and read again.
#![no_main]

use causeway_identity::text::Base64Url;
use causeway_identity::webauthn::{
    AssertionResponse, AttestationResponse, Credential, RegistrationResponse, RelyingParty,
    SignedResponse, UserVerification, assert, register,
};
use libfuzzer_sys::fuzz_target;

const CHALLENGE: [u8; 32] = [0; 32];
const CLIENT_DATA: &str = r#"{"type":"webauthn.TYPE","challenge":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","origin":"https://a.example"}"#;

fn client_data(ceremony: &str) -> Base64Url {
    Base64Url(CLIENT_DATA.replace("TYPE", ceremony).into_bytes())
}

/// What two bytes say the length of, and the rest.
fn part(bytes: &[u8]) -> (&[u8], &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else {
        return (bytes, &[]);
    };
    rest.split_at(usize::from(u16::from_be_bytes(*length)).min(rest.len()))
}

// Three parts: an attestation object or authenticator data; a credential's id
// or a signature; client data or a key.
fuzz_target!(|bytes: &[u8]| {
    let (first, rest) = part(bytes);
    let (second, third) = part(rest);
    let origins = ["https://a.example".to_owned()];
    let party = RelyingParty {
        id: "a.example",
        origins: &origins,
    };
    let registration = |client_data| RegistrationResponse {
        raw_id: Base64Url(second.to_vec()),
        response: AttestationResponse {
            client_data,
            attestation_object: Base64Url(first.to_vec()),
            transports: Vec::new(),
        },
    };
    let _ = register(&party, &CHALLENGE, &registration(Base64Url(third.to_vec())));
    if let Ok(credential) = register(&party, &CHALLENGE, &registration(client_data("create"))) {
        let kept = serde_json::to_string(&credential).unwrap();
        assert_eq!(
            serde_json::from_str::<Credential>(&kept).unwrap(),
            credential
        );
    }
    let credential = Credential {
        id: Base64Url(second.to_vec()),
        cose_key: Base64Url(third.to_vec()),
        sign_count: 0,
        transports: Vec::new(),
    };
    let answer = AssertionResponse {
        raw_id: Base64Url(second.to_vec()),
        response: SignedResponse {
            client_data: client_data("get"),
            authenticator_data: Base64Url(first.to_vec()),
            signature: Base64Url(second.to_vec()),
            user_handle: None,
        },
    };
    let _ = assert(
        &party,
        &CHALLENGE,
        &credential,
        &answer,
        UserVerification::Discouraged,
    );
});
