//! Private keys in every form that people have, and user certificates.

use causeway_tests::sshd::{KeyForm, KeyKind, KeyPair, Sshd};
use causeway_wire::message::Fault;

use crate::support::{Answer, Setup};

const KINDS: [KeyKind; 5] = [
    KeyKind::Ed25519,
    KeyKind::EcdsaP256,
    KeyKind::EcdsaP384,
    KeyKind::EcdsaP521,
    KeyKind::Rsa,
];

async fn check(kind: KeyKind, form: KeyForm, passphrase: &str) {
    let key = KeyPair::generate_as(kind, form, passphrase).unwrap();
    let sshd = Sshd::builder()
        .authorize(key.public_text().unwrap())
        .start()
        .unwrap();
    let setup = Setup::sshd(&sshd)
        .set("private-key", key.private_text().unwrap())
        .set("passphrase", passphrase);
    let (_running, mut viewer) = setup.open().await;
    viewer.prompt().await;
}

#[tokio::test]
async fn openssh_keys_of_every_kind() {
    for kind in KINDS {
        check(kind, KeyForm::OpenSsh, "").await;
    }
}

#[tokio::test]
async fn encrypted_openssh_keys_of_every_kind() {
    for kind in KINDS {
        check(kind, KeyForm::OpenSsh, "open sesame").await;
    }
}

#[tokio::test]
async fn pem_keys_of_every_kind() {
    for kind in &KINDS[1..] {
        check(*kind, KeyForm::Pem, "").await;
        check(*kind, KeyForm::Pkcs8, "").await;
    }
}

#[tokio::test]
async fn encrypted_pem_keys_of_every_kind() {
    for kind in &KINDS[1..] {
        check(*kind, KeyForm::Pem, "open sesame").await;
        check(*kind, KeyForm::Pkcs8, "open sesame").await;
    }
}

#[tokio::test]
async fn a_wrong_passphrase_is_an_error_of_its_own() {
    for (kind, form) in [
        (KeyKind::Ed25519, KeyForm::OpenSsh),
        (KeyKind::Rsa, KeyForm::Pem),
        (KeyKind::EcdsaP256, KeyForm::Pkcs8),
    ] {
        let key = KeyPair::generate_as(kind, form, "open sesame").unwrap();
        let sshd = Sshd::builder()
            .authorize(key.public_text().unwrap())
            .start()
            .unwrap();
        let setup = Setup::sshd(&sshd)
            .set("private-key", key.private_text().unwrap())
            .set("passphrase", "wrong");
        let (_running, mut viewer) = setup.open().await;
        let failure = viewer.failure().await;
        assert_eq!(
            failure.code, "private_key_passphrase_wrong",
            "{kind:?} {form:?}"
        );
        assert_eq!(failure.fault(), Fault::Configuration);
    }
}

#[tokio::test]
async fn a_missing_passphrase_is_asked_for() {
    let key = KeyPair::generate_as(KeyKind::Ed25519, KeyForm::OpenSsh, "open sesame").unwrap();
    let sshd = Sshd::builder()
        .authorize(key.public_text().unwrap())
        .start()
        .unwrap();
    let setup = Setup::sshd(&sshd).set("private-key", key.private_text().unwrap());
    let (_running, mut viewer) = setup.open().await;
    let question = viewer.question().await;
    assert_eq!(question.prompts[0].label, "Passphrase");
    viewer
        .answer(&question, Answer::Texts(&["open sesame"]))
        .await;
    viewer.prompt().await;
}

#[tokio::test]
async fn a_key_that_cannot_be_read_is_an_error_of_its_own() {
    let sshd = Sshd::builder().authorize("").start().unwrap();
    let text = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    let (_running, mut viewer) = Setup::sshd(&sshd).set("private-key", text).open().await;
    assert_eq!(viewer.failure().await.code, "private_key_invalid");
}

#[tokio::test]
async fn a_key_that_the_target_does_not_know_is_refused() {
    let key = KeyPair::generate(KeyKind::Ed25519).unwrap();
    let sshd = Sshd::builder().authorize("").start().unwrap();
    let setup = Setup::sshd(&sshd).set("private-key", key.private_text().unwrap());
    let (_running, mut viewer) = setup.open().await;
    let failure = viewer.failure().await;
    assert_eq!(
        (failure.code.as_str(), failure.fault()),
        ("auth_failed", Fault::Configuration)
    );
}

#[tokio::test]
async fn a_user_certificate_lets_in_where_its_key_alone_would_not() {
    for kind in [KeyKind::Ed25519, KeyKind::EcdsaP256, KeyKind::Rsa] {
        let authority = KeyPair::generate(KeyKind::Ed25519).unwrap();
        let key = KeyPair::generate(kind).unwrap();
        let sshd = Sshd::builder()
            .user_ca(authority.public_text().unwrap())
            .start()
            .unwrap();
        let certificate = authority.certify(&key, sshd.username()).unwrap();
        let setup = Setup::sshd(&sshd)
            .set("private-key", key.private_text().unwrap())
            .set("public-key", certificate);
        let (_running, mut viewer) = setup.open().await;
        viewer.prompt().await;
    }
}

#[tokio::test]
async fn a_certificate_of_another_key_is_an_error_of_its_own() {
    let authority = KeyPair::generate(KeyKind::Ed25519).unwrap();
    let key = KeyPair::generate(KeyKind::Ed25519).unwrap();
    let other = KeyPair::generate(KeyKind::Ed25519).unwrap();
    let sshd = Sshd::builder()
        .user_ca(authority.public_text().unwrap())
        .start()
        .unwrap();
    let setup = Setup::sshd(&sshd)
        .set("private-key", key.private_text().unwrap())
        .set(
            "public-key",
            authority.certify(&other, sshd.username()).unwrap(),
        );
    let (_running, mut viewer) = setup.open().await;
    assert_eq!(viewer.failure().await.code, "certificate_invalid");
}
