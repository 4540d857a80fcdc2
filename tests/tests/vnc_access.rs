//! Who gets into a VNC server, whom it is trusted to be, and what policy lets
//! pass.

use anyhow::Result;
use causeway_tests::session::desktop::button;
use causeway_tests::sshd::USERNAME;
use causeway_tests::vnc::Xtigervnc;
use causeway_wire::message::{Fault, Step};
use serde_json::json;

use crate::desktop_lab::{
    endpoint, fails, has_clipboard, is_the_same, launch, open_desktop, typed,
    vnc_credentials as credentials, vnc_password as password,
};
use crate::lab::lab;

#[tokio::test]
async fn a_wrong_password() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::start().await?;
    let wrong = json!({ "password": "marker-wrong" });
    endpoint(&stack, "vnc", server.address(), wrong).await?;
    let failure = fails(&stack).await?;
    assert_eq!(
        (&*failure.code, failure.step(), failure.fault()),
        ("auth_failed", Step::Authenticate, Fault::Configuration)
    );
    assert!(!format!("{failure:?}").contains("marker-wrong"));
    assert!(
        !stack.logs().contains("marker-wrong"),
        "a password is in a log"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_missing_is_asked_for() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::builder()
        .security_types("TLSPlain")
        .start()
        .await?;
    endpoint(&stack, "vnc", server.address(), json!({})).await?;
    let (_, mut viewer) = launch(&stack).await?;
    let request = viewer.request().await?;
    let echoes: Vec<_> = request.prompts.iter().map(|prompt| prompt.echo).collect();
    assert_eq!(
        echoes,
        [true, false],
        "a name, and a password that is not shown"
    );
    viewer.answer(&[USERNAME, password(&server)]).await?;
    is_the_same(&mut viewer, server.display()).await?;

    let (_, mut viewer) = launch(&stack).await?;
    viewer.request().await?;
    viewer.answer(&[USERNAME, "marker-wrong"]).await?;
    // Who mistypes may try again.
    viewer.request().await?;
    viewer.answer(&[USERNAME, password(&server)]).await?;
    is_the_same(&mut viewer, server.display()).await
}

#[tokio::test]
async fn a_certificate_is_trusted_at_first_and_refused_when_it_changed() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xtigervnc::builder()
        .security_types("X509Vnc")
        .start()
        .await?;
    open_desktop(&stack, "vnc", server.address(), credentials(&server)).await?;
    // Known by now, and the same.
    let (_, mut viewer) = launch(&stack).await?;
    viewer.next_frame().await?;
    server.restart_with_new_certificate().await?;
    let failure = fails(&stack).await?;
    assert_eq!(
        (&*failure.code, failure.step(), failure.fault()),
        ("certificate_changed", Step::VerifyHost, Fault::Target)
    );
    for fact in ["expected_fingerprint", "presented_fingerprint"] {
        assert!(failure.details[fact].starts_with("SHA256:"), "{failure:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_certificate_may_be_ignored() -> Result<()> {
    let stack = lab().await?;
    let mut server = Xtigervnc::builder()
        .security_types("X509Vnc")
        .start()
        .await?;
    let mut settings = credentials(&server);
    settings["ignore-cert"] = json!(true);
    open_desktop(&stack, "vnc", server.address(), settings).await?;
    server.restart_with_new_certificate().await?;
    let (_, mut viewer) = launch(&stack).await?;
    viewer.next_frame().await
}

#[tokio::test]
async fn what_may_not_be_copied_stays_where_it_is() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::start().await?;
    let mut settings = credentials(&server);
    settings["disable-copy"] = json!(true);
    settings["disable-paste"] = json!(true);
    let (_, mut viewer) = open_desktop(&stack, "vnc", server.address(), settings).await?;
    let policy = viewer.heard.welcome.as_ref().unwrap().data_policy.unwrap();
    assert!(!policy.copy_allowed && !policy.paste_allowed);
    let owner = server.display().copy("marker-from-target").await?;
    has_clipboard(server.display(), "marker-from-target").await?;
    viewer.offer_clipboard("marker-from-viewer").await?;
    viewer
        .wait_until("a notice", |viewer| !viewer.heard.notices.is_empty())
        .await?;
    // What is typed comes after what was copied; and it comes.
    viewer.type_on_desktop("typed").await?;
    typed(server.desk(), "typed").await?;
    has_clipboard(server.display(), "marker-from-target").await?;
    viewer.is_heard().await?;
    assert!(viewer.heard.clipboard.is_empty(), "{:?}", viewer.heard);
    drop(owner);
    Ok(())
}

#[tokio::test]
async fn who_may_only_watch_does_nothing() -> Result<()> {
    let stack = lab().await?;
    let server = Xtigervnc::start().await?;
    let mut settings = credentials(&server);
    settings["read-only"] = json!(true);
    let (_, mut viewer) = open_desktop(&stack, "vnc", server.address(), settings).await?;
    let before = server.display().pointer().await?;
    viewer.type_on_desktop("marker").await?;
    viewer.say("marker").await?;
    viewer.click(300, 300, button::LEFT).await?;
    viewer.offer_clipboard("marker").await?;
    viewer.is_heard().await?;
    // Something else moves the picture after all that.
    let window = ["search", "--name", "desk", "windowmove", "200", "150"];
    server.display().run("xdotool", &window).await?;
    let expected = server.display().at_rest().await?;
    // The server draws the pointer itself, since this viewer may not move it.
    viewer.shows_like(&expected, 0.999).await?;
    assert_eq!(server.desk().typed(), "");
    assert_eq!(server.display().pointer().await?, before);
    assert_eq!(server.display().clipboard().await?, None);
    Ok(())
}
