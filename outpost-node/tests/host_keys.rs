//! Is it the machine?

use causeway_tests::sshd::{KeyKind, Sshd};
use causeway_wire::message::Step;

use crate::support::Setup;

#[tokio::test]
async fn the_first_key_is_reported_and_then_known() {
    let sshd = Sshd::with_password().unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    let keys = running.control_plane.host_keys();
    let [key] = keys.as_slice() else {
        panic!("{keys:?}")
    };
    assert_eq!(key.fingerprint, sshd.fingerprint(KeyKind::Ed25519).unwrap());
    assert_eq!(
        format!("{} {}", key.algorithm, key.key),
        sshd.host_public_key(KeyKind::Ed25519).unwrap()
    );

    let (running, mut viewer) = Setup::signed_in(&sshd).remembering(keys).open().await;
    viewer.prompt().await;
    assert_eq!(running.control_plane.host_keys(), []);
}

#[tokio::test]
async fn a_changed_key_is_refused_before_any_secret_is_told() {
    let sshd = Sshd::with_password().unwrap();
    let old = sshd.fingerprint(KeyKind::Ed25519).unwrap();
    let (running, mut viewer) = Setup::signed_in(&sshd).open().await;
    viewer.prompt().await;
    let keys = running.control_plane.host_keys();
    sshd.replace_host_key(KeyKind::Ed25519).unwrap();
    let new = sshd.fingerprint(KeyKind::Ed25519).unwrap();

    let (_running, mut viewer) = Setup::signed_in(&sshd).remembering(keys).open().await;
    let failure = viewer.failure().await;
    assert_eq!(failure.code, "host_key_changed");
    assert_eq!(failure.step(), Step::VerifyHost);
    assert_eq!(failure.details["expected_fingerprint"], old);
    assert_eq!(failure.details["presented_fingerprint"], new);
    assert_eq!(sshd.log().matches("Accepted password").count(), 1);
}

#[tokio::test]
async fn a_pinned_key_counts_and_no_other() {
    let sshd = Sshd::with_password().unwrap();
    let key = sshd.host_public_key(KeyKind::Ed25519).unwrap();
    let pinned = |pin: &str| Setup::signed_in(&sshd).set("host-key", pin);
    let (running, mut viewer) = pinned(&key).open().await;
    viewer.prompt().await;
    assert_eq!(running.control_plane.host_keys(), []);

    let (_running, mut viewer) = pinned(&sshd.fingerprint(KeyKind::Ed25519).unwrap())
        .open()
        .await;
    viewer.prompt().await;

    sshd.replace_host_key(KeyKind::Ed25519).unwrap();
    let (_running, mut viewer) = pinned(&key).open().await;
    assert_eq!(viewer.failure().await.code, "host_key_mismatch");
}

#[tokio::test]
async fn a_server_with_several_keys_shows_the_one_that_is_known() {
    let sshd = Sshd::builder()
        .password()
        .host_keys(&[KeyKind::Ed25519, KeyKind::EcdsaP256, KeyKind::Rsa])
        .start()
        .unwrap();
    for kind in [KeyKind::Rsa, KeyKind::EcdsaP256] {
        let pin = sshd.host_public_key(kind).unwrap();
        let (_running, mut viewer) = Setup::signed_in(&sshd).set("host-key", pin).open().await;
        viewer.prompt().await;
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_remembered_ends_the_attempt() {
    let sshd = Sshd::with_password().unwrap();
    for (answer, code) in [
        ("host_key_changed", "host_key_changed"),
        ("internal_error", "host_key_not_remembered"),
    ] {
        let setup = Setup::signed_in(&sshd).refusing_host_keys(answer);
        let (_running, mut viewer) = setup.open().await;
        assert_eq!(viewer.failure().await.code, code);
    }
    assert_eq!(sshd.log().matches("Accepted password").count(), 0);
}
