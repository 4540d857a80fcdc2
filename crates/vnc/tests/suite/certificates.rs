//! Certificates of TigerVNC: pinned, remembered, changed.

use anyhow::Result;
use causeway_target::failure::FailureCode;
use causeway_tests::vnc::{PASSWORD, Xtigervnc};
use causeway_wire::message::Step;

use crate::support::Opening;

async fn server() -> Result<Xtigervnc> {
    Xtigervnc::builder()
        .security_types("VncAuth,TLSVnc,X509Vnc")
        .start()
        .await
}

fn opening(server: &Xtigervnc) -> Opening {
    Opening::at(server.address()).set("password", PASSWORD)
}

#[tokio::test]
async fn the_first_certificate_is_remembered_and_a_changed_one_is_refused() -> Result<()> {
    let mut server = server().await?;
    let (opened, heard) = opening(&server).open().await;
    opened?;
    let [key] = heard.keys.as_slice() else {
        panic!("not one key: {heard:?}");
    };
    assert_eq!(key.algorithm, "x509");
    let told = heard
        .steps
        .iter()
        .position(|step| *step == Step::VerifyHost);
    assert!(told.is_some_and(|at| heard.steps[at..].contains(&Step::Open)));

    let (opened, heard_again) = opening(&server).remembered(&heard.keys).open().await;
    opened?;
    assert!(heard_again.keys.is_empty());

    server.restart_with_new_certificate().await?;
    let failure = opening(&server)
        .remembered(&heard.keys)
        .fails(FailureCode::CertificateChanged)
        .await;
    assert_eq!(failure.details["expected_fingerprint"], key.fingerprint);
    assert_ne!(failure.details["presented_fingerprint"], key.fingerprint);

    // Nothing falls back to a weaker type then, but the setting may say so.
    opening(&server)
        .remembered(&heard.keys)
        .set("security-types", "TLSVnc")
        .opens()
        .await?;
    opening(&server)
        .remembered(&heard.keys)
        .set("ignore-cert", "true")
        .opens()
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_certificate_that_cannot_be_remembered_is_told_no_secret() -> Result<()> {
    let server = server().await?;
    opening(&server)
        .forgetful()
        .fails(FailureCode::CertificateNotRemembered)
        .await;
    let failure = opening(&server)
        .set("cert-tofu", "false")
        .fails(FailureCode::CertificateUntrusted)
        .await;
    assert!(failure.details["reason"].contains("signed by itself"));
    Ok(())
}

#[tokio::test]
async fn a_pinned_certificate_is_the_only_one() -> Result<()> {
    let mut server = server().await?;
    let pin = server.certificate().sha256_hex()?;
    let pinned = |server: &Xtigervnc| opening(server).set("cert-fingerprints", &pin);
    let (opened, heard) = pinned(&server).open().await;
    opened?;
    assert!(heard.keys.is_empty());
    server.restart_with_new_certificate().await?;
    pinned(&server)
        .fails(FailureCode::CertificateMismatch)
        .await;
    Ok(())
}
