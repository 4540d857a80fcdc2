//! Against FreeRDP's shadow server: NLA with NTLM, the graphics pipeline.

mod support;

use anyhow::Result;
use causeway_target::desktop::DesktopCommand;
use causeway_target::failure::FailureCode;
use causeway_tests::rdp::{PASSWORD, Shadow, ShadowSecurity, USERNAME};
use causeway_wire::message::Fault;
use support::{Attempt, Viewer};

async fn settled(server: &Shadow, viewer: &mut Viewer) -> Result<()> {
    let there = server.display().at_rest().await?;
    viewer
        .shows("the server's own picture", |here| {
            here.ssim(&there).is_ok_and(|likeness| likeness > 0.95)
        })
        .await
}

async fn typed(server: &Shadow, text: &str) {
    let began = std::time::Instant::now();
    while !server.desk().typed().contains(text) {
        assert!(
            began.elapsed() < support::DEADLINE,
            "{:?}",
            server.desk().typed()
        );
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_behind_nla_is_seen_and_typed_on() -> Result<()> {
    let server = Shadow::start(1024, 768, ShadowSecurity::Nla).await?;
    let mut viewer = Attempt::to(server.address())
        .signing_in(USERNAME, PASSWORD)
        .with("security", "nla")
        .open()
        .await?;
    println!("open {:?}", viewer.opened_in);
    settled(&server, &mut viewer).await?;
    viewer.key("KeyO", "o").await;
    viewer.key("KeyK", "k").await;
    typed(&server, "ok").await;
    settled(&server, &mut viewer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_without_the_graphics_pipeline_is_seen() -> Result<()> {
    let server = Shadow::start(1024, 768, ShadowSecurity::Tls).await?;
    let mut viewer = Attempt::to(server.address())
        .with("disable-auth", "true")
        .with("disable-gfx", "true")
        .open()
        .await?;
    settled(&server, &mut viewer).await?;
    viewer.tell(DesktopCommand::Text("x".to_owned())).await;
    settled(&server, &mut viewer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_said_to_be_one() -> Result<()> {
    let server = Shadow::start(800, 600, ShadowSecurity::Nla).await?;
    let wrong = Attempt::to(server.address()).signing_in(USERNAME, "wrong");
    let (code, failure) = wrong.refused().await;
    assert_eq!(code, FailureCode::AuthFailed);
    assert!(!format!("{failure:?}").contains("wrong"), "{failure:?}");
    assert_eq!(failure.fault, Fault::Configuration);
    let typed = Attempt::to(server.address()).answering(&[USERNAME, "wrong"]);
    let (code, failure) = typed.refused().await;
    assert_eq!(
        (code, failure.fault),
        (FailureCode::AuthFailed, Fault::Viewer)
    );
    let nobody = Attempt::to(server.address()).signing_in("nobody", PASSWORD);
    assert_eq!(nobody.refused().await.0, FailureCode::AuthFailed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_demands_nla_says_so() -> Result<()> {
    let server = Shadow::start(800, 600, ShadowSecurity::Nla).await?;
    let tls = Attempt::to(server.address())
        .signing_in(USERNAME, PASSWORD)
        .with("security", "tls");
    assert_eq!(tls.refused().await.0, FailureCode::RdpNlaRequired);
    Ok(())
}
