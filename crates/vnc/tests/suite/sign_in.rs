//! Ways of signing in, against TigerVNC and libvncserver.

use anyhow::{Context as _, Result};
use causeway_target::failure::FailureCode;
use causeway_tests::vnc::{PASSWORD, X11vnc, Xtigervnc};
use causeway_wire::message::Step;

use crate::support::{Opening, shows};

const ALL: [&str; 9] = [
    "None",
    "VncAuth",
    "Plain",
    "TLSNone",
    "TLSVnc",
    "TLSPlain",
    "X509None",
    "X509Vnc",
    "X509Plain",
];

fn password_of(kind: &str, server: &Xtigervnc) -> (String, String) {
    match server.account() {
        Some(account) if kind.contains("Plain") => (
            causeway_tests::sshd::USERNAME.to_owned(),
            account.password().to_owned(),
        ),
        _ => (String::new(), server.password().to_owned()),
    }
}

#[tokio::test]
async fn every_security_type_of_tigervnc_leads_to_its_picture() -> Result<()> {
    let server = Xtigervnc::builder()
        .security_types(&ALL.join(","))
        .start()
        .await?;
    for kind in ALL {
        let (username, password) = password_of(kind, &server);
        let desktop = Opening::at(server.address())
            .set("security-types", kind)
            .set("force-lossless", "true")
            .set("username", &username)
            .set("password", &password)
            .opens()
            .await
            .with_context(|| format!("{kind}: {}", server.last_words()))?;
        shows(&desktop, server.display()).await.context(kind)?;
        desktop.close().await;
    }
    Ok(())
}

#[tokio::test]
async fn old_versions_are_spoken() -> Result<()> {
    let server = Xtigervnc::builder()
        .argument("-Protocol3.3=1")
        .start()
        .await?;
    let desktop = Opening::at(server.address())
        .set("password", PASSWORD)
        .set("force-lossless", "true")
        .opens()
        .await?;
    shows(&desktop, server.display()).await
}

#[tokio::test]
async fn a_wrong_password_is_called_so() -> Result<()> {
    let server = Xtigervnc::builder()
        .security_types(&ALL.join(","))
        .start()
        .await?;
    for kind in ["VncAuth", "TLSVnc", "X509Vnc", "Plain", "TLSPlain"] {
        let failure = Opening::at(server.address())
            .set("security-types", kind)
            .set("username", "nobody")
            .set("password", "wrong")
            .fails(FailureCode::AuthFailed)
            .await;
        assert_eq!(failure.step, Step::Authenticate);
        assert!(!failure.details["reason"].is_empty(), "{kind}");
    }
    Ok(())
}

#[tokio::test]
async fn what_the_settings_lack_is_asked_for() -> Result<()> {
    let server = Xtigervnc::builder()
        .security_types("VncAuth,TLSPlain")
        .start()
        .await?;
    let account = server.account().unwrap();
    let opening = || Opening::at(server.address());

    let wrong = ["wrong", "wrong"];
    let (opened, heard) = opening()
        .answer(&wrong)
        .answer(&wrong)
        .answer(&wrong)
        .answer(&wrong)
        .open()
        .await;
    assert_eq!(opened.unwrap_err().code, FailureCode::AuthFailed);
    assert_eq!(heard.questions, vec![["User name", "Password"]; 3]);

    let (opened, heard) = opening()
        .answer(&[causeway_tests::sshd::USERNAME, "wrong"])
        .answer(&[causeway_tests::sshd::USERNAME, account.password()])
        .open()
        .await;
    opened?;
    assert_eq!(heard.questions.len(), 2);

    let (opened, heard) = opening()
        .set("security-types", "VncAuth")
        .answer(&[PASSWORD])
        .open()
        .await;
    opened?;
    assert_eq!(heard.questions, [["Password"]]);
    assert!(heard.steps.contains(&Step::Authenticate));

    opening().fails(FailureCode::AuthCancelled).await;
    Ok(())
}

#[tokio::test]
async fn types_that_are_not_allowed_are_never_taken() -> Result<()> {
    let server = Xtigervnc::builder()
        .security_types("None,VncAuth,TLSVnc")
        .start()
        .await?;
    let failure = Opening::at(server.address())
        .set("security-types", "X509Vnc")
        .set("password", PASSWORD)
        .fails(FailureCode::VncSecurityUnsupported)
        .await;
    assert!(failure.details["offered"].contains("TLSVnc"));
    let failure = Opening::at(server.address())
        .set("security-types", "RA2")
        .set("password", PASSWORD)
        .fails(FailureCode::VncSecurityUnsupported)
        .await;
    assert!(failure.details["offered"].contains("VncAuth"));
    Ok(())
}

#[tokio::test]
async fn libvncserver_is_understood() -> Result<()> {
    let server = X11vnc::start(800, 600).await?;
    let opening = || Opening::at(server.address()).set("force-lossless", "true");
    let desktop = opening().set("password", PASSWORD).opens().await?;
    shows(&desktop, server.display()).await?;
    opening()
        .set("password", "wrong")
        .fails(FailureCode::AuthFailed)
        .await;
    Ok(())
}
